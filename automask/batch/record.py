"""The record of a batch: OUT/ledger.db, a row a picture, written as soon as something became of it.

What was paid stands in the ledger of jobs (`automask.ledger`); here stands what was done with each
picture, from which bytes and by which recipe, so that a run that was stopped is gone on with.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

from automask.batch.items import Item, Options
from automask.batch.places import LEDGER, ledger
from automask.batch.rows import Row, key_of, row_of
from automask.batch.states import UNFINISHED
from automask.batch.work import Outcome
from automask.errors import ArgumentError, LedgerError
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
_PIECE = 500  # rows that are in memory at once


class Record:
    """The open record of the batch in one folder.

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

    # --- runs ----------------------------------------------------------------------------------

    def begin(self, options: Options, inputs: Sequence[str]) -> int:
        """The number of a new run."""
        row = (json.dumps(options.as_json()), json.dumps(list(inputs)), time.time())
        with self._writing() as db:
            db.execute("INSERT INTO runs (options, inputs, started_at) VALUES (?, ?, ?)", row)
            return int(db.execute("SELECT last_insert_rowid()").fetchone()[0])

    def end(self, run: int) -> None:
        """Note that a run came to its end."""
        with self._writing() as db:
            db.execute("UPDATE runs SET ended_at = ? WHERE id = ?", (time.time(), run))

    def last_run(self) -> tuple[int, Options]:
        """The number and the options of the newest run.

        Raises
        ------
        LedgerError
            If there was none.
        """
        with self._lock, self._told():
            found = self._db.execute("SELECT id, options FROM runs ORDER BY id DESC").fetchone()
        if found is None:
            raise LedgerError(f"{self.path.parent} holds no run yet; begin one: automask batch.")
        return int(found[0]), _options(self.path, found[1])

    def adopt(self, run: int) -> int:
        """How many pictures `run` takes over from earlier runs that had the same options.

        They are those that were never finished: the run was stopped, or another was begun.
        """
        marks = ", ".join("?" * len(UNFINISHED))
        with self._writing() as db:
            return db.execute(
                f"UPDATE pictures SET run = ? WHERE run <> ? AND state IN ({marks}) AND run IN "  # noqa: S608
                "(SELECT id FROM runs WHERE options = (SELECT options FROM runs WHERE id = ?))",
                (run, run, *UNFINISHED, run),
            ).rowcount

    def times(self) -> tuple[float, float | None]:
        """When the newest run began, and when it came to its end, in seconds since 1970."""
        with self._lock, self._told():
            found = self._db.execute(
                "SELECT started_at, ended_at FROM runs ORDER BY id DESC"
            ).fetchone()
        return (float(found[0]), found[1]) if found else (0.0, None)

    def changed_at(self) -> float:
        """When something last became of a picture, in seconds since 1970; 0 if nothing yet."""
        with self._lock, self._told():
            found = self._db.execute("SELECT max(updated_at) FROM pictures").fetchone()
        return float(found[0] or 0)

    # --- pictures ------------------------------------------------------------------------------

    def plan(self, items: Iterable[Item], run: int) -> int:
        """How many pictures `run` has, each a row now; those that were there keep their state."""
        pairs = ((key_of(item.name), item.as_json(), run) for item in items)
        with self._writing() as db:
            db.executemany(
                "INSERT INTO pictures (name, item, run) VALUES (?, ?, ?) ON CONFLICT (name) "
                "DO UPDATE SET item = excluded.item, run = excluded.run",
                pairs,
            )
        return self.count(run)

    def providers(self, run: int) -> set[str]:
        """The providers that pictures of `run` name themselves."""
        query = "SELECT DISTINCT json_extract(item, '$.provider') FROM pictures WHERE run = ?"
        with self._lock, self._told():
            return {str(name) for (name,) in self._db.execute(query, (run,)) if name}

    def count(self, run: int) -> int:
        """How many pictures belong to `run`."""
        with self._lock, self._told():
            found = self._db.execute("SELECT count(*) FROM pictures WHERE run = ?", (run,))
            return int(found.fetchone()[0])

    def find(self, name: str) -> Row | None:
        """The row of the picture `name`; None where there is none."""
        with self._lock, self._told():
            query = "SELECT * FROM pictures WHERE name = ?"
            row = self._db.execute(query, (key_of(name),)).fetchone()
        return None if row is None else row_of(row)

    def rows(self, *states: str, run: int = 0) -> Iterator[Row]:
        """The rows in the order of listing: of `run`, and in `states`, where those are given."""
        marks = ", ".join("?" * len(states))
        where = "id > ?" + (f" AND state IN ({marks})" if states else "")
        where += " AND run = ?" if run else ""
        last = 0
        while True:
            values = (last, *states, *([run] if run else []))
            with self._lock, self._told():
                piece = self._db.execute(
                    f"SELECT * FROM pictures WHERE {where} ORDER BY id LIMIT {_PIECE}",  # noqa: S608
                    values,
                ).fetchall()
            if not piece:
                return
            yield from map(row_of, piece)
            last = piece[-1]["id"]

    def beside(self, name: str, stem: str) -> list[Item]:
        """The other pictures that are called `stem`, with or without an ending."""
        with self._lock, self._told():
            found = self._db.execute(
                "SELECT item FROM pictures WHERE name <> ? AND (name = ? OR name > ? AND name < ?)",
                (name, stem, f"{stem}.", f"{stem}/"),  # a slash comes right after the dot
            ).fetchall()
        return [Item.from_json(item) for (item,) in found]

    def keep(self, outcome: Outcome, recipe: str) -> None:
        """Write down what became of a picture."""
        values = (
            outcome.state, outcome.reason, recipe, outcome.sha256,
            json.dumps(outcome.outputs), json.dumps(outcome.facts), time.time(),
            key_of(outcome.name),
        )  # fmt: skip
        with self._writing() as db:
            db.execute(
                "UPDATE pictures SET state = ?, reason = ?, recipe = ?, sha256 = ?, outputs = ?, "
                "facts = ?, updated_at = ? WHERE name = ?",
                values,
            )

    def note_job(
        self,
        picture: int,
        state: str,
        job: str,
        reason: str,
        results: tuple[tuple[str, int], ...] = (),
        credits: float = 0.0,  # noqa: A002  (the service's word)
    ) -> None:
        """Write down what became of the paid job of a picture, and the files it delivered."""
        with self._writing() as db:
            row = db.execute("SELECT * FROM pictures WHERE id = ?", (picture,)).fetchone()
            outputs = dict(json.loads(row["outputs"])) | dict(results)
            facts = json.loads(row["facts"]) | ({"credits": credits} if credits else {})
            values = (
                state, job, reason, json.dumps(list(outputs.items())), json.dumps(facts),
                time.time(), picture,
            )  # fmt: skip
            db.execute(
                "UPDATE pictures SET state = ?, job = ?, reason = ?, outputs = ?, facts = ?, "
                "updated_at = ? WHERE id = ?",
                values,
            )

    def again(self, states: Sequence[str], rule: str, options: Options) -> int:
        """The number of a new run over the pictures in `states`, to be done by `rule` if given.

        It is 0, and there is no run, where no picture is in one of them.
        """
        if not any(self.states()[state] for state in states):
            return 0
        number = self.begin(options, ())
        marks = ", ".join("?" * len(states))
        news = ", item = json_set(item, '$.rule', ?)" if rule else ""
        with self._writing() as db:
            db.execute(
                f"UPDATE pictures SET state = 'planned', recipe = '', run = ?{news} "  # noqa: S608
                f"WHERE state IN ({marks})",
                (number, *([rule] if rule else []), *states),
            )
        return number

    def take(self, other: Record) -> None:
        """Add all pictures of `other`, and its newest run."""
        columns = "name, item, state, reason, recipe, sha256, outputs, facts, job, updated_at"
        _, options = other.last_run()
        run = self.begin(options, ())
        with self._lock, self._told():
            self._db.execute("ATTACH ? AS other", (str(other.path),))
            try:
                self._db.execute(
                    f"INSERT OR REPLACE INTO main.pictures (run, {columns}) "  # noqa: S608
                    f"SELECT ?, {columns} FROM other.pictures ORDER BY id",
                    (run,),
                )
            finally:
                self._db.execute("DETACH other")

    def credits(self) -> float:
        """What the jobs of all pictures cost, as far as is known."""
        query = "SELECT total(json_extract(facts, '$.credits')) FROM pictures"
        with self._lock, self._told():
            return float(self._db.execute(query).fetchone()[0])

    def states(self, run: int = 0) -> Counter[str]:
        """How many pictures there are in each state; of `run` where it is given."""
        where, values = ("WHERE run = ?", (run,)) if run else ("", ())
        with self._lock, self._told():
            found = self._db.execute(
                f"SELECT state, count(*) FROM pictures {where} GROUP BY state",  # noqa: S608
                values,
            ).fetchall()
        return Counter({str(state): int(count) for state, count in found})


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


def _options(path: Path, text: str) -> Options:
    try:
        return Options.from_json(json.loads(text))
    except ArgumentError as error:
        raise LedgerError(f"{path}: the batch was begun with other options: {error}") from None
