"""Rows of the ledger's table: read, written, counted, in the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from automask.errors import LedgerError, TransitionError
from automask.ledger.records import TRANSITIONS, Entry, JobState


def ref_of(key: str, again: int) -> str:
    """The name of a row: the key, ``.again``."""
    return f"{key}.{again}" if again else key


def entry_of(row: sqlite3.Row) -> Entry:
    """The row as a value; one that no ledger wrote is damage."""
    values = dict(row)
    try:
        values["state"] = JobState(values["state"])
        values["results"] = tuple(json.loads(values["results"]))
        return Entry(**values)
    except (TypeError, ValueError) as error:  # not written by this program
        raise sqlite3.DatabaseError(f"{values}: {error}") from error


def one(db: sqlite3.Connection, ref: str) -> Entry:
    """The row `ref`."""
    row = db.execute("SELECT * FROM jobs WHERE ref = ?", (ref,)).fetchone()
    if row is None:
        raise LedgerError(f"The ledger has no job {ref!r}; `automask jobs list` names them.")
    return entry_of(row)


def newest_of(db: sqlite3.Connection, key: str) -> Entry | None:
    """The last row of a key; None when it has none."""
    query = "SELECT * FROM jobs WHERE key = ? ORDER BY again DESC LIMIT 1"
    row = db.execute(query, (key,)).fetchone()
    return entry_of(row) if row else None


def changed(db: sqlite3.Connection, old: Entry, state: JobState, news: dict[str, Any]) -> Entry:
    """The row after it was written anew, with what has changed."""
    news = {"state": state, "updated_at": time.time()} | news
    sets = ", ".join(f"{name} = ?" for name in news)
    db.execute(f"UPDATE jobs SET {sets} WHERE id = ?", (*news.values(), old.id))  # noqa: S608
    return entry_of(db.execute("SELECT * FROM jobs WHERE id = ?", (old.id,)).fetchone())


def refusal(old: Entry, state: JobState) -> TransitionError:
    """What is said of a step that does not exist."""
    following = ", ".join(sorted(TRANSITIONS[old.state])) or "nothing"
    return TransitionError(
        f"Job {old.ref} is {old.state} and cannot become {state}; what may follow is {following}."
    )


def spent(db: sqlite3.Connection, since: float, but: int = 0) -> float:
    """Credits of all that was or may have been sent from `since` on, but for the row `but`."""
    query = "SELECT coalesce(sum(credits), 0.0) FROM jobs WHERE intent_at >= ? AND id <> ?"
    return float(db.execute(query, (since, but)).fetchone()[0])
