"""The run of a batch: what was listed is worked on, and what became of it is written down."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from automask.batch import layouts, outs
from automask.batch.engines.base import Engine
from automask.batch.items import Item, Options
from automask.batch.known import Known
from automask.batch.pay import Cashier, is_paid
from automask.batch.progress import Ear, Patience, Progress
from automask.batch.record import Record
from automask.batch.rows import Row
from automask.batch.states import FAILED, OPEN
from automask.batch.work import Outcome, Task, do
from automask.errors import AutomaskError


@dataclass
class Run:
    """A run over the pictures that `record` has for it.

    Parameters
    ----------
    record : Record
    out : Path
    number : int
        The run's, in the record.
    options : Options
    engine : Engine
    patience : Patience, optional
    budget : float, optional
        The credits that it may spend.
    ledger : str or Path, optional
        The record of jobs; the user's own when left out.
    since : float
        From when on what is sent counts against the budget, in s since 1970, UTC.
    before : Counter of str
        What became of the pictures of earlier runs that `patience` counts as well.
    accepting : bool
        A person looked at the pictures, and found their masks right whatever they measure.
    """

    record: Record
    out: Path
    number: int
    options: Options
    engine: Engine
    patience: Patience | None = None
    budget: float | None = None
    ledger: str | Path | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    since: float = field(default_factory=time.time)
    before: Counter[str] = field(default_factory=Counter)
    accepting: bool = False

    def __post_init__(self) -> None:
        self.known = Known(self.record, self.out, self.options)
        self.results = self.options.results(self.out)
        self.progress = Progress(self.record.count(self.number))
        self._begun: dict[str, tuple[str, Row, Task | None]] = {}
        self._changed: list[tuple[str, Row, Task]] = []
        self._states: Counter[str] = Counter()

    def stop(self, why: str) -> None:
        """Take no more pictures; those that were begun are finished."""
        self.progress.stopped = self.progress.stopped or why
        self.stopping.set()

    def check(self) -> None:
        """Raise what would stop the run on its way, or make every picture fail for one reason.

        Raises
        ------
        AutomaskError
            If a model is missing; or, where all pictures have one rule and provider, something
            else that each of them needs.
        """
        recipes, wishes = self.known.recipes, self.record.wishes(self.number)
        for (rule, provider), is_left in wishes.items():
            recipes.parts(rule)
            recipes.of_provider(provider)
            if len(wishes) == 1 and is_left:
                recipes.refuse_unready(rule, provider)

    def go(self, tell: Callable[[Progress], None] | None = None) -> Progress:
        """Work until all is done, or until `stop`; how far it came."""
        self.progress.started = time.monotonic()
        if layouts.needs_stems(self.options.layout):
            self.progress.total += self.record.call_in_twins(self.number)
        names = self.record.providers(self.number) | {self.options.provider}
        if not any(map(is_paid, names)):
            self._mask(((row, row.item) for row in self._rows()), tell)
        else:
            self._mask_and_pay(tell)
        if not self.stopping.is_set():
            self.record.end(self.number)
        return self.progress

    def _mask_and_pay(self, tell: Callable[[Progress], None] | None) -> None:
        cashier = Cashier(
            self.record, self.out, self.options, self.budget, self.stopping, self.ledger,
            since=self.since,
        )  # fmt: skip
        cashier.after = self._note_paid
        cashier.tell = Ear(self.progress, lambda: cashier.jobs.spent(cashier.since), tell)
        try:
            self._mask(cashier.with_parents(self._rows()), tell)
            if not self.stopping.is_set():
                self._states = self.record.states(self.number)
                cashier.pay(self.number)
        finally:
            self.progress.states = self.record.states(self.number)
            self.progress.jobs.clear()
            self.progress.credits = cashier.jobs.spent(cashier.since)
            cashier.close()

    def _rows(self) -> Iterator[Row]:
        for row in self.record.rows(run=self.number):
            if self.stopping.is_set():
                return
            yield row

    def _mask(
        self,
        pairs: Iterator[tuple[Row, Item | AutomaskError]],
        tell: Callable[[Progress], None] | None,
    ) -> None:
        self._work(self._tasks(pairs), tell)
        if self._changed:  # those that were still being looked at when the last one was begun
            self._work(self._tasks_of_changed(), tell)

    def _work(self, tasks: Iterator[Task], tell: Callable[[Progress], None] | None) -> None:
        for outcome in self.engine.outcomes(do, tasks):
            self._keep(outcome)
            if tell:
                tell(self.progress)

    def _tasks(self, pairs: Iterator[tuple[Row, Item | AutomaskError]]) -> Iterator[Task]:
        for row, item in pairs:
            yield from self._tasks_of_changed()
            recipe, has_twin = self.known.recipe(row.item)
            self._begun[row.item.name] = recipe, row, None
            if isinstance(item, AutomaskError):
                if self.stopping.is_set():  # it was not waited for, which is no failure
                    continue
                self._keep(Outcome(row.item.name, FAILED, str(item)))
                continue
            known = self.known.sha256(row, recipe)
            if row.recipe and not known:
                self.record.reopen(row.id)
            accepted = row.sha256 if self.accepting else ""
            task = Task(
                self.options.completed(item), self.options, self.results, known, has_twin, accepted
            )
            self._begun[row.item.name] = recipe, row, task
            yield task

    def _tasks_of_changed(self) -> Iterator[Task]:
        """Those whose pictures turned out to have other bytes, of which the record knows nothing.

        Before, or whoever is killed between the files and the record would leave new files for the
        old bytes: if the picture is put back, they would be taken for its own.
        """
        while self._changed and not self.stopping.is_set():
            recipe, row, task = self._changed.pop()
            self.record.reopen(row.id)
            self._begun[row.item.name] = recipe, row, task
            yield replace(task, known="")

    def _keep(self, outcome: Outcome) -> None:
        recipe, row, task = self._begun.pop(outcome.name)
        if task and outcome.changed:
            self._changed.append((recipe, row, task))
            return
        if outcome.no_room:  # it stays as it was, and is done when there is room
            self.stop("the disk is full")
            return
        if outcome.unchanged:
            self.progress.unchanged += row.state not in OPEN
            self.progress.gone += bool(outcome.reason)
            self.progress.states[row.state] += 1
        else:
            if not outcome.sha256:  # nothing was seen of it: what is there is not known to be wrong
                outcome = replace(outcome, outputs=row.outputs)
            self._clear(row, outcome)  # first: what the record does not name, nobody would remove
            self.record.keep(outcome, recipe)
            self.progress.states[outcome.state] += 1
        self._check_patience(self.progress.states)

    def _note_paid(self, before: str, now: str) -> None:
        """Count the paid jobs that failed as well."""
        self._states[before] -= 1
        self._states[now] += 1
        self._check_patience(self._states)

    def _check_patience(self, states: Counter[str]) -> None:
        failed = self.before[FAILED] + states[FAILED]
        over = self.before.total() + states.total()
        if self.patience and self.patience.is_over(failed, over):
            self.stop(f"{failed} of {over} pictures failed")

    def _clear(self, row: Row, outcome: Outcome) -> None:
        """Remove what an older recipe wrote for the picture and this one did not.

        What was paid for stays, whatever becomes of its rule.
        """
        now = {place for place, _ in outcome.outputs}
        paid = bool(row.job)
        for place, _ in row.outputs:
            if place not in now and not (paid and place.startswith("results/")):
                outs.remove(self.results, place)
