"""Files on their way to their names: locked by their writer, swept away when it has died.

A writer that is killed leaves its temporary file behind. The lock on it went with the process, and
so whoever writes into that folder next can tell it from one that is being written, and removes it.
Process numbers that are used again, and machines that slept, do not mislead that.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from contextlib import suppress
from pathlib import Path

from automask.locks import lock

NAME = re.compile(r"\.automask-[0-9a-f]{16}\.tmp")
_swept: set[str] = set()  # folders that this process has looked into; once is enough


def create(folder: Path) -> tuple[Path, int]:
    """A new file in `folder` and its descriptor: nobody removes it while that is open.

    The first time, what writers that have died left in `folder` is removed.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    if str(folder) not in _swept:
        _swept.add(str(folder))
        sweep(folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    while True:
        # A name of its own length: one derived from the target's might be too long for the disk.
        place = folder / f".automask-{secrets.token_hex(8)}.tmp"
        descriptor = os.open(place, flags, 0o666)  # the umask takes its part of it
        if _is_ours(descriptor):
            return place, descriptor
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove the temporary files in `folder` that no living process is writing."""
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208  (a tenth of the time of Path.iterdir)
            if NAME.fullmatch(name):
                _drop(folder / name)


def _is_ours(descriptor: int) -> bool:
    """Whether it is locked now, and was not taken for a dead one's just before."""
    if sys.platform != "win32":  # there an open file cannot be removed
        try:
            lock(descriptor, shared=False)
        except BlockingIOError:
            return False
        except OSError:  # a disk without locks: nobody can lock it to remove it either
            return True
    return os.fstat(descriptor).st_nlink > 0


def _drop(place: Path) -> None:
    with suppress(OSError):  # its writer lives, it is another user's, or another was faster
        if sys.platform == "win32":
            place.unlink()
        else:
            with place.open("rb+") as file:
                lock(file.fileno(), shared=False)
                place.unlink()
