"""The contract of a source of model files, and what both kinds of sources share."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from automask.weights.facts import Model

Watch = Callable[[str, int, int], None]
PIECE_BYTES = 1 << 18
# A host that sends less than this in that time only keeps the line open.
LEAST_BYTES = 20_000
STALL_S = 20.0


class SourceError(Exception):
    """A source that does not have the file, or cannot be reached.

    Parameters
    ----------
    message : str
        A clause without a full stop.
    whole_host : bool
        Whether nothing else of that host needs to be tried.
    """

    def __init__(self, message: str, *, whole_host: bool = False) -> None:
        super().__init__(message)
        self.whole_host = whole_host


class Source(Protocol):
    """One place that has the file of a model; `host` is who answers there."""

    @property
    def name(self) -> str:
        """What it is, for people."""

    @property
    def host(self) -> str:
        """Who answers there."""

    def save(self, part: Path, wanted: Model, watch: Watch) -> None:
        """Write the file of `wanted`, not checked yet, to `part`.

        Raises
        ------
        SourceError
            If it is not there.
        OSError
            If `part` cannot be written.
        """


class Pace:
    """Held against a download, however slow it is, as long as it gets on.

    Parameters
    ----------
    host : str
        Who is too slow if it does not.
    """

    def __init__(self, host: str) -> None:
        self.host = host
        self.restart()

    def restart(self, done: int = 0) -> None:
        """Begin to count at `done` bytes."""
        self._done, self._since = done, time.monotonic()

    def note(self, done: int) -> None:
        """Say that `done` bytes are here.

        Raises
        ------
        SourceError
            If they have been about as many for long.
        """
        if abs(done - self._done) >= LEAST_BYTES:
            self.restart(done)
        elif time.monotonic() - self._since > STALL_S:
            raise SourceError(f"{self.host} is too slow", whole_host=True)


def unreachable(host: str, said: str = "") -> SourceError:
    """The error of a host that cannot be reached, for which `said` may have the reason."""
    refusal = re.search(r"Tunnel connection failed: (\d+[\w ]*)", said)
    why = f", the proxy answers {refusal[1].strip()}" if refusal else ""
    return SourceError(f"{host} cannot be reached{why}", whole_host=True)


def untrusted(host: str) -> SourceError:
    """The error of a host whose certificate is not trusted here."""
    return SourceError(f"{host} has no certificate that can be trusted", whole_host=True)


def copy(pieces: Iterable[bytes], part: Path, most_bytes: int, tell: Callable[[int], None]) -> None:
    """Write `pieces` to `part` and flush them to the disk, at most `most_bytes` of them.

    What is longer than it may be stops there, and fails the check that follows.
    """
    size = 0
    with part.open("wb") as file:
        for piece in pieces:
            size += len(piece)
            file.write(piece)
            tell(size)
            if size > most_bytes:
                break
        file.flush()
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    """The sha256 of the file at `path`, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
