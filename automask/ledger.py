"""The record of jobs: an SQLite file that knows, whatever happens, what was or may be paid.

A submit is written down before it is sent (`Ledger.claim`) and its answer after it
(`Ledger.move`), each on the disk before the call returns. A job that was claimed and never
answered is in doubt, and no way leads from there back to `submitting`: only `Ledger.add` with
``again=True`` makes a second row of a job that can be paid once more.

Who is alive: a ledger that claims holds a lock of the operating system on a file of its own
beside the database, ``NAME-owner-PID-RANDOM``, and its rows at `submitting` carry that name. The
lock ends with the process however that ends; process numbers used again, a machine that slept and
containers do not mislead it. A row whose owner holds no lock goes to `in_doubt` as soon as anybody
looks. Neither mistake would cost money: an owner taken for dead can still record its answer, one
taken for alive (a child it forked lives on) keeps its row waiting. All processes must be on one
machine and the file on a local disk, as SQLite's write-ahead log wants it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Self

from automask.errors import LedgerError, PreflightError, TransitionError


class JobState(StrEnum):
    """Where a job of the ledger stands."""

    PLANNED = "planned"  # known, without a mask
    MASKED = "masked"  # ready to be submitted
    EMPTY = "empty"  # the rule selects nothing
    REVIEW = "review"  # a person should look first
    SUBMITTING = "submitting"  # about to be sent, or sent and not answered
    IN_DOUBT = "in_doubt"  # perhaps sent, perhaps billed: to be reconciled, never sent again
    SUBMITTED = "submitted"  # the service has it, under its handle
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


# The states that may follow each. One that may follow itself can be told twice (by a webhook and
# a poll, by two processes that wait) or takes a new note. From submitting back to masked: it
# surely never arrived; on to failed: the service refused it.
TRANSITIONS = {
    JobState(state): frozenset(JobState(each) for each in following.split())
    for state, following in {
        "planned": "masked empty review failed cancelled",
        "review": "masked empty cancelled",
        "masked": "submitting empty review failed cancelled",
        "submitting": "masked submitted running done failed in_doubt",
        "in_doubt": "in_doubt submitted running done failed cancelled",
        "submitted": "submitted running done failed cancelled",
        "running": "running done failed cancelled",
        "done": "done",
        "failed": "failed",
        "cancelled": "cancelled",
        "empty": "",
    }.items()
}
WITH_HANDLE = (JobState.SUBMITTED, JobState.RUNNING, JobState.DONE)

APPLICATION = 0x616D736B  # in the file's header: this database is a ledger
MIGRATIONS: tuple[tuple[str, ...], ...] = (  # never edited, only added to
    (
        """CREATE TABLE jobs (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL, again INTEGER NOT NULL,
            ref TEXT NOT NULL UNIQUE, state TEXT NOT NULL, provider TEXT NOT NULL,
            parent_id TEXT NOT NULL, action TEXT NOT NULL, prompt TEXT NOT NULL,
            rule TEXT NOT NULL, mask_sha256 TEXT NOT NULL, coverage REAL, credits REAL NOT NULL,
            handle TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '',
            error TEXT NOT NULL DEFAULT '', results TEXT NOT NULL DEFAULT '[]',
            created_at REAL NOT NULL, updated_at REAL NOT NULL, intent_at REAL,
            UNIQUE (key, again))""",
        f"PRAGMA application_id = {APPLICATION}",
    ),
    (
        "CREATE INDEX jobs_by_state ON jobs (state, id)",
        "CREATE INDEX jobs_by_handle ON jobs (handle)",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked of a provider.

    Parameters
    ----------
    key : str
        Hash of all that decides the outcome (of a planned job: of all that will decide it).
    provider, parent_id, prompt, rule : str
    action : str
        What to do with the parent, in the provider's own word: "Vary (Region)", "U2".
    mask_sha256 : str
        In hex; empty where there is no mask, or not yet.
    coverage : float, optional
        Share of the picture that the mask selects, 0 to 1.
    credits : float
        The price, as far as it is known.
    """

    key: str
    provider: str
    parent_id: str = ""
    action: str = ""
    prompt: str = ""
    rule: str = ""
    mask_sha256: str = ""
    coverage: float | None = None
    credits: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Entry(Order):
    """A row of the ledger; times are seconds since 1970 in UTC.

    Parameters
    ----------
    again : int
        0 for the first row of a key; 1, 2, ... for those that are paid once more on purpose.
    ref : str
        The row's own name, which the service is given and gives back: the key, ``.again``.
    handle : str
        The service's name of the job; empty until it is known.
    owner : str
        Who is submitting it.
    error : str
        Why it failed or is in doubt: the latest note.
    results : tuple of str
        Paths or addresses of the pictures.
    intent_at : float, optional
        When it was claimed to be submitted; None when nothing can have been sent.
    """

    id: int
    again: int
    ref: str
    state: JobState
    handle: str
    owner: str
    error: str
    results: tuple[str, ...]
    created_at: float
    updated_at: float
    intent_at: float | None


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
        self._process = os.getpid()
        self._owner = f"{self._process}-{secrets.token_hex(8)}"
        self._held: BinaryIO | None = None
        try:
            _make(self.path)
            self._db: sqlite3.Connection | None = _connected(self.path, wait_s)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(f"{self.path}: {_reason(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was claimed here and not answered is in doubt from now on."""
        with self._lock:
            if self._db is None or self._process != os.getpid():
                return
            self._db.close()
            self._db = None
            if self._held:
                self._held.close()
                self._owner_file(self._owner).unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        if self._db is None or self._process != os.getpid():
            raise LedgerError(f"{self.path} is not open in this process; open a ledger here.")
        return self._db

    @contextlib.contextmanager
    def _using(self, begin: str, note: str = "") -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with _transaction(self._open(), begin, self._wait_s) as db:
                    yield db
            except (sqlite3.Error, OSError) as error:
                raise LedgerError(f"{self.path}: {_reason(error)}{note}") from error

    def _writing(self, note: str = "") -> contextlib.AbstractContextManager[sqlite3.Connection]:
        return self._using("BEGIN IMMEDIATE", note)

    def _reading(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        return self._using("BEGIN")

    def add(self, order: Order, *, state: JobState = JobState.MASKED, again: bool = False) -> Entry:
        """The newest row of `order`, or a new one in `state`, which is masked or planned.

        With `again` it is a new one in any case: the same job, to be paid once more.
        """
        if state not in (JobState.MASKED, JobState.PLANNED):
            raise TransitionError(f"A job starts as planned or masked, not as {state}.")
        self._doubt_the_dead()
        with self._writing() as db:
            newest = _newest(db, order.key)
            if newest and not again:
                return newest
            number, now = newest.again + 1 if newest else 0, time.time()
            row = asdict(order) | {"state": state, "created_at": now, "updated_at": now}
            row |= {"again": number, "ref": _ref(order.key, number)}
            names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
            db.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", row)  # noqa: S608
            return _one(db, row["ref"])

    def masked(self, ref: str, *, key: str, mask_sha256: str, coverage: float) -> Entry:
        """The row of the planned job `ref`, which has its mask now and with it its final `key`.

        If the ledger has that job already, the plan is dropped and the older row given back,
        unless the plan was made to pay again.
        """
        with self._writing() as db:
            plan = _one(db, ref)
            if plan.state is not JobState.PLANNED:
                raise _refusal(plan, JobState.MASKED)
            twin = _newest(db, key) if key != plan.key else None
            if twin and not plan.again:
                db.execute("DELETE FROM jobs WHERE id = ?", (plan.id,))
                return twin
            again = twin.again + 1 if twin else plan.again
            news = {"key": key, "again": again, "ref": _ref(key, again), "coverage": coverage}
            return _changed(db, plan, JobState.MASKED, news | {"mask_sha256": mask_sha256})

    def claim(
        self, ref: str = "", *, provider: str = "", budget: float | None = None, since: float = 0.0
    ) -> Entry | None:
        """The row that the caller alone may submit now; None when there is none to be had.

        It is the masked job `ref`, or the oldest masked one (of `provider`). The intent is on
        the disk when this returns: send it once, then `move` it to what came of it.

        Raises
        ------
        PreflightError
            If the job would take `spent(since)` beyond `budget`; it stays masked.
        """
        wanted = {"state": "masked", "ref": ref, "provider": provider}
        wanted = {name: value for name, value in wanted.items() if value}
        where = " AND ".join(f"{name} = :{name}" for name in wanted)
        with self._writing() as db:
            query = f"SELECT * FROM jobs WHERE {where} ORDER BY id LIMIT 1"  # noqa: S608
            row = db.execute(query, wanted).fetchone()
            if row is None:
                return None
            entry = _entry(row)
            if budget is not None and (spent := _spent(db, since)) + entry.credits > budget:
                raise PreflightError(
                    f"Job {entry.ref} costs {entry.credits:g} credits, {spent:g} are spent and the "
                    f"budget is {budget:g}; it was not submitted. Allow more, or leave it."
                )
            self._hold()
            news = {"owner": self._owner, "intent_at": time.time(), "error": ""}
            return _changed(db, entry, JobState.SUBMITTING, news)

    def move(
        self,
        ref: str,
        state: JobState,
        *,
        handle: str = "",
        error: str | None = None,
        results: tuple[str, ...] | None = None,
        credits: float | None = None,  # noqa: A002  (the service's word)
    ) -> Entry:
        """The row `ref` in its new state; what is left out stays as it was.

        Only the note on a job is dropped once the service is known to have it. A job that fails
        at submitting was refused: it costs nothing unless `credits` says so.

        Raises
        ------
        TransitionError
            If `TRANSITIONS` has no such step, another process is submitting the job, its handle
            is missing or was another one, or a job in doubt is given another job's handle.
        """
        news: dict[str, Any] = {"handle": handle or None, "error": error, "credits": credits}
        news["results"] = None if results is None else json.dumps(results)
        with self._writing(f" The service calls job {ref} {handle}." if handle else "") as db:
            old = _one(db, ref)
            self._check(db, old, state, handle)
            news = {name: value for name, value in news.items() if value is not None}
            if old.state is JobState.SUBMITTING:
                refused = {"credits": 0.0} if state is JobState.FAILED else {}
                unsent = {"intent_at": None} if state is JobState.MASKED else {}
                news = {"owner": ""} | refused | unsent | news
            settled = {"error": ""} if state in WITH_HANDLE else {}
            return _changed(db, old, state, settled | news)

    def _check(self, db: sqlite3.Connection, old: Entry, state: JobState, handle: str) -> None:
        if state is JobState.SUBMITTING or state not in TRANSITIONS[old.state]:
            raise _refusal(old, state)
        if old.state is JobState.SUBMITTING and old.owner != self._owner:
            raise TransitionError(f"Job {old.ref} is being submitted by {old.owner}, not here.")
        if state in WITH_HANDLE and not (handle or old.handle):
            raise TransitionError(f"Job {old.ref} cannot be {state} without the service's handle.")
        if handle and old.handle not in ("", handle):
            raise TransitionError(f"Job {old.ref} has the handle {old.handle}, not {handle}.")
        if old.state is JobState.IN_DOUBT and handle:  # one answer cannot settle two doubts
            query = "SELECT ref FROM jobs WHERE handle = ? AND provider = ? AND id <> ?"
            if other := db.execute(query, (handle, old.provider, old.id)).fetchone():
                raise TransitionError(f"{handle} is job {other[0]}; it cannot be {old.ref} too.")

    def find(self, name: str) -> Entry:
        """The row whose ref or handle is `name`, or the only one whose ref starts with it."""
        self._doubt_the_dead()
        with self._reading() as db:
            rows = db.execute(
                "SELECT * FROM jobs WHERE ref = :n OR handle = :n OR substr(ref, 1, :len) = :n"
                " ORDER BY ref = :n DESC, handle = :n DESC, id DESC LIMIT 2",
                {"n": name, "len": len(name)},
            )
            found = [_entry(row) for row in rows]
        if name and found and (len(found) == 1 or name in (found[0].ref, found[0].handle)):
            return found[0]
        what = "more than one job" if found else "no job"
        raise LedgerError(f"{self.path} has {what} {name!r}; `automask jobs list` names them.")

    def jobs(self, *states: JobState) -> list[Entry]:
        """The rows in any of `states`, or all when none is given, the oldest first."""
        self._doubt_the_dead()
        where = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        with self._reading() as db:
            rows = db.execute(f"SELECT * FROM jobs {where} ORDER BY id", states)  # noqa: S608
            return [_entry(row) for row in rows]

    def in_doubt(self) -> list[Entry]:
        """The rows to reconcile: perhaps sent, perhaps billed."""
        return self.jobs(JobState.IN_DOUBT)

    def counts(self) -> Counter[JobState]:
        """How many rows are in each state."""
        return Counter(entry.state for entry in self.jobs())

    def spent(self, since: float = 0.0) -> float:
        """Credits of all that was or may have been sent, from `since` (s since 1970, UTC) on."""
        with self._reading() as db:
            return _spent(db, since)

    def backup(self, target: str | Path) -> Path:
        """The path of a whole, checked copy, taken while others go on writing."""
        place = Path(target).absolute()
        part = place.with_name(f".automask-{secrets.token_hex(8)}.tmp")
        try:
            if place.exists() and place.samefile(self.path):
                raise LedgerError(f"{place} is the ledger itself; give the copy another name.")
            place.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                _copy(self._open(), part)
            part.replace(place)
        except (sqlite3.Error, OSError) as error:
            why = _reason(error)
            raise LedgerError(f"{self.path} was not copied to {place}: {why}") from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink()
        return place

    def _owner_file(self, owner: str) -> Path:
        return self.path.with_name(f"{self.path.name}-owner-{owner}")

    def _hold(self) -> None:
        """Lock this ledger's file, in a transaction: nobody looks before a row names it."""
        if self._held:
            return
        for place in self.path.parent.iterdir():
            if place.name.startswith(self._owner_file("").name) and not _is_locked(place):
                place.unlink(missing_ok=True)
        held = self._owner_file(self._owner).open("wb")
        try:
            _lock(held.fileno(), shared=False)
        except OSError:
            held.close()
            raise
        self._held = held

    def _doubt_the_dead(self) -> None:
        query = "SELECT DISTINCT owner FROM jobs WHERE state = 'submitting' AND owner <> ?"
        with self._reading() as db:
            owners = [row[0] for row in db.execute(query, (self._owner,))]
        for owner in owners:
            if _is_locked(self._owner_file(owner)):
                continue
            note = f"Process {owner.split('-')[0]} stopped before it recorded an answer."
            with self._writing() as db:
                db.execute(
                    "UPDATE jobs SET state = 'in_doubt', owner = '', error = ?, updated_at = ?"
                    " WHERE state = 'submitting' AND owner = ?",
                    (note, time.time(), owner),
                )


def _ref(key: str, again: int) -> str:
    return f"{key}.{again}" if again else key


def _entry(row: sqlite3.Row) -> Entry:
    values = dict(row)
    try:
        values["state"] = JobState(values["state"])
        values["results"] = tuple(json.loads(values["results"]))
        return Entry(**values)
    except (TypeError, ValueError) as error:  # not written by this program
        raise sqlite3.DatabaseError(f"{values}: {error}") from error


def _one(db: sqlite3.Connection, ref: str) -> Entry:
    row = db.execute("SELECT * FROM jobs WHERE ref = ?", (ref,)).fetchone()
    if row is None:
        raise LedgerError(f"The ledger has no job {ref!r}; `automask jobs list` names them.")
    return _entry(row)


def _newest(db: sqlite3.Connection, key: str) -> Entry | None:
    query = "SELECT * FROM jobs WHERE key = ? ORDER BY again DESC LIMIT 1"
    row = db.execute(query, (key,)).fetchone()
    return _entry(row) if row else None


def _changed(db: sqlite3.Connection, old: Entry, state: JobState, news: dict[str, Any]) -> Entry:
    news = {"state": state, "updated_at": time.time()} | news
    sets = ", ".join(f"{name} = ?" for name in news)
    db.execute(f"UPDATE jobs SET {sets} WHERE id = ?", (*news.values(), old.id))  # noqa: S608
    return _entry(db.execute("SELECT * FROM jobs WHERE id = ?", (old.id,)).fetchone())


def _refusal(old: Entry, state: JobState) -> TransitionError:
    following = ", ".join(sorted(TRANSITIONS[old.state])) or "nothing"
    return TransitionError(
        f"Job {old.ref} is {old.state} and cannot become {state}; what may follow is {following}."
    )


def _spent(db: sqlite3.Connection, since: float) -> float:
    query = "SELECT coalesce(sum(credits), 0.0) FROM jobs WHERE intent_at >= ?"
    return float(db.execute(query, (since,)).fetchone()[0])


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection, begin: str, wait_s: float) -> Iterator[sqlite3.Connection]:
    _patiently(db, begin, wait_s)
    try:
        yield db
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.rollback()


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # prompts are the user's own business


def _connected(path: Path, wait_s: float) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
    try:
        db.row_factory = sqlite3.Row
        _check_file(db, path, wait_s)
        _patiently(db, "PRAGMA journal_mode = WAL", wait_s)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA fullfsync = ON")  # macOS: through the disk's own cache as well
        for version in range(_number(db, "user_version") + 1, len(MIGRATIONS) + 1):
            _migrate(db, version, wait_s)
    except BaseException:
        db.close()
        raise
    return db


def _number(db: sqlite3.Connection, pragma: str) -> int:
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])


