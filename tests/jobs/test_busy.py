"""A job that was answered with "too many requests": not sent again before it is clear."""

import time
from dataclasses import replace

import pytest

from automask.errors import BusyError, InDoubtError, LedgerError, ProviderError, TransitionError
from automask.imaginepro import history as history_module
from automask.imaginepro.service import Service
from automask.jobs.ends import settled
from automask.ledger import JobState, Ledger
from automask.providers.imaginepro import ImaginePro

S = JobState


@pytest.fixture(autouse=True)
def limit(monkeypatch):
    """``limit(seconds)``: the provider's time limit, short unless it is set: 0 has passed."""

    def set_to(seconds):
        monkeypatch.setattr(ImaginePro, "deadline_s", seconds)

    set_to(0.6)
    return set_to


def busy(shop, fault):
    shop.sandbox.faults.queue(fault)
    entry = shop.place()
    with pytest.raises(BusyError):
        shop.desk.send(entry)
    return shop.ledger.find(entry.ref)


def test_one_that_was_taken_all_the_same_is_found_and_not_paid_twice(shop):
    shop.sandbox.faults.queue("429-accepted")
    entry, error = shop.one(shop.place())
    assert (entry.state, error) == (S.DONE, None)
    assert shop.sandbox.billed == {entry.ref: 1}
    assert shop.ledger.spent() == 5


def test_one_that_still_runs_when_it_is_looked_for_is_not_paid_twice(shop):
    shop.sandbox.store.time_scale = 0.018  # .58 s: it is in no history before
    shop.sandbox.faults.queue("429-accepted")
    entry, error = shop.one(shop.place())
    assert (entry.state, error) == (S.DONE, None)
    assert shop.sandbox.billed == {entry.ref: 1}


def test_one_that_was_not_taken_is_sent_again_after_the_providers_time(shop):
    shop.sandbox.faults.queue("429")
    began = time.monotonic()
    entry, error = shop.one(shop.place())
    assert (entry.state, error) == (S.DONE, None)
    assert time.monotonic() - began > 0.6
    assert shop.sandbox.billed == {entry.ref: 1}
    assert len([r for r in shop.sandbox.requests if r.call == "submit"]) == 2


def test_several_in_a_row(shop):
    shop.sandbox.faults.queue("429=0", "429", "429-accepted")
    entry, error = shop.one(shop.place())
    assert (entry.state, error) == (S.DONE, None)
    assert shop.sandbox.billed == {entry.ref: 1}


def test_it_is_ready_counted_as_spent_and_named(shop, limit):
    limit(600)
    entry = busy(shop, "429")
    assert entry.state is S.MASKED
    assert entry.intent_at is not None
    assert shop.ledger.spent() == 5
    with pytest.raises(BusyError, match=rf"automask jobs resume {entry.ref[:12]}") as told:
        settled(entry)
    assert told.value.exit_code == 4
    with pytest.raises(BusyError):  # looked for, and too early to tell
        shop.desk.send(entry)
    assert shop.ledger.find(entry.ref) == entry
    assert not shop.sandbox.charges


def test_its_own_price_is_not_counted_twice_against_a_budget(shop, limit):
    began = time.time()
    entry = busy(shop, "429")
    limit(0)
    assert shop.desk.send(entry, budget=5, since=began).state is S.SUBMITTED


def test_another_process_that_has_not_looked_does_not_get_it(shop):
    entry = busy(shop, "429")
    with Ledger(shop.ledger.path) as other:
        assert other.claim() is None
        assert other.claim(entry.ref) is None
        assert other.claim(entry.ref, sent_at=entry.intent_at - 1) is None
        assert other.claim(entry.ref, sent_at=entry.intent_at).ref == entry.ref


def test_another_process_that_sent_it_meanwhile_makes_it_look_anew(shop, limit):
    old = busy(shop, "429")
    limit(0)
    shop.sandbox.faults.queue("429-accepted")
    with pytest.raises(BusyError):
        shop.desk.send(old)
    shop.sandbox.store.messages.clear()  # nothing is to be found
    now = shop.desk.send(old)  # a row that is out of date: it is too early for the newer one
    assert (now.state, now.intent_at > old.intent_at) == (S.MASKED, True)
    assert len(shop.sandbox.charges) == 1


