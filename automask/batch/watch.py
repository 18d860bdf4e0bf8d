"""Folders that are watched: pictures are taken when they have stopped growing.

It looks again and again, which works on every disk: the notices of the system do not come from
network disks, and are lost in great number. A look costs a `stat` a file; the pauses grow with it.
"""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TypeAlias

from automask.batch.addresses import is_address
from automask.batch.inputs import STDIN, Inputs, root_of
from automask.batch.items import Item
from automask.batch.plan import header_of
from automask.errors import ArgumentError, ImageError
from automask.images import sources

SETTLE_S = 2.0
PATIENCE = 30  # times the settling, for a file that stands still and is not whole
LEAST_PAUSE_S, MOST_PAUSE_S = 0.2, 60.0
SHARE = 0.1  # of one core that looking may take

Signature: TypeAlias = tuple[int, int, int]  # size in bytes, time of change in ns, inode


@dataclass
class Watch:
    """Finds the pictures among `words` that are new, or changed, and whole.

    A file is ready when its size and time have been the same for `settle_s`, or were so when it
    came, as those of a file that was moved here. One that was written lately has to be a whole
    picture as well: a copy that stands still for a while is waited for, but not for ever.

    Parameters
    ----------
    words : sequence of str
        Folders, with what is below them; patterns; files.
    out : Path
        Where the batch writes.
    settle_s : float

    Raises
    ------
    ArgumentError
        If a word is not there, or cannot be watched.
    """

    words: Sequence[str]
    out: Path
    settle_s: float = SETTLE_S
    root: str = field(init=False)
    pause_s: float = field(default=LEAST_PAUSE_S, init=False)
    _taken: dict[str, Signature] = field(default_factory=dict, init=False)
    _waiting: dict[str, tuple[Signature, float]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for word in self.words:
            if word == STDIN or is_address(word):
                raise ArgumentError(f"{word} cannot be watched; give a folder or a pattern.")
            if not (glob.has_magic(word) or os.path.lexists(word)):
                raise ArgumentError(f"{word} is not there to be watched; make the folder first.")
        self.root = root_of(self.words)
        for word in self.words:
            next(self._of(word), None)  # what cannot be an input is said at once

    def rounds(self, stopping: Event) -> Iterator[list[Item]]:
        """The pictures that are ready, whenever there are some, until `stopping` is set."""
        while not stopping.is_set():
            if ready := self.look():
                yield ready
            else:
                stopping.wait(self.pause_s)

    def look(self) -> list[Item]:
        """The pictures that became ready since the last look."""
        started_s = time.monotonic()
        taken: dict[str, Signature] = {}
        waiting: dict[str, tuple[Signature, float]] = {}
        ready = []
        for word in self.words:
            for item in self._of(word):
                path = item.image
                now = _signature(path)
                if now is None or path in taken or path in waiting:
                    continue
                if now == self._taken.get(path):
                    taken[path] = now
                elif self._is_settled(path, now):
                    taken[path] = now
                    ready.append(item)
                else:
                    waiting[path] = self._since(path, now)
        self._taken, self._waiting = taken, waiting
        took_s = time.monotonic() - started_s
        least_s = min(self.settle_s / 2, 1.0) if waiting else 1.0
        self.pause_s = min(max(took_s / SHARE, least_s, LEAST_PAUSE_S), MOST_PAUSE_S)
        return ready

    def _of(self, word: str) -> Iterator[Item]:
        """The pictures that `word` names now; none where it is gone for a while."""
        if os.path.lexists(word) or (glob.has_magic(word) and glob.glob(word, recursive=True)):  # noqa: PTH207
            yield from Inputs([word], self.out, root=self.root).items()

    def _since(self, path: str, now: Signature) -> tuple[Signature, float]:
        before = self._waiting.get(path)
        return before if before and before[0] == now else (now, time.monotonic())

    def _is_settled(self, path: str, now: Signature) -> bool:
        lately_s = PATIENCE * self.settle_s
        age_s = time.time() - now[1] / 1e9
        came_s = self._since(path, now)[1]
        still_s = time.monotonic() - came_s
        if still_s > lately_s or (age_s > lately_s and path not in self._waiting):
            return True
        # A clock that goes wrong, here or on a file server, makes files young; then it is seen.
        stands = still_s >= self.settle_s or (age_s >= self.settle_s and path not in self._waiting)
        return stands and _is_whole(path)


def _signature(path: str) -> Signature | None:
    try:
        told = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return told.st_size, told.st_mtime_ns, told.st_ino


def _is_whole(path: str) -> bool:
    try:
        header_of(sources.read(path), path)
    except ImageError:
        return False
    return True
