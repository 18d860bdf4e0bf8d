"""Paid batches that are killed and stopped while the service has faults, and what must hold then.

By hand, for more jobs than the suite has time for:
python -m tests.batch.paying JOBS STOPS SEED DRIVERS
"""

import csv
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import numpy as np

from automask.batch.record import Record
from automask.ledger import Entry, JobState, Ledger
from automask.testing import Sandbox
from automask.testing.sandbox.pictures import Studio
from tests.children import READY, begun
from tests.trees import contents

FAULTS = (
    "dropped", "reset", "lost", "500-accepted", "502-accepted", "empty", "503", "502", "fail",
    "fetch:500", "fetch:lost", "download:502", "download:lost", "404", "running",
)  # fmt: skip
RUN = f"{READY}; from automask.cli import main; main()"


@dataclass
class Paying:
    """A table of pictures that a service keeps, and a batch over it, or the same one twice.

    Two `drivers` work on the same jobs at once, each in a folder of its own, with one ledger.
    """

    folder: Path
    seed: int
    jobs: int = 500
    share: float = 0.04
    drivers: int = 1
    sessions: int = 0
    kills: int = 0
    interrupts: int = 0
    doubted: set[str] = field(default_factory=set)
    most_spent: float = 0.0

    def run(self, stops: int, budget: float) -> "Paying":
        """Stop the batch `stops` times at random moments, end it, and hold it against the bill."""
        draw = random.Random(self.seed)
        with Sandbox(
            seed=self.seed, credits=10**6, size=(36, 24), faults=FAULTS, fault_share=self.share
        ) as sandbox:
            self._write_table(sandbox)
            # Half of the jobs are for sessions that are stopped, whatever is paid in each of them.
            most = max(self.jobs // (2 * stops), 1)
            while self.kills + self.interrupts < stops and sandbox.billed.total() < self.jobs // 2:
                how = signal.SIGKILL if draw.random() < 0.8 else signal.SIGINT
                # Early ones come while pictures are fetched and masked, late ones while it is paid.
                self._session(sandbox, budget, how, draw.randint(0, most), draw.uniform(0, 0.4))
            sandbox.faults.clear()
            before = -1
            while before != (before := sandbox.billed.total()):
                self._session(sandbox, budget)
            self._check(sandbox)
        return self

    def _write_table(self, sandbox: Sandbox) -> None:
        draw = np.random.default_rng(self.seed)
        with (self.folder / "jobs.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["message_id", "prompt"])
            for number in range(self.jobs):
                rgb = draw.integers(0, 256, (24, 36, 3), np.uint8)
                rows.writerow([sandbox.add_parent(rgb), f"pond {number}"])

    def _session(self, sandbox, budget, how=None, most=0, wait_s=0.0) -> None:
        """A command for each driver, all stopped by the signal `how` when `most` jobs are paid."""
        self.sessions += 1
        told = {"AUTOMASK_LEDGER": str(self.ledger), "IMAGINEPRO_LIMITS": "off"}
        paid, jobs = sum(charge.credits for charge in sandbox.charges), len(sandbox.charges)
        with ExitStack() as all_over:
            children = [
                all_over.enter_context(
                    begun(RUN, *self._words(out, budget), environment=sandbox.environment | told)
                )
                for out in self.outs
            ]
            if how and _has_come(lambda: len(sandbox.charges) - jobs >= most, children):
                time.sleep(wait_s)
                for child in children:
                    child.send_signal(how)
                self.kills += how == signal.SIGKILL
                self.interrupts += how == signal.SIGINT
            for child in children:
                _, said = child.communicate(timeout=300)
                assert child.returncode in ((0, 4, -how, 130) if how else (0, 4)), said
                assert "Traceback" not in said, said
        spent = sum(charge.credits for charge in sandbox.charges) - paid
        self.most_spent = max(self.most_spent, spent)
        assert spent <= budget
        with Ledger(self.ledger) as ledger:
            self.doubted |= {entry.ref for entry in ledger.in_doubt()}
        if not how:
            assert "submitting" not in self._states()  # one waits for what another is sending

    def _words(self, out: Path, budget: float) -> list[str]:
        words = ["batch", "rect(10%, 20%, 30%, 40%)", "--jobs-file", str(self.folder / "jobs.csv")]
        return [*words, "-o", str(out), "--provider", "imaginepro", "--budget", str(budget)]

    @property
    def outs(self) -> list[Path]:
        return [self.folder / f"out{number}" for number in range(self.drivers)]

    def _states(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for out in self.outs:
            with Record(out, writing=False) as record:
                found += record.states()
        return found

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite3"

    def _check(self, sandbox: Sandbox) -> None:
        """Hold the batches, the ledger of jobs and the bill against one another, ref by ref."""
        with Ledger(self.ledger) as ledger:
            entries = {entry.ref: entry for entry in ledger.jobs()}
        self.states = Counter(str(entry.state) for entry in entries.values())
        assert set(sandbox.billed.values()) == {1}
        assert set(sandbox.billed_alike.values()) == {1}
        for out in self.outs:
            self._check_rows(out, entries, sandbox)
        taken = {ref for ref, entry in entries.items() if entry.handle}
        unnamed = set(sandbox.billed) - taken
        assert unnamed <= {ref for ref, e in entries.items() if e.state is JobState.IN_DOUBT}
        assert not list(self.folder.rglob(".automask-*.tmp"))
        first = contents(self.outs[0] / "results")
        assert all(contents(out / "results") == first for out in self.outs)

    def _check_rows(self, out: Path, entries: dict[str, Entry], sandbox: Sandbox) -> None:
        with Record(out, writing=False) as record:
            rows = list(record.rows())
        assert len(rows) == self.jobs == len({row.job for row in rows})
        assert {row.state for row in rows} <= {"done", "in_doubt", "failed"}
        named, studio = [], Studio()
        for row in rows:
            assert row.state == str(entries[row.job].state), row
            places = [p for p, _ in row.outputs if p.startswith("results/")]
            named += places
            assert len(places) == 4 * (row.state == "done"), row
            assert sandbox.billed[row.job] == 1 or row.state != "done", row
            for place in places:
                message, number = entries[row.job].handle, int(place.rpartition("-")[2][:-4])
                wanted = sandbox.store.messages[message].pictures[number - 1]
                assert (out / place).read_bytes() == studio.png(wanted), place
        there = contents(out / "results")
        assert sorted(there) == sorted(name.removeprefix("results/") for name in named)

    def __str__(self) -> str:
        return (
            f"{self.jobs} jobs in {self.sessions} sessions of {self.drivers}, {self.kills} killed "
            f"and {self.interrupts} interrupted: {dict(self.states)}, nothing billed twice; "
            f"{len(self.doubted)} jobs were in doubt for a time; at most {self.most_spent:g} "
            f"credits in one session"
        )


def _has_come(moment: Callable[[], bool], children: list[Popen[str]]) -> bool:
    """Whether `moment` came while all of `children` were at work."""
    while not any(child.poll() is not None for child in children):
        if moment():
            return True
        time.sleep(0.01)
    return False


if __name__ == "__main__":
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        jobs, stops, seed, drivers = map(int, sys.argv[1:])
        told = Paying(Path(place), seed, jobs, drivers=drivers).run(stops, budget=1000.0)
        sys.stdout.write(f"{told} of 1000; {time.monotonic() - began_s:.0f} s\n")
