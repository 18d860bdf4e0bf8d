"""A lock of the operating system on an open file: it ends with its process, however that ends."""

from __future__ import annotations

import sys


def lock(descriptor: int, *, shared: bool) -> None:
    """Lock the file or raise OSError at once; the system unlocks it when the process ends."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # knows no shared locks
    else:
        import fcntl

        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
