"""The file of a batch's record: claimed by one process, looked into by others."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

from automask.batch.places import LEDGER, ledger
from automask.errors import LedgerError
from automask.ledger.database import (
    Advice,
    Schema,
    connected,
    looked_into,
    make,
    reason,
    transaction,
)
from automask.locks import lock

SCHEMA = Schema(
    0x616D6263,
    (
        (
            """CREATE TABLE pictures (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, item TEXT NOT NULL,
                run INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'planned',
                reason TEXT NOT NULL DEFAULT '', recipe TEXT NOT NULL DEFAULT '',
                sha256 TEXT NOT NULL DEFAULT '', outputs TEXT NOT NULL DEFAULT '[]',
                facts TEXT NOT NULL DEFAULT '{}', job TEXT NOT NULL DEFAULT '', updated_at REAL)""",
            "CREATE INDEX pictures_by_state ON pictures (state, id)",
            """CREATE TABLE runs (
                id INTEGER PRIMARY KEY, options TEXT NOT NULL, inputs TEXT NOT NULL,
                started_at REAL NOT NULL, ended_at REAL)""",
            "PRAGMA application_id = 1634558563",
        ),
    ),
    synchronous="NORMAL",  # a process that is killed loses nothing; what power took is made again
)
ADVICE = Advice(
    "it is damaged or no record of a batch, and was left as it is; move it away and begin the "
    "batch again, which makes the masks anew and pays no job twice.",
    "it cannot be written; check the rights of the folder, or give another one.",
)
_TRIES, _PAUSE_S = 3, 0.03


class Opened:
    """The file of the record of the batch in one folder, open.

    Parameters
    ----------
    out : Path
        The batch's folder, which is made when it is missing.
    writing : bool
        Claim the batch: one process works on it at a time, others may look.
    shard : str
        The share of the batch, such as "2-of-4"; "" is all of it.

    Raises
    ------
    LedgerError
        If another process works on the batch, or the file cannot be used.
    """

    def __init__(self, out: Path, *, writing: bool = True, shard: str = "") -> None:
        self.path, self.shard = out / ledger(shard), shard
        self._lock = threading.Lock()
        self._held: BinaryIO | None = None
        if not writing:
            refuse_unless_begun(out, shard)
        try:
            with self._told():
                self._db = self._opened(writing)
        except LedgerError:
            self._let_go()
            raise

    def _opened(self, writing: bool) -> sqlite3.Connection:
        if writing:
            make(self.path)
            self._held = self._claim()
            return connected(self.path, 30.0, SCHEMA)
        written = is_worked_on(self.path.parent, self.shard)
        db = looked_into(self.path, 30.0, SCHEMA, written=written)
        if not db.execute("PRAGMA user_version").fetchone()[0]:
            db.close()
            raise LedgerError(f"{self.path.parent} holds no run yet; begin one: automask batch.")
        return db

    def _let_go(self) -> None:
        if self._held:
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._let_go()

    def _claim(self) -> BinaryIO:
        file = self.path.with_name(f"{self.path.name}-lock").open("ab")
        for _ in range(_TRIES):  # one who asks whether it is locked has it for a moment
            try:
                lock(file.fileno(), shared=False)
            except OSError:
                time.sleep(_PAUSE_S)
            else:
                return file
        file.close()
        raise LedgerError(
            f"Another automask works on {self.path.parent}; wait for it, or give another -o."
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(f"{self.path}: {reason(error, ADVICE)}") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._told(), transaction(self._db, "BEGIN IMMEDIATE", None) as db:
            yield db


def refuse_unless_begun(out: Path, shard: str = "") -> None:
    """Raise `LedgerError` if `out` is no folder with the record of a batch; nothing is made."""
    if out.exists() and not out.is_dir():
        raise LedgerError(f"{out} is a file; give the folder that -o named.")
    if not shard and not (out / LEDGER).exists() and any(out.glob("ledger-*.db")):
        raise LedgerError(f"The batch in {out} was begun in shares; say which, with --shard.")
    if not (out / ledger(shard)).exists():
        what = "holds no batch" if out.exists() else "does not exist"
        raise LedgerError(f"{out} {what}; give the folder that -o named.")


def is_worked_on(out: Path, shard: str = "") -> bool:
    """Whether another process works on the batch in `out` now."""
    try:
        with (out / f"{ledger(shard)}-lock").open("rb") as file:
            lock(file.fileno(), shared=True)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
