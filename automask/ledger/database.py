"""The ledger's SQLite file: opened, brought up to date, copied, locked, its failures in words."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from automask.errors import LedgerError

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


@dataclass(frozen=True)
class Schema:
    """What a database of automask's is known by and made of.

    Parameters
    ----------
    application : int
        The number in the file's header.
    migrations : tuple of tuple of str
        The statements of each version; never edited, only added to.
    synchronous : "FULL" or "NORMAL"
        FULL where money is at stake. With NORMAL the last rows may be lost with the power, and
        with nothing else.
    """

    application: int
    migrations: tuple[tuple[str, ...], ...]
    synchronous: str = "FULL"


JOBS = Schema(APPLICATION, MIGRATIONS)


@contextlib.contextmanager
def transaction(
    db: sqlite3.Connection, begin: str, wait_s: float | None
) -> Iterator[sqlite3.Connection]:
    """`db` in a transaction that `begin` starts: kept at the end, undone where it fails.

    Without `wait_s` it waits as SQLite does, which is enough where no other process writes.
    """
    if wait_s is None:
        db.execute(begin)
    else:
        _patiently(db, begin, wait_s)
    try:
        yield db
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.rollback()


def make(path: Path) -> None:
    """Make the file, and its folder, for its user alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "it is a device or a pipe")
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # prompts are the user's own business


def connected(path: Path, wait_s: float, schema: Schema = JOBS) -> sqlite3.Connection:
    """The database at `path`, brought up to date."""
    db = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
    try:
        db.row_factory = sqlite3.Row
        _check_file(db, path, wait_s, schema)
        _patiently(db, "PRAGMA journal_mode = WAL", wait_s)
        db.execute(f"PRAGMA synchronous = {schema.synchronous}")
        db.execute("PRAGMA fullfsync = ON")  # macOS: through the disk's own cache as well
        for version in range(_number(db, "user_version") + 1, len(schema.migrations) + 1):
            _migrate(db, schema, version, wait_s)
    except BaseException:
        db.close()
        raise
    return db


def looked_into(
    path: Path, wait_s: float, schema: Schema = JOBS, *, written: bool = False
) -> sqlite3.Connection:
    """The database at `path` for reading alone: nothing is changed or brought up to date.

    It works in a folder that cannot be written, and while another process writes, which has to be
    told (`written`) where that may just have begun.
    """
    log = path.with_name(f"{path.name}-wal")
    # Without a log nobody is writing; and a log cannot be begun in a folder that is read-only.
    how = "mode=ro" if written or log.exists() else "immutable=1"
    address = f"{path.absolute().as_uri()}?{how}"
    db = sqlite3.connect(
        address, timeout=wait_s, isolation_level=None, check_same_thread=False, uri=True
    )
    try:
        db.row_factory = sqlite3.Row
        _check_file(db, path, wait_s, schema)
    except BaseException:
        db.close()
        raise
    return db


def _number(db: sqlite3.Connection, pragma: str) -> int:
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])


def _check_file(db: sqlite3.Connection, path: Path, wait_s: float, schema: Schema) -> None:
    with transaction(db, "BEGIN", wait_s):  # one moment for all three answers
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        version, application = _number(db, "user_version"), _number(db, "application_id")
    if application != schema.application and (tables or application or version):
        where = "name another in AUTOMASK_LEDGER" if schema is JOBS else "give another folder"
        raise LedgerError(f"{path} is another program's database; {where}.")
    if version > len(schema.migrations):
        raise LedgerError(
            f"{path} has version {version}, written by a newer automask; this one knows up to "
            f"{len(schema.migrations)}. It was left as it is; update automask."
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


def _migrate(db: sqlite3.Connection, schema: Schema, version: int, wait_s: float) -> None:
    with transaction(db, "BEGIN IMMEDIATE", wait_s):  # another process may have been faster
        if _number(db, "user_version") < version:
            for statement in schema.migrations[version - 1]:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {version}")


def copied(db: sqlite3.Connection) -> bytes:
    """The file of a whole and checked copy of `db`, which others may be writing."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        db.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        data = copy.serialize()
    # Its versions of reading and writing, as of a file with nothing beside it: without a log.
    # Source: sqlite.org/fileformat2.html, section 1.3.
    return data[:18] + b"\x01\x01" + data[20:]


_LOCKED = "others kept it locked for too long; nothing was changed, try again later."
_FULL = "the disk is full; nothing was changed, make room and try again."
_REFUSED = (
    "the system does not write it, and nothing was changed: the disk fails, or the file would be "
    "larger than one may be here; see to the disk, or raise that limit (`ulimit -f`)."
)


@dataclass(frozen=True)
class Advice:
    """What to do about a database that cannot be used, as the end of a sentence.

    Parameters
    ----------
    damaged, shut : str
        Where its content makes no sense; where it cannot be opened or written.
    """

    damaged: str = (
        "it is damaged or no ledger, and was left as it is; put a copy made by "
        "`automask jobs backup` in its place, or name another file in AUTOMASK_LEDGER."
    )
    shut: str = (
        "it cannot be written; check the rights of the file and of its folder, or name another "
        "place in AUTOMASK_LEDGER."
    )


_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)  # the log's index cannot grow
_UNWRITTEN = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE, sqlite3.SQLITE_IOERR_FSYNC)
_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_CLOSED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
_NO_ROOM_OS = (errno.ENOSPC, errno.EDQUOT)
_CLOSED_OS = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.EEXIST,
    errno.ENOENT, errno.EINVAL,
)  # fmt: skip


def reason(error: sqlite3.Error | OSError, advice: Advice | None = None) -> str:
    """What `error` means for the ledger and what to do, as the end of a sentence."""
    advice = advice or Advice()
    cases: tuple[tuple[tuple[int, ...], str], ...]
    if isinstance(error, OSError):
        code = error.errno or 0
        cases = ((_NO_ROOM_OS, _FULL), ((errno.EFBIG,), _REFUSED), (_CLOSED_OS, advice.shut))
        text = next((text for codes, text in cases if code in codes), "")
        return text or f"{error.strerror or error}: {advice.shut}"
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    cases = (
        (_BUSY, _LOCKED), (_NO_ROOM, _FULL), (_UNWRITTEN, _REFUSED), (_CORRUPT, advice.damaged),
        (_CLOSED, advice.shut),
    )  # fmt: skip
    text = next((text for codes, text in cases if {code, code & 0xFF} & {*codes}), "")
    return text or f"{error}: {advice.shut}"
