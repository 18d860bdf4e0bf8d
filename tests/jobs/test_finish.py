"""Many jobs brought to their end: what holds one up does not hold up the others."""

import threading
import time
from threading import Event

import pytest

from automask.errors import (
    InDoubtError,
    OutputError,
    PreflightError,
    ProviderError,
    UnfinishedError,
    UnreachableError,
)
from automask.imaginepro import client as client_module
from automask.jobs import Desk, finish
from automask.ledger import JobState, Ledger
from automask.providers.imaginepro import ImaginePro

S = JobState


def test_jobs_are_sent_waited_for_and_delivered(shop):
    shop.sandbox.store.time_scale = 0.005
    entries = [shop.place(f"job {n}") for n in range(12)]
    told = []
    done = shop.finish(*entries, tell=lambda entry, progress: told.append(entry.ref))
    assert not done.errors
    assert list(done.entries) == [entry.ref for entry in entries]
    assert {entry.state for entry in done.entries.values()} == {S.DONE}
    assert set(told) == set(done.entries)
    assert shop.sandbox.billed == dict.fromkeys(done.entries, 1)
    assert len(list(shop.out.iterdir())) == 12 * 4


def test_a_job_given_twice_is_brought_to_its_end_once(shop):
    entry = shop.place()
    assert shop.finish(entry, entry).entries[entry.ref].state is S.DONE
    assert shop.sandbox.billed == {entry.ref: 1}
    other, over = shop.place("other"), []
    finish(shop.desk, [other, other], looks_per_s=1e6, over=lambda e, _: over.append(e.state))
    assert over == [S.DONE]


@pytest.mark.parametrize("stale", [True, False])
def test_one_that_another_is_sending_is_waited_for(shop, stale):
    shop.sandbox.faults.queue("slow=0.6")
    entry = shop.place()
    with Ledger(shop.ledger.path) as own:
        other = threading.Thread(target=Desk(own, shop.desk.provider).send, args=[entry])
        other.start()
        while (now := shop.ledger.find(entry.ref)).state is S.MASKED:
            time.sleep(0.005)
        assert now.state is S.SUBMITTING
        told = []
        found = shop.finish(
            entry if stale else now, tell=lambda e, _: told.append((e.state, e.owner))
        )
        other.join()
    done = found.entries[entry.ref]
    assert (done.state, found.errors) == (S.DONE, {})
    assert told[0] == (S.SUBMITTING, now.owner)  # who waits is told for whom
    assert len(done.results) == 4
    assert shop.sandbox.billed == {entry.ref: 1}


def test_one_that_another_was_sending_when_it_died_is_in_doubt(shop):
    entry = shop.place()
    other = Ledger(shop.ledger.path)
    now = other.claim(entry.ref)
    threading.Timer(0.3, other.close).start()
    done, error = shop.one(now)
    assert done.state is S.IN_DOUBT
    assert isinstance(error, InDoubtError)
    assert not shop.sandbox.charges


def test_jobs_are_asked_for_when_there_is_room_and_handed_on(shop):
    asked, over = [], []

    def jobs():
        for number in range(6):
            asked.append(number - len(over))
            yield shop.place(f"job {number}")
        yield shop.ledger.find(over[0].ref)  # again, as two pictures may have the same job

    done = finish(
        shop.desk, jobs(), looks_per_s=1e6, at_once=2, over=lambda entry, _: over.append(entry)
    )
    assert max(asked) == 1
    assert [entry.state for entry in over] == [S.DONE] * 7
    assert (done.entries, done.errors) == ({}, {})
    assert shop.sandbox.billed == dict.fromkeys((entry.ref for entry in over), 1)


def test_what_does_not_end_is_left_and_the_next_have_their_turn(shop, monkeypatch):
    monkeypatch.setattr(ImaginePro, "deadline_s", 0.5)
    shop.sandbox.faults.queue("stuck")
    jobs, over = (shop.place(f"job {n}") for n in range(3)), {}
    finish(
        shop.desk,
        jobs,
        looks_per_s=1e6,
        at_once=1,
        over=lambda e, why: over.update({e.ref: (e, why)}),
    )
    states = [entry.state for entry, _ in over.values()]
    assert states == [S.RUNNING, S.DONE, S.DONE]
    assert [type(why) for _, why in over.values()] == [UnfinishedError, type(None), type(None)]


def test_nothing_is_asked_for_when_it_is_stopping(shop):
    stopping, over = Event(), []

    def jobs():
        for number in range(9):
            if number == 3:
                stopping.set()
            yield shop.place(f"job {number}")
        raise AssertionError

    finish(
        shop.desk, jobs(), looks_per_s=1e6, at_once=5, stopping=stopping,
        over=lambda entry, _: over.append(entry.state),
    )  # fmt: skip
    assert len(over) == 4
    assert set(over) <= {S.MASKED, S.SUBMITTED, S.RUNNING, S.DONE}


def test_an_error_nobody_thought_of_stops_one_job_and_is_named(shop, monkeypatch):
    entries = [shop.place(f"job {n}") for n in range(4)]
    bad, plain = entries[1], Desk.look
    monkeypatch.setattr(Desk, "look", lambda *a: 1 / 0 if a[1].ref == bad.ref else plain(*a))
    done = shop.finish(*entries)
    assert list(done.errors) == [bad.ref]
    with pytest.raises(ProviderError, match=rf"{bad.ref[:12]} .*unexpected ZeroDivisionError"):
        raise done.errors[bad.ref]
    assert [e.state for e in done.entries.values()] == [S.DONE, S.SUBMITTED, S.DONE, S.DONE]
    monkeypatch.undo()
    assert shop.ledger.find(bad.ref).state is S.SUBMITTED


