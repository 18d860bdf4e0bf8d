"""The service's rate limits, kept before it has to enforce them.

A bucket that holds one token: a request may start when the last one on the same key started at
least one interval ago, in whichever thread or process of this user. Nothing is reserved ahead, so
a process that dies takes no turn with it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

BUSY_S = 10.0  # how long to wait for another process's few microseconds in the file
_TABLE = "CREATE TABLE IF NOT EXISTS turns (name TEXT PRIMARY KEY, free_at REAL NOT NULL)"
log = logging.getLogger("automask.imaginepro")


class Pace:
    """At most one turn in `interval_s` among all that share `name` and `file`.

    Parameters
    ----------
    name : str
        What is limited: requests of one kind on one key.
    interval_s : float
        Seconds between two turns; 0 lifts the limit.
    file : Path, optional
        The SQLite file in which processes agree; without it only threads do.
    """

    def __init__(self, name: str, interval_s: float, file: Path | None = None) -> None:
        self.name, self.interval_s, self.file = name, interval_s, file
        self._line = threading.Lock()  # the threads of this process queue here, one asks
        self._own_free_at = 0.0

    def take(self, sleep: Callable[[float], None] = time.sleep) -> None:
        """Return when it is this caller's turn."""
        if self.interval_s <= 0:
            return
        with self._line:
            while (wait_s := self._wait_s()) > 0:
                sleep(wait_s)

    def _wait_s(self) -> float:
        """0 when the turn was taken, else the seconds until it is worth asking again."""
        if self.file is not None:
            try:
                return self._shared_wait_s(self.file)
            except (sqlite3.Error, OSError) as error:
                log.warning(
                    "%s cannot be used (%s): the rate limit holds for this process alone",
                    self.file,
                    error,
                )
                self.file = None
        wait_s, self._own_free_at = self._turn(self._own_free_at)
        return wait_s

    def _shared_wait_s(self, file: Path) -> float:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Opened anew each time: a connection would not survive a fork, and this costs 0.3 ms.
        with closing(sqlite3.connect(file, timeout=BUSY_S, isolation_level=None)) as turns:
            turns.execute("PRAGMA synchronous = OFF")  # of no use after a crash of the machine
            turns.execute(_TABLE)
            turns.execute("BEGIN IMMEDIATE")
            row = turns.execute("SELECT free_at FROM turns WHERE name = ?", [self.name]).fetchone()
            wait_s, free_at = self._turn(row[0] if row else 0.0)
            turns.execute("REPLACE INTO turns VALUES (?, ?)", [self.name, free_at])
            turns.execute("COMMIT")
        return wait_s

    def _turn(self, free_at: float) -> tuple[float, float]:
        """How long to wait, and when the next turn is free."""
        # One clock for all processes of the machine, which no setting of the time moves.
        now = time.monotonic()
        wait_s = free_at - now
        if 0 < wait_s <= self.interval_s:
            return wait_s, free_at
        return 0.0, now + self.interval_s  # free, or left from before the machine started anew
