"""The record of a batch: OUT/ledger.db, a row a picture, written as soon as something became of it.

What was paid stands in the ledger of jobs (`automask.ledger`); here stands what was done with each
picture, from which bytes and by which recipe, so that a run that was stopped is gone on with.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from automask.batch import layouts
from automask.batch.items import Item, Options
from automask.batch.opened import Opened
from automask.batch.rows import Row, key_of, row_of
from automask.batch.states import UNFINISHED
from automask.batch.work import Outcome
from automask.errors import ArgumentError, LedgerError

_PIECE = 500  # rows that are in memory at once


class Record(Opened):
    """The record of the batch in one folder; the parameters are those of `Opened`."""

    def __init__(self, out: Path, *, writing: bool = True, shard: str = "") -> None:
        super().__init__(out, writing=writing, shard=shard)
        self._known: dict[int, Options] = {}
        self._all_ended = True

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

    def options(self, run: int) -> Options:
        """The options of `run`; those of the newest one for a number that is none."""
        if run not in self._known:
            with self._lock, self._told():
                query = "SELECT options FROM runs WHERE id = ?"
                found = self._db.execute(query, (run,)).fetchone()
            self._known[run] = _options(self.path, found[0]) if found else self.last_run()[1]
        return self._known[run]

    def open_runs(self) -> list[tuple[int, Options]]:
        """The newest run and, of all other options with unfinished pictures, the newest of each."""
        newest, marks = self.last_run(), ", ".join("?" * len(UNFINISHED))
        query = f"""SELECT max(id) FROM runs WHERE options IN (
            SELECT options FROM runs WHERE id IN (SELECT run FROM pictures WHERE state IN ({marks}))
            ) GROUP BY options ORDER BY 1 DESC"""  # noqa: S608
        with self._lock, self._told():
            found = [int(run) for (run,) in self._db.execute(query, UNFINISHED)]
        return [newest, *((run, self.options(run)) for run in found if run != newest[0])]

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

    def ended(self) -> bool:
        """Whether the newest run came to its end, and those of all shares that were taken."""
        return self._all_ended and self.times()[1] is not None

    def changed_at(self) -> float:
        """When something last became of a picture, in seconds since 1970; 0 if nothing yet."""
        with self._lock, self._told():
            found = self._db.execute("SELECT max(updated_at) FROM pictures").fetchone()
        return float(found[0] or 0)

    # --- pictures ------------------------------------------------------------------------------

    def plan(self, items: Iterable[Item], run: int) -> int:
        """How many pictures `run` has, each a row now.

        Those that were there keep their state, and the rule by which a person had them done again.
        """
        pairs = ((key_of(item.name), item.as_json(), run) for item in items)
        with self._writing() as db:
            db.executemany(
                "INSERT INTO pictures (name, item, run) VALUES (?, ?, ?) ON CONFLICT (name) "
                "DO UPDATE SET run = excluded.run, item = CASE WHEN "
                "json_extract(item, '$.instead') IS NULL THEN excluded.item "
                "ELSE json_set(excluded.item, '$.instead', json_extract(item, '$.instead'), "
                "'$.instead_of', json_extract(item, '$.instead_of')) END",
                pairs,
            )
        return self.count(run)

    def providers(self, run: int) -> set[str]:
        """The providers that pictures of `run` name themselves."""
        query = "SELECT DISTINCT json_extract(item, '$.provider') FROM pictures WHERE run = ?"
        with self._lock, self._told():
            return {str(name) for (name,) in self._db.execute(query, (run,)) if name}

    def wishes(self, run: int) -> dict[tuple[str, str], bool]:
        """The rules and providers that pictures of `run` are done by, each pair once.

        With each, whether something is left to be done with one of its pictures.
        """
        names = ("rule", "provider", "instead", "instead_of")
        own = ", ".join(f"ifnull(json_extract(item, '$.{name}'), '')" for name in names)
        marks = ", ".join("?" * len(UNFINISHED))
        query = (
            f"SELECT max(state IN ('failed', {marks})), {own} FROM pictures "  # noqa: S608
            "WHERE run = ? GROUP BY 2, 3, 4, 5"
        )
        with self._lock, self._told():
            rows = self._db.execute(query, (*UNFINISHED, run)).fetchall()
        found: dict[tuple[str, str], bool] = {}
        for left, *values in rows:
            item = Item("", **dict(zip(names, values, strict=True)))
            wanted = self.options(run).completed(item)
            pair = wanted.rule, wanted.provider
            found[pair] = bool(left) or found.get(pair, False)
        return found

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
        # A slash comes right after the dot, and a quote before what is no text (see `key_of`).
        begins = [text + end for text in _as_keys(stem) for end in "./"]
        with self._lock, self._told():
            found = self._db.execute(
                "SELECT item FROM pictures WHERE name <> ? AND (name = ? OR name > ? AND name < ? "
                "OR name > ? AND name < ?)",
                (key_of(name), key_of(stem), *begins),
            ).fetchall()
        return [Item.from_json(item) for (item,) in found]

    def call_in_twins(self, run: int) -> int:
        """How many pictures of earlier runs with its options `run` takes over from now on.

        They are those that a layout which knows no endings cannot tell from pictures of `run`: what
        it made for them would be taken for both.
        """
        if self.count(run) == self.states().total():
            return 0
        others: set[str] = set()
        for row in self.rows(run=run):
            stem = layouts.stem(row.item)
            beside = self.beside(row.item.name, stem)
            others.update(key_of(it.name) for it in beside if layouts.stem(it) == stem)
        with self._writing() as db:
            return db.executemany(
                "UPDATE pictures SET run = ? WHERE name = ? AND run <> ? AND run IN "
                "(SELECT id FROM runs WHERE options = (SELECT options FROM runs WHERE id = ?))",
                [(run, name, run, run) for name in others],
            ).rowcount

    def reopen(self, picture: int) -> None:
        """Write down that the files of a picture are about to change: they stand for no recipe."""
        with self._writing() as db:
            db.execute("UPDATE pictures SET recipe = '' WHERE id = ?", (picture,))

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

    def again(self, states: Sequence[str], rule: str) -> list[tuple[int, Options]]:
        """New runs over the pictures in `states`, to be done by `rule` if given.

        Each picture by the options that it was listed with: a run for each that differ.

        Raises
        ------
        LedgerError
            If there was no run yet.
        """
        self.last_run()
        marks = ", ".join("?" * len(states))
        query = f"""SELECT max(run) FROM pictures JOIN runs ON runs.id = run
            WHERE state IN ({marks}) GROUP BY options ORDER BY 1"""  # noqa: S608
        with self._lock, self._told():
            last = [int(run) for (run,) in self._db.execute(query, tuple(states))]
        return [self._again(states, rule, self.options(run), run) for run in last]

    def _again(
        self, states: Sequence[str], rule: str, options: Options, last: int
    ) -> tuple[int, Options]:
        number, marks = self.begin(options, ()), ", ".join("?" * len(states))
        listed = "ifnull(json_extract(item, '$.rule'), ?)"
        news = f", item = json_set(item, '$.instead', ?, '$.instead_of', {listed})" if rule else ""
        with self._writing() as db:
            db.execute(
                f"UPDATE pictures SET state = 'planned', recipe = '', run = ?{news} "  # noqa: S608
                f"WHERE state IN ({marks}) AND run IN "
                "(SELECT id FROM runs WHERE options = (SELECT options FROM runs WHERE id = ?))",
                (number, *([rule, options.rule] if rule else []), *states, last),
            )
        return number, options

    def take(self, other: Record) -> None:
        """Add all pictures of `other`, and its runs."""
        self._all_ended &= other.ended()
        columns = "name, item, state, reason, recipe, sha256, outputs, facts, job, updated_at"
        with self._lock, self._told():
            self._db.execute("ATTACH ? AS other", (str(other.path),))
            try:
                (last,) = self._db.execute("SELECT ifnull(max(id), 0) FROM main.runs").fetchone()
                self._db.execute(
                    "INSERT INTO main.runs SELECT id + ?, options, inputs, started_at, ended_at "
                    "FROM other.runs",
                    (last,),
                )
                self._db.execute(
                    f"INSERT OR REPLACE INTO main.pictures (run, {columns}) "  # noqa: S608
                    f"SELECT run + ?, {columns} FROM other.pictures ORDER BY id",
                    (last,),
                )
            finally:
                self._db.execute("DETACH other")

    def has_outputs(self, folder: str) -> bool:
        """Whether a picture has a file in `folder` of the batch."""
        query = "SELECT 1 FROM pictures WHERE outputs LIKE ? LIMIT 1"
        with self._lock, self._told():
            return self._db.execute(query, (f'%["{folder}/%',)).fetchone() is not None

    def common_failure(self) -> tuple[int, str]:
        """How many pictures failed for the most frequent reason, and that reason."""
        query = (
            "SELECT count(*), reason FROM pictures WHERE state = 'failed' "
            "GROUP BY reason ORDER BY 1 DESC LIMIT 1"
        )
        with self._lock, self._told():
            found = self._db.execute(query).fetchone()
        return (int(found[0]), str(found[1])) if found else (0, "")

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


def _as_keys(text: str) -> tuple[str, str]:
    """The beginning `text` of a name as it stands in the record if it is text, and if it is not."""
    escaped = json.dumps(text)[:-1]
    return (text if key_of(text) == text else escaped), escaped


@lru_cache(64)  # a watch has many runs with the same
def _options(path: Path, text: str) -> Options:
    try:
        return Options.from_json(json.loads(text))
    except ArgumentError as error:
        raise LedgerError(f"{path}: the batch was begun with other options: {error}") from None
