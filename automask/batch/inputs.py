"""The pictures that the words of a command line name: files, folders, globs, lists, addresses.

Each gets its place in the output tree below the inputs' common folder, so that nothing is
flattened. A folder gives the pictures in it and below it. Left out are hidden files and folders,
files that do not end like a picture, what the batch itself writes, and what another batch wrote to
a folder further down. A file that is named itself is taken whatever it ends in. A folder that
cannot be looked into stands among the pictures by its own name, so that it fails like one of them
and stops none of the others.
"""

# os.path takes a name as it is typed; Path would change "./x" and "dir/".
# ruff: noqa: PTH100, PTH112, PTH114, PTH118, PTH119, PTH120, PTH207

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from automask.batch.addresses import Names, is_address, is_picture
from automask.batch.items import Item
from automask.batch.layouts import LAYOUTS
from automask.batch.places import KINDS, LEDGER
from automask.errors import ArgumentError
from automask.images import sources, stores

STDIN = "-"
OWN = frozenset((*KINDS, *LAYOUTS))
"""The folders in its own that a batch writes to."""


@dataclass
class Inputs:
    """The words of a command line that name pictures.

    Parameters
    ----------
    words : sequence of str
        Files, folders, globs, addresses; "-" for a list on the standard input, one on each line.
    leave_out : str or Path
        The folder or address where the batch writes: what it wrote there is no input of it.
    tell : callable, optional
        Called with each file or folder that is left out, and why.
    root : str
        The folder from which the places of local pictures are counted; their common one when left
        out, as soon as it is known.

    Raises
    ------
    ArgumentError
        If a word names nothing, or what the batch itself writes.
    """

    words: Sequence[str]
    leave_out: str | Path
    tell: Callable[[str, str], None] | None = None
    root: str = ""
    _out: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        self._out = os.path.realpath(self.leave_out)

    def items(self) -> Iterator[Item]:
        """The pictures, folder by folder in the order of their names."""
        words = [str(sources.plain(word)) for word in self._words()]
        local = [word for word in words if not is_address(word)]
        self.root = self.root or root_of(local)
        names = Names([word for word in words if is_address(word)], beside_files=bool(local))
        for word in words:
            if is_address(word):
                yield from (Item(names.of(one), one) for one in self._remote(word))
                continue
            for path in self._paths(word):
                whole = os.path.abspath(path)
                yield Item(_below(whole, self.root).replace(os.sep, "/"), whole)

    def _remote(self, address: str) -> Iterator[str]:
        if not stores.is_stored(address):
            yield address
            return
        yield from stores.found(address, is_picture, str(self.leave_out))

    def _words(self) -> Iterator[str]:
        for word in self.words:
            if word != STDIN:
                if not word:
                    raise ArgumentError("An empty INPUT names nothing; give a file or a folder.")
                yield word
                continue
            if sys.stdin is None or sys.stdin.isatty():
                raise ArgumentError("- reads a list from the standard input; pipe one in.")
            yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())

    def _paths(self, word: str) -> Iterator[str]:
        if os.path.lexists(word) and self._is_own(word):
            raise ArgumentError(
                f"{word} is what the batch in {self.leave_out} wrote; name other pictures, or "
                "another -o."
            )
        if os.path.isdir(word):
            yield from self._below(word)
        elif os.path.lexists(word) or not glob.has_magic(word):
            yield word  # one that is not there is named when it is its turn
        else:
            yield from self._matching(word)

    def _matching(self, word: str) -> Iterator[str]:
        found = sorted(glob.glob(word, recursive=True))
        if not found:
            raise ArgumentError(f"{word} matches no file; check the pattern.")
        inside = self._is_in_out(_base(word))
        for path in found:
            if not os.path.isdir(path) and self._is_wanted(path):
                own = self._is_own(path) or (not inside and self._is_in_out(path))
                if not own:
                    yield path

    def _below(self, top: str) -> Iterator[str]:
        """The pictures below a folder; links to folders are not followed, so it comes to an end."""
        closed: list[str] = []
        for place, folders, files in os.walk(top, onerror=lambda e: closed.append(e.filename)):
            yield from closed
            closed.clear()
            theirs = place != top and LEDGER in files
            folders[:] = sorted(name for name in folders if self._is_open(place, name, theirs))
            for name in sorted(files):
                path = os.path.join(place, name)
                if self._is_wanted(path):
                    yield path
        yield from closed

    def _is_wanted(self, path: str) -> bool:
        if is_picture(path):
            return True
        if self.tell:
            hidden = os.path.basename(path).startswith(".")
            self.tell(path, "hidden" if hidden else "not named like a picture")
        return False

    def _is_open(self, place: str, name: str, theirs: bool) -> bool:
        """Whether the folder `name` in `place`, perhaps another batch's, is looked into."""
        path = os.path.join(place, name)
        why = "hidden" if name.startswith(".") else ""
        if self._is_own(path) or os.path.realpath(path) == self._out:
            why = "of this batch"
        elif theirs and name in OWN:
            why = "of another batch"
        elif os.path.islink(path):
            why = "a link to a folder"
        if why and self.tell:
            self.tell(path, why)
        return not why

    def _is_own(self, path: str) -> bool:
        """Whether `path` is what a batch in that folder writes."""
        below = Path(os.path.relpath(os.path.realpath(path), self._out)).parts[:1]
        return bool(OWN.intersection(below))

    def _is_in_out(self, path: str) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(self._out)


def _below(path: str, root: str) -> str:
    """`path` as seen from `root`, both absolute; most lie below it."""
    top = os.path.join(root, "")
    return path[len(top) :] if path.startswith(top) else os.path.relpath(path, root)


def root_of(words: Sequence[str]) -> str:
    """The folder from which the places of all local pictures are counted; "" for no words."""
    return os.path.commonpath([_base(word) for word in words]) if words else ""


def _base(word: str) -> str:
    """The folder from which the places of what `word` names are counted."""
    if os.path.isdir(word):
        return os.path.abspath(word)
    if os.path.lexists(word) or not glob.has_magic(word):
        return os.path.dirname(os.path.abspath(word))
    plain = []
    for step in word.split("/"):
        if glob.has_magic(step):
            break
        plain.append(step)
    return os.path.abspath("/".join(plain) or ("/" if word.startswith("/") else "."))
