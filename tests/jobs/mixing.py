"""Many jobs whose faults are drawn at random, brought to their end, held against the bill.

By hand, for more jobs than the suite has time for: python -m tests.jobs.mixing JOBS SEED
"""

import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from automask.imaginepro import client as client_module
from automask.ledger import JobState, Ledger
from automask.providers.imaginepro import ImaginePro
from automask.testing import Sandbox
from automask.testing.sandbox import FAULTS

S = JobState
VALUES = {"slow": "=0.05", "429": "=0.05", "503": "=0.05"}
FINAL = (S.DONE, S.FAILED, S.IN_DOUBT)
NOT_FINAL = {"stuck": S.RUNNING, "not-a-picture": S.RUNNING}  # named, and can be waited for again


def quicken(patch) -> None:
    """Let the provider take a second for what takes it a quarter of an hour."""
    patch(client_module, "FIRST_PAUSE_S", 0.001)
    patch(client_module, "FIRST_BUSY_PAUSE_S", 0.01)
    patch(ImaginePro, "deadline_s", 1.0)
    patch(ImaginePro, "last_poll_s", 0.1)


def drawn(jobs: int, seed: int) -> list[str]:
    """A fault for each job: of its submit, of its message, or of fetching and downloading it."""
    draw = random.Random(seed)
    names = [name for name in FAULTS if name != "not-a-picture"]
    return [f"{name}{VALUES.get(name, '')}" for name in draw.choices(names, k=jobs)]


def brought_to_their_end(shop, jobs: int, seed: int) -> Counter[str]:
    """The states that `jobs` jobs with random faults come to; asserts that each is right."""
    shop.sandbox.faults.queue(*drawn(jobs, seed))
    for call in ("fetch", "history", "download"):
        shop.sandbox.faults.add(f"{call}:502", f"{call}:dropped", f"{call}:429=0", share=0.03)
    shop.sandbox.faults.add("not-a-picture", share=0.01)
    entries = [shop.place(f"job {number}") for number in range(jobs)]
    done = shop.finish(*entries)
    shop.sandbox.faults.clear()
    left = shop.ledger.jobs(S.MASKED, S.SUBMITTED, S.RUNNING)
    named = set(done.errors) | {ref for ref, e in done.entries.items() if e.state is S.FAILED}
    assert {e.ref for e in left} | {e.ref for e in shop.ledger.in_doubt()} <= named
    done = shop.finish(*left)  # a second call, as `automask jobs resume` is one
    for entry in shop.ledger.in_doubt():
        shop.desk.reconcile(entry)
    shop.finish(*shop.ledger.jobs(S.SUBMITTED))
    check(shop, jobs)
    return Counter(str(entry.state) for entry in shop.ledger.jobs())


def check(shop, jobs: int) -> None:
    """Hold the ledger against the bill, ref by ref."""
    rows = {entry.ref: entry for entry in shop.ledger.jobs()}
    assert len(rows) == jobs
    stuck = {
        name for name, told in shop.sandbox.store.messages.items()
        if any(fault.name == "stuck" for fault in told.faults)
    }  # fmt: skip
    for entry in rows.values():
        running = entry.state in (S.SUBMITTED, S.RUNNING) and entry.handle in stuck
        assert entry.state in FINAL or running, entry
    paid = [ref for ref, entry in rows.items() if entry.handle]
    assert shop.sandbox.billed == dict.fromkeys(paid, 1)
    assert set(shop.sandbox.billed_alike.values()) == {1}
    for charge in shop.sandbox.charges:
        assert rows[charge.ref].handle == charge.message_id
    # What a job in doubt may have cost stays counted; what was refused does not.
    counted = [e for e in rows.values() if e.handle or e.state is S.IN_DOUBT]
    assert shop.ledger.spent() == sum(entry.credits for entry in counted)
    for entry in rows.values():
        if entry.state is S.DONE:
            assert entry.results
            assert all(Path(place).is_file() for place in entry.results)
        else:
            assert entry.error or entry.handle in stuck


def by_hand(jobs: int, seed: int) -> str:
    """The figures of one run."""
    from tests.jobs.conftest import SHAPE, Shop, opened

    began_s = time.monotonic()
    rgb = np.random.default_rng(seed).integers(0, 256, (*SHAPE, 3), np.uint8)
    quicken(setattr)
    with (
        tempfile.TemporaryDirectory() as place,
        Sandbox(seed=seed, credits=10**6) as sandbox,
        Ledger(Path(place) / "ledger.sqlite3") as ledger,
    ):
        os.environ |= sandbox.environment
        shop: Shop = opened(sandbox, ledger, rgb, Path(place) / "out")
        states = brought_to_their_end(shop, jobs, seed)
        shop.desk.provider.close()
        asked = Counter(request.call for request in sandbox.requests)
    billed, took_s = sandbox.billed, time.monotonic() - began_s
    return (
        f"{jobs} jobs, 8 in flight, seed {seed}: {dict(states)}; billed {billed.total()}, most for "
        f"one job {max(billed.values())}; requests {dict(asked)}; {took_s:.0f} s"
    )


if __name__ == "__main__":
    sys.stdout.write(by_hand(int(sys.argv[1]), int(sys.argv[2])) + "\n")