def _check_file(db: sqlite3.Connection, path: Path, wait_s: float) -> None:
    with _transaction(db, "BEGIN", wait_s):  # one moment for all three answers
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        version, application = _number(db, "user_version"), _number(db, "application_id")
    if application != APPLICATION and (tables or application or version):
        raise LedgerError(f"{path} is another program's database; name another in AUTOMASK_LEDGER.")
    if version > len(MIGRATIONS):
        raise LedgerError(
            f"{path} has version {version}, written by a newer automask; this one knows up to "
            f"{len(MIGRATIONS)}. It was left as it is; update automask."
        )


def _patiently(db: sqlite3.Connection, statement: str, wait_s: float) -> None:
    """Run what needs a lock, looking for it every 2 ms.

    SQLite's own pauses grow to 100 ms, in which a busy neighbour comes first again and again; and
    it does not wait at all when two switch to the write-ahead log at once.
    """
    deadline = time.monotonic() + wait_s
    db.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                db.execute(statement)
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > deadline:
                    raise
                time.sleep(0.002)
            else:
                return
    finally:
        db.execute(f"PRAGMA busy_timeout = {int(1000 * wait_s)}")


def _migrate(db: sqlite3.Connection, version: int, wait_s: float) -> None:
    with _transaction(db, "BEGIN IMMEDIATE", wait_s):  # another process may have been faster
        if _number(db, "user_version") < version:
            for statement in MIGRATIONS[version - 1]:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {version}")


