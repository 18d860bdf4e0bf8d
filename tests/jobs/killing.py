"""Runs of many jobs that are killed at random moments and begun again, and what must hold then.

By hand, for more kills than the suite has time for: python -m tests.jobs.killing KILLS SEED
"""

import contextlib
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from automask import images
from automask.jobs import Desk
from automask.ledger import Entry, JobState, Ledger
from automask.providers.imaginepro import ImaginePro
from automask.testing import Sandbox
from tests.children import READY, begun, is_over

SHAPE = (24, 36)

RUN = f"""
import sys
import numpy as np
from automask.images import encode
from automask.jobs import Desk, Wishes, finish
from automask.ledger import Ledger
from automask.providers.base import Job
from automask.providers.imaginepro import ImaginePro
from automask.types import Mask
ledger, parent, folder, count, start = *sys.argv[1:4], *map(int, sys.argv[4:])
bits = np.zeros((24, 36), bool)
bits[4:20, 6:30] = True
mask = encode.encode(Mask(bits), "png")
engine = ImaginePro(limits=False)
picture = engine.parent(parent)
{READY}
with Ledger(ledger) as record:
    desk = Desk(record, engine)
    entries = [
        desk.place(Job("imaginepro", mask, str(n), picture, parent), Wishes(folder))
        for n in range(start, start + count)
    ]
    finish(desk, entries, workers=8, looks_per_s=1e6)
"""


@dataclass
class Killing:
    """A ledger, an output folder, and rounds of many jobs."""

    folder: Path
    seed: int
    jobs: int = 50
    rounds: int = 0
    round_s: float = 0.0
    kills: int = 0
    doubted: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    temporaries: int = 0

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite3"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def run(self, kills: int) -> "Killing":
        """Finish one round, begin others until `kills` were done and all are over, and check."""
        draw = random.Random(self.seed)
        rgb = np.random.default_rng(self.seed).integers(0, 256, (*SHAPE, 3), np.uint8)
        with Sandbox(seed=self.seed, credits=10**6) as sandbox:
            parent = sandbox.add_parent(rgb)
            while self.kills < kills:
                over = False
                while not over:
                    # As long as a whole round took: a kill may come at any point of it.
                    wait_s = draw.uniform(0, self.round_s) if self.rounds else None
                    wait_s = wait_s if self.kills < kills else None
                    over = self._run(sandbox, parent, self.jobs, self.rounds * self.jobs, wait_s)
                    self.kills += not over
                    self._reconcile(sandbox)
                self.rounds += 1
            assert self._run(sandbox, parent, self.jobs * self.rounds, 0, None)
        self.check(sandbox)
        return self

    def _run(self, sandbox, parent, count, start, wait_s) -> bool:
        """Whether a run came to its end, or was killed after `wait_s` of work."""
        wanted = (self.ledger, parent, self.out, count, start)
        with begun(RUN, *wanted, environment=sandbox.environment) as child:
            began_s = time.monotonic()
            if not is_over(child, wait_s):
                self.temporaries += len(_temporaries(self.folder))
                return False
        self.round_s = self.round_s or time.monotonic() - began_s
        return True

    def _reconcile(self, sandbox) -> None:
        with _environment(sandbox), Ledger(self.ledger) as record:
            engine = ImaginePro(limits=False)
            for entry in record.in_doubt():
                if entry.ref in self.doubted:  # every job is done at once: one look tells
                    continue
                self.doubted.add(entry.ref)
                if Desk(record, engine).reconcile(entry)[0].handle:
                    self.found.add(entry.ref)
            assert not record.jobs(JobState.SUBMITTING)  # nothing is left unnamed
            engine.close()

    def check(self, sandbox) -> None:
        """Hold the ledger and the files against the bill, ref by ref."""
        with Ledger(self.ledger) as record:
            rows = {entry.ref: entry for entry in record.jobs()}
        with contextlib.closing(sqlite3.connect(self.ledger)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert len(rows) == self.jobs * self.rounds
        assert {entry.state for entry in rows.values()} <= {JobState.DONE, JobState.IN_DOUBT}
        assert sandbox.billed == dict.fromkeys(_paid(rows), 1)
        assert set(sandbox.billed_alike.values()) == {1}
        assert {charge.message_id for charge in sandbox.charges} == {
            entry.handle for entry in rows.values() if entry.state is JobState.DONE
        }
        assert all(entry.ref in self.doubted for entry in rows.values() if not entry.handle)
        named = [place for entry in rows.values() for place in entry.results]
        assert len(named) == 4 * len(_paid(rows))
        assert sorted(named) == sorted(map(str, self.out.iterdir()))
        assert all(images.load(place).rgb.shape == (*SHAPE, 3) for place in named)
        assert not _temporaries(self.folder)
        kept = list(self.folder.rglob("*.json"))
        assert len(kept) == len(rows)
        assert all(json.loads(place.read_bytes())["mask"] for place in kept)

    def __str__(self) -> str:
        with Ledger(self.ledger) as record:
            states = Counter(str(entry.state) for entry in record.jobs())
        return (
            f"{self.kills} kills in {self.rounds} rounds of {self.jobs} jobs: {dict(states)}; "
            f"{len(self.doubted)} jobs were in doubt, {len(self.found)} of them had been taken and "
            f"were found; {self.temporaries} temporary files seen after kills, none at the end"
        )


def _paid(rows: dict[str, Entry]) -> list[str]:
    """The refs that the ledger takes for paid."""
    return [ref for ref, entry in rows.items() if entry.state is JobState.DONE]


def _temporaries(folder: Path) -> list[Path]:
    return list(folder.rglob(".automask-*"))


@contextlib.contextmanager
def _environment(sandbox):
    before = {name: os.environ.get(name) for name in sandbox.environment}
    os.environ |= sandbox.environment
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


if __name__ == "__main__":
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        told = Killing(Path(place), int(sys.argv[2])).run(int(sys.argv[1]))
        sys.stdout.write(f"{told}; {time.monotonic() - began_s:.0f} s\n")
