"""``automask batch --watch``: pictures are worked on as they come, until Ctrl-C."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automask.cli import INTERRUPTED, batching, engines, progressing, talk, working
from automask.cli.outcome import REVIEW
from automask.errors import OutputError

if TYPE_CHECKING:
    from automask.batch.engines.base import Engine
    from automask.batch.items import Item, Options
    from automask.batch.progress import Patience, Progress
    from automask.batch.record import Record
    from automask.batch.run import Run
    from automask.batch.watch import Watch

REPORT_SHARE = 0.1  # of the time that may go into writing reports anew


def watch(
    words: Sequence[str], out: Path, wanted: Options, *, as_json: bool, how: dict[str, Any]
) -> int:
    """Work on the pictures of `words` as they come, and give the exit code."""
    from automask.batch.watch import Watch

    watched = Watch(words, Path(wanted.results(out)), how["settle"])
    patience = batching.read_patience(how["max_failures"])
    with engines.record(out, how) as record:
        state = _Watching(record, out, wanted, words, patience, how)
        with progressing.stopping(state.stop):
            talk.say("Watching; Ctrl-C ends it when the pictures at hand are done.")
            state.go(watched)
        return state.end(as_json)


@dataclass
class _Watching:
    """A watch as it goes on: a run for each group of pictures that came together."""

    record: Record
    out: Path
    wanted: Options
    words: Sequence[str]
    patience: Patience | None
    how: dict[str, Any]
    stopping: threading.Event = field(default_factory=threading.Event)
    since: float = field(default_factory=time.time)
    before: Counter[str] = field(default_factory=Counter)
    engine: Engine = field(init=False)
    total: Progress = field(init=False)
    run: Run | None = None
    _said_s: float = -progressing.LINE_S
    _report_due_s: float = 0.0

    def __post_init__(self) -> None:
        from automask.batch.progress import Progress

        self.engine = engines.chosen(self.how)
        self.total = Progress(0)

    def stop(self, why: str) -> None:
        """End the watch when the pictures at hand are done."""
        self.total.stopped = self.total.stopped or why
        self.stopping.set()
        if self.run:
            self.run.stop(why)

    def go(self, watched: Watch) -> None:
        """Work on what comes until it is stopped."""
        for items in watched.rounds(self.stopping):
            done = self._worked_on(list(engines.part(items, self.how)))
            self.before += done.states
            self.total.add(done)
            self._say(done)
            self._report()

    def _worked_on(self, items: Sequence[Item]) -> Progress:
        from automask.batch.run import Run

        number = self.record.begin(self.wanted, self.words)
        self.record.plan(items, number)
        self.record.adopt(number)
        self.run = Run(
            self.record, self.out, number, self.wanted, self.engine, self.patience,
            self.how["budget"], stopping=self.stopping, since=self.since, before=self.before,
        )  # fmt: skip
        if self.stopping.is_set():
            self.run.stop(self.total.stopped)
        with progressing.shown(self.run.progress) as tell:
            return self.run.go(tell)

    def _say(self, done: Progress) -> None:
        """What became of a group: each on a terminal, a line a minute anywhere else."""
        now_s = time.monotonic()
        if talk.is_terminal(sys.stderr) or now_s - self._said_s >= progressing.LINE_S:
            self._said_s = now_s
            talk.say(f"{progressing.standing(done)}; {self.before.total()} since the start")

    def _report(self) -> None:
        """Write the reports, unless that took long and was done lately."""
        from automask.batch import report

        started_s = time.monotonic()
        if started_s >= self._report_due_s:
            report.write(self.record, self.out, self.wanted)
            took_s = time.monotonic() - started_s
            self._report_due_s = time.monotonic() + took_s / REPORT_SHARE

    def end(self, as_json: bool) -> int:
        """Report and sum up; the exit code."""
        self.total.states = self.record.states()
        self.total.total = self.total.over
        self._report_due_s = 0.0
        try:
            self._report()
        except OutputError as error:
            talk.warn(str(error))
        progressing.summary(self.total, self.out, again="the same command again")
        if as_json:
            talk.put_json(working.facts(self.total, self.out))
        return INTERRUPTED if self.total.stopped == "interrupted" else REVIEW
