"""Who is alive: a lock on a file beside the ledger, which ends with its process in any case."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import BinaryIO

from automask.locks import lock


class Owner:
    """One open ledger, as its rows at `submitting` name it.

    Parameters
    ----------
    ledger : Path
        The database.
    """

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._process = os.getpid()
        self.name = f"{self._process}-{secrets.token_hex(8)}"
        self._held: BinaryIO | None = None

    def is_here(self) -> bool:
        """Whether this is still the process that opened the ledger, and not its child."""
        return self._process == os.getpid()

    def hold(self) -> None:
        """Lock this ledger's file, in a transaction: nobody looks before a row names it."""
        if self._held:
            return
        for place in self._ledger.parent.iterdir():
            if place.name.startswith(self._file("").name) and not _is_locked(place):
                place.unlink(missing_ok=True)
        held = self._file(self.name).open("wb")
        try:
            lock(held.fileno(), shared=False)
        except OSError:
            held.close()
            raise
        self._held = held

    def release(self) -> None:
        """Let go of the lock: whatever rows still name it are in doubt from now on."""
        if self._held:
            self._held.close()
            self._file(self.name).unlink(missing_ok=True)

    def is_alive(self, name: str) -> bool:
        """Whether the owner `name` holds its lock."""
        return _is_locked(self._file(name))

    def _file(self, name: str) -> Path:
        return self._ledger.with_name(f"{self._ledger.name}-owner-{name}")


def _is_locked(place: Path) -> bool:
    """Whether a process that is alive holds the lock of the file at `place`."""
    try:
        with place.open("rb+") as file:
            lock(file.fileno(), shared=True)
    except FileNotFoundError:
        return False
    except OSError:  # locked; or not for us to know, which counts as locked
        return True
    return False