def test_an_error_nobody_thought_of_while_sending_is_a_doubt(shop, monkeypatch):
    monkeypatch.setattr(ImaginePro, "submit", lambda *_: [].pop())
    entry, error = shop.one(shop.place())
    assert entry.state is S.IN_DOUBT
    assert isinstance(error, InDoubtError)
    assert "IndexError" in str(error)


def test_results_whose_host_is_down_are_left_for_later(shop):
    shop.sandbox.faults.add("download:lost")
    began = time.monotonic()
    held, other = shop.place("held"), shop.place("other", folder="")
    entry, error = shop.one(held)
    assert time.monotonic() - began < 20
    assert isinstance(error, UnfinishedError)
    assert f"automask jobs wait {entry.ref[:12]}" in str(error)
    assert entry.state is S.RUNNING
    assert "is done and paid" in entry.error
    assert shop.ledger.find(held.ref) == entry
    shop.sandbox.faults.clear()
    assert shop.one(entry)[0].state is S.DONE
    assert shop.ledger.find(held.ref).error == ""
    assert shop.sandbox.billed == {held.ref: 1}
    assert other.state is S.MASKED


def test_results_that_cannot_be_written_are_left_for_later(shop):
    shop.out.write_bytes(b"a file where the folder should be")
    entry, error = shop.one(shop.place())
    assert isinstance(error, OutputError)
    assert entry.state is S.RUNNING
    assert "part of its folder's path is a file" in entry.error
    shop.desk.kept.wish(entry.ref, folder=str(shop.out.with_name("elsewhere")))
    entry, error = shop.one(entry)
    assert (entry.state, error) == (S.DONE, None)
    assert shop.sandbox.billed == {entry.ref: 1}


def test_a_job_that_never_ends_is_left_to_be_waited_for(shop, monkeypatch):
    monkeypatch.setattr(ImaginePro, "deadline_s", 0.5)
    shop.sandbox.faults.queue("stuck")
    entry, error = shop.one(shop.place())
    assert entry.state is S.RUNNING
    assert isinstance(error, UnfinishedError)
    assert error.exit_code == 4
    assert f"goes on at imaginepro as {entry.handle}" in str(error)
    assert f"automask jobs wait {entry.ref[:12]}" in str(error)


def test_the_wait_goes_on_while_there_is_news_of_any_job(shop, monkeypatch):
    monkeypatch.setattr(ImaginePro, "deadline_s", 0.5)
    shop.sandbox.store.time_scale = 0.01  # three at once, .3 s each: 12 jobs take over 1 s
    done = shop.finish(*(shop.place(f"job {n}") for n in range(12)))
    assert not done.errors
    assert {entry.state for entry in done.entries.values()} == {S.DONE}


def test_a_service_that_cannot_be_reached_is_given_up_and_nothing_is_sent(shop, monkeypatch):
    monkeypatch.setenv("IMAGINEPRO_BASE_URL", "http://127.0.0.1:9")
    shop.desk.provider.close()
    done = shop.finish(*(shop.place(f"job {n}") for n in range(3)))
    assert {type(error) for error in done.errors.values()} == {UnreachableError}
    assert {entry.state for entry in done.entries.values()} == {S.MASKED}
    assert not shop.sandbox.charges


def test_a_service_that_goes_away_while_jobs_run_is_waited_for(shop, monkeypatch):
    monkeypatch.setattr(client_module, "ATTEMPTS", 1)
    shop.sandbox.faults.queue(*["fetch:502", "fetch:lost"] * 6)
    entry, error = shop.one(shop.place())
    assert (entry.state, error) == (S.DONE, None)


def test_a_budget_stops_what_would_exceed_it_and_the_rest_stays_ready(shop):
    began = time.time()
    done = shop.finish(*(shop.place(f"job {n}") for n in range(5)), budget=12, since=began)
    states = [entry.state for entry in done.entries.values()]
    assert sorted(states) == [S.DONE] * 2 + [S.MASKED] * 3
    assert {type(error) for error in done.errors.values()} == {PreflightError}
    assert len(shop.sandbox.charges) == 2


def test_ctrl_c_leaves_every_job_where_it_can_go_on(shop):
    shop.sandbox.store.time_scale = 0.02

    def tell(entry, progress):
        raise KeyboardInterrupt

    entries = [shop.place(f"job {n}") for n in range(6)]
    with pytest.raises(KeyboardInterrupt):
        shop.finish(*entries, tell=tell)
    rows = [shop.ledger.find(entry.ref) for entry in entries]
    assert {row.state for row in rows} <= {S.MASKED, S.SUBMITTED, S.RUNNING}
    done = shop.finish(*rows)
    assert not done.errors
    assert shop.sandbox.billed == {entry.ref: 1 for entry in entries}


def test_a_redelivery_that_fails_says_so_and_keeps_what_was_delivered(shop):
    entry, _ = shop.one(shop.place())
    shop.sandbox.faults.add("download:lost")
    again, error = shop.one(entry, again=True)
    assert isinstance(error, UnfinishedError)
    assert (again.state, again.results) == (S.DONE, entry.results)
    shop.sandbox.faults.clear()
    again, error = shop.one(again, again=True)
    assert (again.results, again.error, error) == (entry.results, "", None)
