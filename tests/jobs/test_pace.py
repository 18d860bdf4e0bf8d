"""How often jobs are looked at while many are waited for; by a clock that only sleeping moves."""

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from automask.jobs import Desk, finish, waiting
from automask.ledger import JobState, Ledger, Order
from automask.providers.base import Progress, Provider, State
from automask.providers.imaginepro import ImaginePro


@dataclass
class Clock:
    """Stands in for the module `time`."""

    now_s: float = 1000.0
    sleeps: int = 0

    def monotonic(self):
        return self.now_s

    time = monotonic

    def sleep(self, seconds):
        assert seconds > 0
        self.sleeps += 1
        self.now_s += seconds


class AtOnce:
    """A pool whose work is done before it is waited for."""

    def __init__(self, *_):
        pass

    def shutdown(self, **_):
        pass

    def submit(self, work, *arguments):
        done = Future()
        done.set_result(work(*arguments))
        return done


@dataclass(frozen=True)
class Queue(Provider):
    """A service in which nothing ever gets on."""

    looks: list = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    deadline_s = 60.0
    last_poll_s = 10.0

    def submit(self, job):
        raise NotImplementedError

    def progress(self, handle):
        self.looks.append((self.clock.now_s, handle))
        return Progress(State.QUEUED)


@pytest.fixture
def queue(monkeypatch):
    provider = Queue()
    monkeypatch.setattr(waiting, "time", provider.clock)
    monkeypatch.setattr(waiting, "ThreadPoolExecutor", AtOnce)
    return provider


def waited(tmp_path, queue, count):
    with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        row = replace(ledger.add(Order(key="k", provider="queue")), state=JobState.SUBMITTED)
        rows = [replace(row, ref=f"r{n}", handle=f"h{n}") for n in range(count)]
        finish(Desk(ledger, queue), rows)


def test_a_thousand_jobs_are_looked_at_in_turn_and_seldom(tmp_path, queue):
    waited(tmp_path, queue, 1000)
    spent_s = queue.clock.now_s - 1000
    assert spent_s >= 60
    assert len(queue.looks) == pytest.approx(queue.looks_per_s * spent_s, rel=0.05)
    assert len({handle for _, handle in queue.looks[:1000]}) == 1000  # none twice before all once
    assert queue.clock.sleeps <= len(queue.looks) + spent_s  # it wakes for a look, or each second


def test_one_job_is_looked_at_soon_and_then_less_and_less(tmp_path, queue):
    waited(tmp_path, queue, 1)
    at_s = [when - 1000 for when, _ in queue.looks]
    assert at_s[0] == 0
    assert at_s[1] < 0.1
    pauses = [later - sooner for sooner, later in pairwise(at_s)]
    assert max(pauses) <= 1.25 * queue.last_poll_s
    assert len(at_s) < 16
    assert queue.clock.sleeps < 80


def test_the_services_own_limit_is_kept_unless_it_is_lifted(monkeypatch):
    monkeypatch.setenv("IMAGINEPRO_LIMITS", "on")
    assert ImaginePro().looks_per_s == 10
    assert ImaginePro(limits=False).looks_per_s == Queue().looks_per_s == 15