def _copy(db: sqlite3.Connection, part: Path) -> None:
    part.touch(0o600, exist_ok=False)
    with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


_LOCKED = "others kept it locked for too long; nothing was changed, try again later."
_DAMAGED = (
    "it is damaged or no ledger, and was left as it is; put a copy made by `automask jobs backup` "
    "in its place, or name another file in AUTOMASK_LEDGER."
)
_FULL = "the disk is full; nothing was changed, make room and try again."
_SHUT = (
    "it cannot be written; check the rights of the file and of its folder, or name another place "
    "in AUTOMASK_LEDGER."
)
_REASONS = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,  # the log's index cannot grow
    sqlite3.SQLITE_READONLY: _SHUT,
    sqlite3.SQLITE_CANTOPEN: _SHUT,
    -errno.ENOSPC: _FULL,
    -errno.EDQUOT: _FULL,
    -errno.EACCES: _SHUT,
    -errno.EPERM: _SHUT,
    -errno.EROFS: _SHUT,
    -errno.EISDIR: _SHUT,
    -errno.ENOTDIR: _SHUT,
}


def _reason(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        return _REASONS.get(-(error.errno or 0)) or f"{error.strerror or error}."
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return _REASONS.get(code) or _REASONS.get(code & 0xFF) or f"{error}."


def _lock(descriptor: int, *, shared: bool) -> None:
    """Lock the file or raise OSError at once; the system unlocks it when the process ends."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # knows no shared locks
    else:
        import fcntl

        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def _is_locked(place: Path) -> bool:
    try:
        with place.open("rb+") as file:
            _lock(file.fileno(), shared=True)
    except FileNotFoundError:
        return False
    except OSError:  # locked; or not for us to know, which counts as locked
        return True
    return False
