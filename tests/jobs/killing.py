"""A run of many jobs that is killed at random moments and begun again, until all are over.

Usage: python tests/jobs/killing.py KILLS SEED
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automask import images
from automask.jobs import Desk
from automask.ledger import JobState, Ledger
from automask.providers.imaginepro import ImaginePro
from automask.testing import Sandbox

JOBS, SHAPE = 50, (24, 36)
ROOT = Path(__file__).parents[2]

# Says when it begins, so that the kill comes while it works and not while it is imported.
RUN = """
import sys
import numpy as np
from automask.images import encode
from automask.jobs import Desk, Wishes, finish
from automask.ledger import JobState, Ledger
from automask.providers.base import Job
from automask.providers.imaginepro import ImaginePro
from automask.types import Mask
ImaginePro.first_poll_s = 0.01
ledger, parent, folder, count, start = *sys.argv[1:4], *map(int, sys.argv[4:])
bits = np.zeros((24, 36), bool)
bits[4:20, 6:30] = True
mask = encode.encode(Mask(bits), "png")
engine = ImaginePro(limits=False)
picture = engine.parent(parent)
print("ready", flush=True)
with Ledger(ledger) as record:
    desk = Desk(record, engine)
    entries = [
        desk.place(Job("imaginepro", mask, f"job {n}", picture, parent), Wishes(folder))
        for n in range(start, start + count)
    ]
    over = finish(desk, entries, workers=8, looks_per_s=1e6)
    for error in over.errors.values():
        print(error, file=sys.stderr)
"""


@dataclass(frozen=True)
class Figures:
    """What a run came to."""

    kills: int
    rounds: int
    in_doubt: int
    recovered: int
    states: Counter[str]
    billed: Counter[str]
    known: set[str]  # refs of the rows that the ledger takes for paid
    leftovers: list[str]  # files in the output folder that are no whole picture
    temporaries: int

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in {self.rounds} rounds of {JOBS} jobs: {dict(self.states)}; "
            f"{self.in_doubt} were in doubt, {self.recovered} of them found; billed "
            f"{self.billed.total()}, most for one job {max(self.billed.values())}; "
            f"{self.temporaries} temporary files, {len(self.leftovers)} broken files"
        )


def killed(folder: Path, kills: int, seed: int, *, most_s: float = 0.6) -> Figures:
    """What becomes of rounds of 50 jobs, begun until `kills` were done and every job is over."""
    draw, done, rounds, doubted, found = random.Random(seed), 0, 0, set(), set()
    ledger, out = folder / "ledger.sqlite3", folder / "out"
    rgb = np.random.default_rng(seed).integers(0, 256, (*SHAPE, 3), np.uint8)
    with Sandbox(seed=seed, credits=10**6) as sandbox:
        os.environ |= sandbox.environment
        parent = sandbox.add_parent(rgb)
        while done < kills or not rounds:
            over = False
            while not over:
                wait_s = draw.uniform(0, most_s) if done < kills else None
                over = _run((ledger, parent, out, JOBS, rounds * JOBS), sandbox, wait_s)
                done += not over
                seen, back = _reconciled(ledger)
                doubted, found = doubted | seen, found | back
            rounds += 1
        assert _run((ledger, parent, out, JOBS * rounds, 0), sandbox, None)
        with Ledger(ledger) as record:
            rows = record.jobs()
    paid = {e.ref for e in rows if e.state not in (JobState.IN_DOUBT, JobState.MASKED)}
    states = Counter(str(entry.state) for entry in rows)
    whole = [place for place in out.iterdir() if not _is_broken(place)]
    broken = [p.name for p in out.iterdir() if p not in whole and not p.name.endswith(".tmp")]
    missing = [p for e in rows for p in e.results if Path(p) not in whole]
    spare = sum(place.name.endswith(".tmp") for place in out.iterdir())
    return Figures(done, rounds, len(doubted), len(found), states, sandbox.billed, paid,
                   broken + missing, spare)  # fmt: skip


def _run(arguments: tuple[object, ...], sandbox: Sandbox, wait_s: float | None) -> bool:
    """Whether a run came to its end, or was killed after `wait_s` of work."""
    told = os.environ | sandbox.environment | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", RUN, *map(str, arguments)]
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "ready\n"
        try:
            assert child.wait(wait_s) == 0
        except subprocess.TimeoutExpired:
            child.kill()
            return False
    return True


def _reconciled(ledger: Path) -> tuple[set[str], set[str]]:
    engine = ImaginePro(limits=False)
    with Ledger(ledger) as record:
        seen = record.in_doubt()
        back = [e.ref for e in seen if Desk(record, engine).reconcile(e)[0].handle]
    engine.close()
    return {entry.ref for entry in seen}, set(back)


def _is_broken(place: Path) -> bool:
    try:
        return images.load(place).rgb.shape != (*SHAPE, 3)
    except Exception:  # noqa: BLE001  (whatever it is, it is no picture)
        return True


if __name__ == "__main__":
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        kills, seed = int(sys.argv[1]), int(sys.argv[2])
        told = killed(Path(place), kills, seed)
        sys.stdout.write(f"{told}; {time.monotonic() - began_s:.0f} s\n")