@pytest.mark.parametrize("hidden", ["too long a history", "no reference", "a day ago"])
def test_where_it_cannot_be_told_it_is_left_to_a_person(shop, monkeypatch, hidden):
    if hidden == "no reference":
        other = shop.desk.provider.submit(shop.job(ref="theirs"))  # sent from somewhere else
        shop.sandbox.store.messages[other].ref = ""
    elif hidden == "a day ago":
        monkeypatch.setattr(history_module, "LIFE_S", 30.0)
    else:
        monkeypatch.setattr(history_module, "PAGES", 1)
        for number in range(10):
            shop.desk.send(shop.place(f"job {number}"))
    shop.sandbox.faults.queue("429")
    entry, error = shop.one(shop.place(again=True))
    assert isinstance(error, BusyError)
    assert f"`automask jobs reconcile {entry.ref[:12]}` says why" in str(error)
    assert entry.state is S.MASKED
    assert entry.ref not in shop.sandbox.billed
    assert shop.desk.give_up(entry).state is S.FAILED


def test_a_prompt_that_the_service_changed_hides_no_job(shop):
    entry = busy(shop, "429-accepted")
    shop.sandbox.store.messages[shop.sandbox.charges[0].message_id].prompt += " --v 7"
    assert shop.desk.send(entry).handle == shop.sandbox.charges[0].message_id


def test_only_one_that_was_sent_can_turn_out_to_be_submitted(shop):
    entry = shop.place()
    with pytest.raises(TransitionError):
        shop.ledger.move(entry.ref, S.SUBMITTED, handle="m-1")
    other = shop.desk.send(shop.place("another"))
    entry = busy(shop, "429")
    with pytest.raises(LedgerError, match="cannot be"):
        shop.ledger.move(entry.ref, S.SUBMITTED, handle=other.handle)


def test_a_look_that_began_too_early_does_not_count_however_long_it_takes(shop, limit, monkeypatch):
    limit(600)
    entry, history = busy(shop, "429-accepted"), Service.history
    hidden = shop.sandbox.store.messages.pop(shop.sandbox.charges[0].message_id)

    def slow(self, page=1, size=10):
        found = history(self, page, size)
        limit(0)  # it has passed by now, and the job is in the history
        shop.sandbox.store.messages[hidden.id] = hidden
        return found

    monkeypatch.setattr(Service, "history", slow)
    with pytest.raises(BusyError):
        shop.desk.send(entry)
    assert shop.desk.send(entry).handle == hidden.id
    assert shop.sandbox.billed == {entry.ref: 1}


def test_the_providers_time_counts_from_its_answer_not_from_the_intent(shop, limit, monkeypatch):
    submit = ImaginePro.submit

    def waits_for_its_turn(self, job):
        time.sleep(0.1)
        return submit(self, job)

    monkeypatch.setattr(ImaginePro, "submit", waits_for_its_turn)
    entry = busy(shop, "429-accepted")
    shop.sandbox.store.messages.clear()  # it runs, and is in no history
    assert entry.updated_at >= entry.intent_at + 0.1
    limit(600)
    with pytest.raises(BusyError):
        shop.desk.send(replace(entry, intent_at=entry.intent_at - 600))
    assert shop.sandbox.billed == {entry.ref: 1}


def test_jobs_of_the_ledger_are_no_candidates_for_another(shop):
    known = shop.desk.send(shop.place())
    second = shop.place(again=True)
    shop.sandbox.store.messages[known.handle].ref = ""
    shop.sandbox.faults.queue("429")
    entry, error = shop.one(second)
    assert (entry.state, error) == (S.DONE, None)
    assert shop.sandbox.billed == {known.ref: 1, entry.ref: 1}


def test_a_key_that_is_not_accepted_is_told_beside_the_doubt(shop):
    entry = busy(shop, "429")
    shop.sandbox.faults.add("history:401-key", "account:401-key")
    entry, error = shop.one(entry)
    assert type(error) is InDoubtError
    assert "may have been taken" in str(error)
    assert "does not accept the key" in str(error)
    assert entry.state is S.MASKED


def test_one_that_may_have_been_taken_is_not_cancelled_but_given_up(shop):
    entry = busy(shop, "429-accepted")
    with pytest.raises(ProviderError, match="is perhaps sent; it cannot be cancelled"):
        shop.desk.cancel(entry)
    assert shop.ledger.in_doubt() == [entry]
    given_up = shop.desk.give_up(entry)
    assert (given_up.state, given_up.credits) == (S.FAILED, 5)
    assert shop.desk.send(entry) == given_up  # a row that is out of date
    assert shop.one(entry)[0] == given_up
    assert shop.sandbox.billed == {entry.ref: 1}


def test_one_that_was_taken_is_found_by_reconciling(shop):
    entry = busy(shop, "429-accepted")
    found, told = shop.desk.reconcile(entry)
    assert (found.state, found.handle) == (S.SUBMITTED, told.handle)
    assert shop.one(found)[0].state is S.DONE
