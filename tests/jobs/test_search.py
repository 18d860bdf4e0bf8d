"""A job whose answer is lost, looked for by who waits for it."""

import pytest

from automask.errors import InDoubtError
from automask.jobs import waiting
from automask.ledger import JobState

S = JobState


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(waiting, "SEARCH_LOOKS", 20)


def looks(shop):
    return sum(request.call == "history" for request in shop.sandbox.requests)


@pytest.mark.parametrize("fault", ["dropped", "reset", "500-accepted", "empty"])
def test_one_that_was_taken_is_found_and_delivered(shop, fault):
    shop.sandbox.faults.queue(fault)
    entry, error = shop.one(shop.place(), search_s=20)
    assert (entry.state, error) == (S.DONE, None)
    assert shop.sandbox.billed == {entry.ref: 1}
    assert looks(shop) == 1


def test_one_that_still_runs_is_looked_for_until_it_is_done(shop, caplog):
    shop.sandbox.store.time_scale = 0.02  # .64 s: it is in no history before
    shop.sandbox.faults.queue("dropped")
    entry, error = shop.one(shop.place(), search_s=20)
    assert (entry.state, error) == (S.DONE, None)
    assert shop.sandbox.billed == {entry.ref: 1}
    assert looks(shop) > 1
    assert caplog.text.count("Looking for it, for up to 20 s") == 1


def test_one_that_is_not_found_stays_in_doubt_and_the_others_go_on(shop):
    shop.sandbox.faults.queue("lost")
    lost, other = shop.place(), shop.place("other")
    done = shop.finish(lost, other, workers=1, search_s=0.3)
    assert [entry.state for entry in done.entries.values()] == [S.IN_DOUBT, S.DONE]
    assert list(done.errors) == [lost.ref]
    assert "automask jobs reconcile" in str(done.errors[lost.ref])
    assert looks(shop) > 2
    assert shop.sandbox.billed == {other.ref: 1}


def test_one_that_was_in_doubt_before_is_looked_for_only_where_that_is_wanted(shop):
    shop.sandbox.faults.queue("dropped")
    entry, error = shop.one(shop.place())
    assert (entry.state, type(error), looks(shop)) == (S.IN_DOUBT, InDoubtError, 0)
    assert shop.one(entry) == (entry, None)
    assert looks(shop) == 0
    entry, error = shop.one(entry, search_s=20)
    assert (entry.state, error) == (S.DONE, None)


def test_a_key_that_is_not_accepted_ends_the_search_and_is_told(shop):
    shop.sandbox.faults.queue("dropped")
    shop.sandbox.faults.add("history:401-key", "account:401-key")
    entry, error = shop.one(shop.place(), search_s=20)
    assert entry.state is S.IN_DOUBT
    assert "may have been taken" in str(error)
    assert "does not accept the key" in str(error)
    assert looks(shop) == 1
