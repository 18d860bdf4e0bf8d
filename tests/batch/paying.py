"""Paid batches that are killed and stopped while the service has faults, and what must hold then.

By hand, for more jobs than the suite has time for: python -m tests.batch.paying JOBS STOPS SEED
"""

import csv
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from automask.batch.record import Record
from automask.ledger import JobState, Ledger
from automask.testing import Sandbox
from tests.children import READY, begun

FAULTS = (
    "dropped", "reset", "lost", "500-accepted", "502-accepted", "empty", "503", "502", "fail",
    "fetch:500", "fetch:lost", "download:502", "download:lost", "404", "running",
)  # fmt: skip
RUN = f"{READY}; from automask.cli import main; main()"


@dataclass
class Paying:
    """A table of pictures that a service keeps, and one batch over it."""

    folder: Path
    seed: int
    jobs: int = 500
    share: float = 0.04
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
            while self.kills + self.interrupts < stops and sandbox.billed.total() < self.jobs // 2:
                how = signal.SIGKILL if draw.random() < 0.6 else signal.SIGINT
                # Early ones come while pictures are fetched and masked, late ones while it is paid.
                self._session(sandbox, budget, how, draw.randint(0, self.jobs // (2 * stops)))
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

    def _session(self, sandbox, budget, how=None, most=0) -> None:
        """One command, stopped by the signal `how` when it has paid for `most` jobs or more."""
        self.sessions += 1
        words = ["batch", "rect(10%, 20%, 30%, 40%)", "--jobs-file", str(self.folder / "jobs.csv")]
        words += ["-o", str(self.folder / "out"), "--provider", "imaginepro"]
        words += ["--budget", str(budget)]
        told = {"AUTOMASK_LEDGER": str(self.ledger), "IMAGINEPRO_LIMITS": "off"}
        paid, jobs = sum(charge.credits for charge in sandbox.charges), len(sandbox.charges)
        with begun(RUN, *words, environment=sandbox.environment | told) as child:
            while how and child.poll() is None:
                if len(sandbox.charges) - jobs >= most:
                    time.sleep(random.Random(jobs).uniform(0, 0.4))
                    child.send_signal(how)
                    self.kills += how == signal.SIGKILL
                    self.interrupts += how == signal.SIGINT
                    break
                time.sleep(0.01)
            _, said = child.communicate(timeout=300)
            assert child.returncode in (0, 4, 130, -9), said
        spent = sum(charge.credits for charge in sandbox.charges) - paid
        self.most_spent = max(self.most_spent, spent)
        assert spent <= budget
        with Ledger(self.ledger) as ledger:
            self.doubted |= {entry.ref for entry in ledger.in_doubt()}

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite3"

    def _check(self, sandbox: Sandbox) -> None:
        """Hold the batch, the ledger of jobs and the bill against one another, ref by ref."""
        with Ledger(self.ledger) as ledger:
            entries = {entry.ref: entry for entry in ledger.jobs()}
        with Record(self.folder / "out", writing=False) as record:
            rows = list(record.rows())
        self.states = Counter(row.state for row in rows)
        assert set(sandbox.billed.values()) <= {1}
        assert set(sandbox.billed_alike.values()) <= {1}
        assert len(rows) == self.jobs
        for row in rows:
            assert row.state == str(entries[row.job].state), row
            places = [self.folder / "out" / p for p, _ in row.outputs if p.startswith("results/")]
            if row.state == "done":
                assert sandbox.billed[row.job] == 1, row
                assert len(places) == 4, row
                assert all(place.is_file() for place in places), row
        assert set(self.states) <= {"done", "in_doubt", "failed"}, self.states
        taken = {ref for ref, entry in entries.items() if entry.handle}
        unnamed = set(sandbox.billed) - taken
        assert unnamed <= {ref for ref, e in entries.items() if e.state is JobState.IN_DOUBT}
        assert not list(self.folder.rglob(".automask-*.tmp"))

    def __str__(self) -> str:
        return (
            f"{self.jobs} jobs in {self.sessions} sessions, {self.kills} killed and "
            f"{self.interrupts} interrupted: {dict(self.states)}, nothing billed twice; "
            f"{len(self.doubted)} jobs were in doubt for a time; at most {self.most_spent:g} "
            f"credits in one session"
        )


if __name__ == "__main__":
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        jobs, stops, seed = map(int, sys.argv[1:])
        told = Paying(Path(place), seed, jobs).run(stops, budget=1000.0)
        sys.stdout.write(f"{told} of 1000; {time.monotonic() - began_s:.0f} s\n")
