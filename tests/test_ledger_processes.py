"""The ledger among processes: who claims, who dies when, who forks, who comes first."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from automask.ledger import JobState, Ledger, Order

S = JobState
ROOT = Path(__file__).parents[1]

CLAIM = """
import sys
from automask.ledger import JobState, Ledger
with Ledger(sys.argv[1]) as ledger:
    started = False
    while entry := ledger.claim():
        ledger.move(entry.ref, JobState.SUBMITTED, handle=f"h-{entry.ref}")
        print(entry.ref, flush=True)
        started = started or bool(sys.stdin.readline())
"""

# Claims, "sends" (one line to a file is the service's bill) and records the answer, for ever.
SEND = """
import os, sys
from automask.ledger import JobState, Ledger, Order
bill = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
ledger = Ledger(sys.argv[1])
print("ready", flush=True)
for number in range(100_000):
    ledger.add(Order(key=f"{os.getpid()}-{number}", provider="p"))
    entry = ledger.claim()
    os.write(bill, f"{entry.ref}\\n".encode())
    ledger.move(entry.ref, JobState.SUBMITTED, handle=f"h-{entry.ref}")
    print(entry.ref, flush=True)
"""

DIE = """
import os, signal, sys
from automask.ledger import JobState, Ledger, Order
ledger = Ledger(sys.argv[1])
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
ledger.add(Order(key="a1", provider="p"))
if sys.argv[2] == "in the claim":
    ledger._owner.hold = die
ledger.claim()
if sys.argv[2] == "in the answer":
    ledger._check = die
elif sys.argv[2] != "after the answer":
    die()
ledger.move("a1", JobState.SUBMITTED, handle="msg-9")
die()
"""

FORK = """
import os, sys
from automask.errors import LedgerError
from automask.ledger import JobState, Ledger, Order
ledger = Ledger(sys.argv[1])
ledger.add(Order(key="a1", provider="p"))
ledger.claim()
if not (child := os.fork()):
    try:
        ledger.jobs()
    except LedgerError:
        ledger.close()
        with Ledger(sys.argv[1]) as own:
            os._exit(7 if own.find("a1").state is JobState.SUBMITTING else 8)
    os._exit(9)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
ledger.move("a1", JobState.SUBMITTED, handle="msg-9")
ledger.close()
"""

OPEN = """
import sys
from automask.ledger import Ledger, Order
sys.stdin.readline()
with Ledger(sys.argv[1]) as ledger:
    print(ledger.add(Order(key="a1", provider="p")).id)
"""


def start(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_claim_200_jobs_once_each(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger:
        for number in range(200):
            ledger.add(Order(key=f"k{number}", provider="p"))
    workers = [start(CLAIM, ledger.path) for _ in range(2)]
    first = [worker.stdout.readline().strip() for worker in workers]  # and then they wait
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    claimed = [ref for worker in workers for ref in worker.communicate()[0].split()]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert sorted(first + claimed) == sorted(f"k{number}" for number in range(200))
    with Ledger(ledger.path) as ledger:
        assert ledger.counts() == {S.SUBMITTED: 200}
    assert [each.name for each in tmp_path.iterdir()] == ["ledger"]


def test_processes_that_come_at_once_make_one_ledger(tmp_path):
    openers = [start(OPEN, tmp_path / "ledger") for _ in range(4)]
    for opener in openers:
        opener.stdin.write("go\n")
        opener.stdin.flush()
    assert [opener.communicate()[0] for opener in openers] == ["1\n"] * 4


def check(ledger_path, bill, answered):
    """Hold a ledger against the bill and the answers writers told of; the states it has."""
    with contextlib.closing(sqlite3.connect(ledger_path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    with Ledger(ledger_path) as ledger:
        entries = {entry.ref: entry for entry in ledger.jobs()}
    billed = Counter(bill.read_text().split() if bill.exists() else ())
    assert set(billed.values()) <= {1}, "something was sent twice"
    assert billed.keys() <= entries.keys(), "something was sent that nobody wrote down"
    settled = {
        ref for ref, e in entries.items() if (e.state, e.handle) == (S.SUBMITTED, f"h-{ref}")
    }
    assert settled >= set(answered), "an answer that was recorded is gone"
    for ref, entry in entries.items():
        if ref in billed:
            assert ref in settled or entry.state is S.IN_DOUBT
        else:
            assert entry.state in (S.MASKED, S.IN_DOUBT)
    return Counter(entry.state for entry in entries.values())


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_writer_killed_at_any_moment_leaves_each_submit_answered_or_in_doubt(tmp_path):
    moments = random.Random(7)
    ledger, bill = tmp_path / "ledger", tmp_path / "bill"
    answered = []
    for _ in range(30):
        writer = start(SEND, ledger, bill)
        assert writer.stdout.readline() == "ready\n"
        begin, jobs = time.perf_counter(), moments.randint(1, 3)
        answered += [writer.stdout.readline().strip() for _ in range(jobs)]
        pace_s = (time.perf_counter() - begin) / jobs
        time.sleep(moments.uniform(0, pace_s))  # some moment in the next job, on any machine
        writer.kill()
        answered += writer.communicate()[0].split()
        assert writer.returncode == -signal.SIGKILL
        states = check(ledger, bill, answered)
    assert states[S.SUBMITTED] >= len(answered) >= 30


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("in the claim", S.MASKED),
        ("after the claim", S.IN_DOUBT),
        ("in the answer", S.IN_DOUBT),
        ("after the answer", S.SUBMITTED),
    ],
)
def test_what_is_left_of_a_process_that_dies(tmp_path, moment, state):
    dying = start(DIE, tmp_path / "ledger", moment)
    dying.communicate()
    assert dying.returncode == -signal.SIGKILL
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.find("a1").state is state
        assert bool(ledger.in_doubt()) == (state is S.IN_DOUBT)
        assert bool(ledger.claim()) == (state is S.MASKED)
        ledger.add(Order(key="b2", provider="p"))
        ledger.claim()
        assert len(list(tmp_path.glob("ledger-owner-*"))) == 1, "the dead one's lock file is left"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_opens_its_own_and_leaves_its_parents_alone(tmp_path):
    parent = start(FORK, tmp_path / "ledger")
    parent.communicate()
    assert parent.returncode == 0
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.find("a1").state is S.SUBMITTED
