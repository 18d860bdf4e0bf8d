"""The ledger itself: jobs added, claimed, moved on, found, counted."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from automask.errors import LedgerError, OutputError, PreflightError, TransitionError
from automask.images import files
from automask.ledger import rows
from automask.ledger.database import connected, copied, make, reason, transaction
from automask.ledger.owners import Owner
from automask.ledger.records import TRANSITIONS, WITH_HANDLE, Entry, JobState, Order


def default_path() -> Path:
    """The ledger's place: `AUTOMASK_LEDGER`, or a file in the user's data folder."""
    if chosen := os.environ.get("AUTOMASK_LEDGER"):
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("automask", appauthor=False) / "ledger.sqlite3"


class Ledger:
    """An open ledger, for any number of threads; each process opens its own.

    Every call raises `LedgerError` if the file is locked for too long, damaged, on a full disk or
    in a read-only folder. Then nothing was changed, and the call may be repeated.

    Parameters
    ----------
    path : str or Path, optional
        The file, which is made when it is missing; `default_path` when left out.
    wait_s : float
        How long to wait for others that are writing.

    Raises
    ------
    LedgerError
        Also if the file is another program's, or was written by a newer automask.
    """

    def __init__(self, path: str | Path | None = None, *, wait_s: float = 30.0) -> None:
        self.path = Path(path or default_path()).absolute()
        self._wait_s = wait_s
        self._lock = threading.RLock()
        self._owner = Owner(self.path)
        try:
            make(self.path)
            self._db: sqlite3.Connection | None = connected(self.path, wait_s)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(f"{self.path}: {reason(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was claimed here and not answered is in doubt from now on."""
        with self._lock:
            if self._db is None or not self._owner.is_here():
                return
            self._db.close()
            self._db = None
            self._owner.release()

    def _open(self) -> sqlite3.Connection:
        if self._db is None or not self._owner.is_here():
            raise LedgerError(f"{self.path} is not open in this process; open a ledger here.")
        return self._db

    @contextlib.contextmanager
    def _using(self, begin: str, note: str = "") -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with transaction(self._open(), begin, self._wait_s) as db:
                    yield db
            except (sqlite3.Error, OSError) as error:
                raise LedgerError(f"{self.path}: {reason(error)}{note}") from error

    def _writing(self, note: str = "") -> contextlib.AbstractContextManager[sqlite3.Connection]:
        return self._using("BEGIN IMMEDIATE", note)

    def _reading(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        return self._using("BEGIN")

    def add(
        self,
        order: Order,
        *,
        state: JobState = JobState.MASKED,
        again: bool = False,
        after: str = "",
    ) -> Entry:
        """The newest row of `order`, or a new one in `state`, which is masked or planned.

        With `again` it is a new one in any case: the same job, to be paid once more. With `after`
        it is a new one only while the newest has that ref: two who ask at once get the same row.
        """
        if state not in (JobState.MASKED, JobState.PLANNED):
            raise TransitionError(f"A job starts as planned or masked, not as {state}.")
        self._doubt_the_dead()
        with self._writing() as db:
            newest = rows.newest_of(db, order.key)
            if newest and not again and newest.ref != after:
                return newest
            number, now = newest.again + 1 if newest else 0, time.time()
            row = asdict(order) | {"state": state, "created_at": now, "updated_at": now}
            row |= {"again": number, "ref": rows.ref_of(order.key, number)}
            names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
            db.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", row)  # noqa: S608
            return rows.one(db, row["ref"])

    def masked(self, ref: str, *, key: str, mask_sha256: str, coverage: float) -> Entry:
        """The row of the planned job `ref`, which has its mask now and with it its final `key`.

        If the ledger has that job already, the plan is dropped and the older row given back,
        unless the plan was made to pay again.
        """
        with self._writing() as db:
            plan = rows.one(db, ref)
            if plan.state is not JobState.PLANNED:
                raise rows.refusal(plan, JobState.MASKED)
            twin = rows.newest_of(db, key) if key != plan.key else None
            if twin and not plan.again:
                db.execute("DELETE FROM jobs WHERE id = ?", (plan.id,))
                return twin
            again = twin.again + 1 if twin else plan.again
            news = {
                "key": key,
                "again": again,
                "ref": rows.ref_of(key, again),
                "coverage": coverage,
            }
            return rows.changed(db, plan, JobState.MASKED, news | {"mask_sha256": mask_sha256})

    def claim(
        self,
        ref: str = "",
        *,
        provider: str = "",
        budget: float | None = None,
        since: float = 0.0,
        sent_at: float | None = None,
    ) -> Entry | None:
        """The row that the caller alone may submit now; None when there is none to be had.

        It is the masked job `ref`, or the oldest masked one (of `provider`). The intent is on
        the disk when this returns: send it once, then `move` it to what came of it. A job that may
        have been taken already is had only with the moment `sent_at` of its last intent, by who
        has looked for it in vain.

        Raises
        ------
        PreflightError
            If the job would take `spent(since)` beyond `budget`; it stays masked.
        """
        wanted = {"state": "masked", "ref": ref, "provider": provider}
        wanted = {name: value for name, value in wanted.items() if value}
        where = " AND ".join(f"{name} = :{name}" for name in wanted) + " AND intent_at IS :sent_at"
        with self._writing() as db:
            query = f"SELECT * FROM jobs WHERE {where} ORDER BY id LIMIT 1"  # noqa: S608
            row = db.execute(query, wanted | {"sent_at": sent_at}).fetchone()
            if row is None:
                return None
            entry = rows.entry_of(row)
            spent = rows.spent(db, since, but=entry.id)
            if budget is not None and spent + entry.credits > budget:
                raise PreflightError(
                    f"Job {entry.ref[:12]} costs {entry.credits:g} credits, {spent:g} are spent "
                    f"and the budget is {budget:g}; it was not submitted. Allow more, or leave it."
                )
            self._owner.hold()
            news = {"owner": self._owner.name, "intent_at": time.time(), "error": ""}
            return rows.changed(db, entry, JobState.SUBMITTING, news)

    def move(  # noqa: PLR0913  (each is told apart by its name)
        self,
        ref: str,
        state: JobState,
        *,
        handle: str = "",
        error: str | None = None,
        results: tuple[str, ...] | None = None,
        credits: float | None = None,  # noqa: A002  (the service's word)
        only_from: JobState | None = None,
        perhaps_sent: bool = False,
    ) -> Entry:
        """The row `ref` in its new state; what is left out stays as it was.

        Only the note on a job is dropped once the service is known to have it. A job that fails
        at submitting was refused: it costs nothing unless `credits` says so. One that goes back to
        masked was never sent, or with `perhaps_sent` is looked for before it is claimed again.

        Raises
        ------
        TransitionError
            If `TRANSITIONS` has no such step, the job is not in the state `only_from` any more,
            another process is submitting it, its handle is missing or was another one, or a job
            in doubt is given another job's handle.
        """
        news: dict[str, Any] = {"handle": handle or None, "error": error, "credits": credits}
        news["results"] = None if results is None else json.dumps(results)
        with self._writing(f" The service calls job {ref} {handle}." if handle else "") as db:
            old = rows.one(db, ref)
            if only_from not in (None, old.state):
                raise rows.refusal(old, state)
            self._check(db, old, state, handle)
            news = {name: value for name, value in news.items() if value is not None}
            if old.state is JobState.SUBMITTING:
                refused = {"credits": 0.0} if state is JobState.FAILED else {}
                back = state is JobState.MASKED and not perhaps_sent
                unsent = {"intent_at": None} if back else {}
                news = {"owner": ""} | refused | unsent | news
            settled = {"error": ""} if state in WITH_HANDLE else {}
            return rows.changed(db, old, state, settled | news)

    def _check(self, db: sqlite3.Connection, old: Entry, state: JobState, handle: str) -> None:
        if state is JobState.SUBMITTING or state not in TRANSITIONS[old.state]:
            raise rows.refusal(old, state)
        if old.state is JobState.SUBMITTING and old.owner != self._owner.name:
            raise TransitionError(f"Job {old.ref} is being submitted by {old.owner}, not here.")
        if old.state is JobState.MASKED and state in WITH_HANDLE and old.intent_at is None:
            raise rows.refusal(old, state)
        if state in WITH_HANDLE and not (handle or old.handle):
            raise TransitionError(f"Job {old.ref} cannot be {state} without the service's handle.")
        if handle and old.handle not in ("", handle):
            raise TransitionError(f"Job {old.ref} has the handle {old.handle}, not {handle}.")
        if old.doubtful and handle:  # one answer cannot settle two doubts
            query = "SELECT ref FROM jobs WHERE handle = ? AND provider = ? AND id <> ?"
            if other := db.execute(query, (handle, old.provider, old.id)).fetchone():
                raise TransitionError(f"{handle} is job {other[0]}; it cannot be {old.ref} too.")

    def find(self, name: str) -> Entry:
        """The row whose ref or handle is `name`, or the only one whose ref starts with it."""
        self._doubt_the_dead()
        with self._reading() as db:
            listed = db.execute(
                "SELECT * FROM jobs WHERE ref = :n OR handle = :n OR substr(ref, 1, :len) = :n"
                " ORDER BY ref = :n DESC, handle = :n DESC, id DESC LIMIT 2",
                {"n": name, "len": len(name)},
            )
            found = [rows.entry_of(row) for row in listed]
        if name and found and (len(found) == 1 or name in (found[0].ref, found[0].handle)):
            return found[0]
        what = "more than one job" if found else "no job"
        raise LedgerError(f"{self.path} has {what} {name!r}; `automask jobs list` names them.")

    def jobs(self, *states: JobState) -> list[Entry]:
        """The rows in any of `states`, or all when none is given, the oldest first."""
        self._doubt_the_dead()
        where = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        with self._reading() as db:
            listed = db.execute(f"SELECT * FROM jobs {where} ORDER BY id", states)  # noqa: S608
            return [rows.entry_of(row) for row in listed]

    def in_doubt(self) -> list[Entry]:
        """The rows to reconcile: perhaps sent, perhaps billed."""
        return [e for e in self.jobs(JobState.IN_DOUBT, JobState.MASKED) if e.doubtful]

    def counts(self) -> Counter[JobState]:
        """How many rows are in each state."""
        return Counter(entry.state for entry in self.jobs())

    def spent(self, since: float = 0.0) -> float:
        """Credits of all that was or may have been sent, from `since` (s since 1970, UTC) on."""
        with self._reading() as db:
            return rows.spent(db, since)

    def backup(self, target: str | Path) -> Path:
        """The path of a whole, checked copy, taken while others go on writing."""
        place = Path(target).absolute()
        try:
            if place.exists() and place.samefile(self.path):
                raise LedgerError(f"{place} is the ledger itself; give the copy another name.")
            with self._lock:
                data = copied(self._open())
            files.write(place, data, private=True)
        except (sqlite3.Error, OSError, OutputError) as error:
            why = error if isinstance(error, OutputError) else reason(error)
            raise LedgerError(f"{self.path} was not copied to {place}: {why}") from error
        return place

    def _doubt_the_dead(self) -> None:
        query = "SELECT DISTINCT owner FROM jobs WHERE state = 'submitting' AND owner <> ?"
        with self._reading() as db:
            owners = [row[0] for row in db.execute(query, (self._owner.name,))]
        for owner in owners:
            if self._owner.is_alive(owner):
                continue
            note = f"Process {owner.split('-')[0]} stopped before it recorded an answer."
            with self._writing() as db:
                db.execute(
                    "UPDATE jobs SET state = 'in_doubt', owner = '', error = ?, updated_at = ?"
                    " WHERE state = 'submitting' AND owner = ?",
                    (note, time.time(), owner),
                )
