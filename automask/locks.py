"""Locks between processes: files that the system unlocks when their owner ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PAUSE_S = 0.05


def lock(descriptor: int, *, shared: bool) -> None:
    """Lock the file or raise OSError at once; the system unlocks it when the process ends."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # knows no shared locks
    else:
        import fcntl

        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


@contextmanager
def alone(place: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Be the only thread of all processes between here and the end that has `place`; wait for it.

    The file is made for the purpose and is gone afterwards. Who has to wait is told so once, by
    `on_wait`.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    descriptor = _locked(place, on_wait)
    try:
        yield
    finally:
        with suppress(OSError):  # Windows removes no file that is open; it is empty and in no way
            place.unlink()
        os.close(descriptor)


def _locked(place: Path, on_wait: Callable[[], None]) -> int:
    descriptor = _tried(place)
    if descriptor is None:
        on_wait()
    while descriptor is None:
        time.sleep(_PAUSE_S)
        descriptor = _tried(place)
    return descriptor


def _tried(place: Path) -> int | None:
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    return descriptor if _is_ours(descriptor, place) else None


def _is_ours(descriptor: int, place: Path) -> bool:
    """Whether the file is locked now and still stands at `place`; closed where it is not.

    Whoever had it before may have removed the file that was opened meanwhile.
    """
    ours = False
    try:
        lock(descriptor, shared=False)
        ours = os.path.samestat(os.fstat(descriptor), place.stat())
    except (BlockingIOError, PermissionError, FileNotFoundError):
        pass  # held by another, or removed
    finally:
        if not ours:
            os.close(descriptor)
    return ours
