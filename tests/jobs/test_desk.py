"""A desk: placed, sent once, looked at, cancelled, found again; what is kept, and what is lost."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from automask import images
from automask.errors import (
    InDoubtError,
    LedgerError,
    ProviderError,
    SettingsError,
    TransitionError,
)
from automask.imaginepro.client import RefusedError
from automask.jobs import Desk, Wishes
from automask.jobs.ends import settled
from automask.ledger import JobState, Ledger
from automask.providers.imaginepro import ImaginePro

S = JobState


def in_doubt(shop, fault="dropped"):
    shop.sandbox.faults.queue(fault)
    entry = shop.place()
    with pytest.raises(InDoubtError) as told:
        shop.desk.send(entry)
    assert told.value.ref == entry.ref
    return shop.ledger.find(entry.ref)


# --- placed and sent ------------------------------------------------------------------------------


def test_the_same_job_is_the_same_row_and_is_sent_once(shop):
    first, second = shop.place(), shop.place()
    assert first == second
    sent = shop.desk.send(first)
    assert sent.state is S.SUBMITTED
    assert shop.desk.send(second).handle == sent.handle  # a row that is out of date
    assert shop.place().handle == sent.handle
    assert shop.sandbox.billed == {first.ref: 1}


def test_a_job_says_which_models_made_its_mask_and_is_none_other_for_them(shop):
    first = shop.desk.place(shop.job(), Wishes(), rule="face", models=("yunet 8f23",))
    assert shop.desk.kept.models(first.ref) == ("yunet 8f23",)
    shop.desk.send(first)
    second = shop.desk.place(shop.job(), Wishes("other"), rule="face", models=("centerface 0918",))
    again = shop.desk.place(shop.job(), Wishes(), again=True, models=("centerface 0918",))
    assert second.ref == first.ref
    assert shop.desk.kept.models(first.ref) == ("yunet 8f23",)  # what the paid mask came from
    assert shop.desk.kept.models(again.ref) == ("centerface 0918",)
    assert shop.desk.kept.models("0" * 64) == ()


def test_a_refused_job_costs_nothing_and_may_be_asked_again(shop):
    shop.sandbox.faults.queue("400")
    first = shop.place()
    with pytest.raises(RefusedError):
        shop.desk.send(first)
    assert shop.ledger.find(first.ref).state is S.FAILED
    assert shop.ledger.spent() == 0
    second = shop.place()
    assert (second.ref, second.state) == (f"{first.key}.1", S.MASKED)
    assert shop.one(second)[0].state is S.DONE
    assert shop.sandbox.billed == {second.ref: 1}


def test_a_refused_job_asked_again_by_two_callers_is_one_row(shop):
    shop.sandbox.faults.queue("400")
    with pytest.raises(RefusedError):
        shop.desk.send(shop.place())
    found, start = [], threading.Barrier(4)

    def ask():
        with Ledger(shop.ledger.path) as own:
            start.wait()
            found.append(Desk(own, shop.desk.provider).place(shop.job(), Wishes(str(shop.out))))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({entry.ref for entry in found}) == 1
    assert len(shop.ledger.jobs()) == 2


@pytest.mark.parametrize("fault", ["fail", "fail-bare"])
def test_a_job_that_failed_at_the_service_is_asked_again_only_on_purpose(shop, fault):
    shop.sandbox.faults.queue(fault)
    entry, _ = shop.one(shop.place())
    assert entry.state is S.FAILED
    assert "moderation" in entry.error
    with pytest.raises(ProviderError, match="give --again"):
        settled(entry)
    assert shop.place() == entry
    again, _ = shop.one(shop.place(again=True))
    assert again.state is S.DONE
    assert shop.sandbox.billed == {entry.ref: 1, again.ref: 1}


def test_a_job_whose_mask_is_lost_is_not_sent_and_can_be_made_anew(shop):
    entry = shop.place()
    for place in shop.ledger.path.parent.rglob("*.json"):
        place.write_bytes(b"{")  # half a file
    with pytest.raises(LedgerError, match=r"mask of job .*make the job anew: it was not sent"):
        shop.desk.send(entry)
    assert shop.ledger.find(entry.ref).state is S.MASKED
    assert not shop.sandbox.charges
    assert shop.one(shop.place())[0].state is S.DONE


def test_what_was_paid_is_delivered_though_its_mask_is_lost(shop):
    entry = shop.desk.send(shop.place())
    for place in shop.ledger.path.parent.rglob("*.json"):
        place.unlink()
    shop.desk.kept.wish(entry.ref, folder=str(shop.out))
    done, error = shop.one(entry)
    assert (done.state, error) == (S.DONE, None)
    assert len(done.results) == 4
    assert shop.desk.kept.drifts(entry.ref) == ()


def test_what_is_to_be_pasted_back_waits_for_its_mask(shop):
    entry = shop.desk.send(shop.place(paste_back=True))
    for place in shop.ledger.path.parent.rglob("*.json"):
        place.unlink()
    shop.desk.kept.wish(entry.ref, folder=str(shop.out), paste_back=True)
    done, error = shop.one(entry)
    assert isinstance(error, LedgerError)
    assert done.state is S.SUBMITTED
    shop.place(paste_back=True)  # the same job brings the mask along
    assert shop.one(done)[0].state is S.DONE


def test_without_a_key_nothing_is_sent_and_nothing_is_in_doubt(shop, monkeypatch):
    entry = shop.place()
    shop.desk.provider.close()
    with monkeypatch.context() as patched:
        patched.delenv("IMAGINEPRO_API_KEY")
        with pytest.raises(SettingsError, match="key"):
            Desk(shop.ledger, ImaginePro(limits=False)).send(entry)
    now = shop.ledger.find(entry.ref)
    assert (now.state, now.intent_at) == (S.MASKED, None)
    assert shop.desk.send(now).state is S.SUBMITTED


# --- delivered ------------------------------------------------------------------------------------


def test_the_parent_is_kept_until_the_results_are_compared_with_it(shop):
    entry = shop.place()
    assert shop.desk.kept.parent(entry.ref) == shop.picture
    shop.one(entry)
    assert shop.desk.kept.parent(entry.ref) == b""
    assert shop.desk.kept.mask(entry.ref)
    assert [drift.share for drift in shop.desk.kept.drifts(entry.ref)] == [0, 0, 0, 0]


def test_the_parent_is_kept_until_the_ledger_has_the_delivery(shop, monkeypatch):
    sent = shop.desk.send(shop.place())
    move = Ledger.move

    def full(self, ref, state, **news):
        if state is S.DONE:
            raise LedgerError("the disk is full")
        return move(self, ref, state, **news)

    monkeypatch.setattr(Ledger, "move", full)
    with pytest.raises(LedgerError):
        shop.desk.look(sent)
    assert shop.desk.kept.parent(sent.ref) == shop.picture
    monkeypatch.undo()


def test_a_kept_parent_that_is_damaged_does_not_hold_up_what_was_paid(shop):
    entry = shop.place()
    next(shop.ledger.path.parent.rglob("*.parent")).write_bytes(shop.picture[:40])
    done, error = shop.one(entry)
    assert (done.state, error) == (S.DONE, None)
    assert shop.desk.kept.drifts(entry.ref) == ()


def test_a_result_that_left_the_mask_is_told_and_pasted_back_on_redelivery(shop, rgb, monkeypatch):
    pictures = type(shop.desk.provider).pictures

    def inverted(self, progress):
        return tuple(map(_inverted, pictures(self, progress)))

    monkeypatch.setattr(type(shop.desk.provider), "pictures", inverted)
    entry, _ = shop.one(shop.place())
    assert min(drift.share for drift in shop.desk.kept.drifts(entry.ref)) > 0.8
    shop.desk.kept.wish(entry.ref, paste_back=True)
    again, error = shop.one(entry, again=True)  # the parent is fetched once more
    assert error is None
    white = images.encode.decode(shop.desk.kept.mask(entry.ref))
    for place in again.results:
        assert np.array_equal(images.load(place).rgb[~white], rgb[~white])
        assert not np.array_equal(images.load(place).rgb[white], rgb[white])
    assert min(drift.share for drift in shop.desk.kept.drifts(entry.ref)) > 0.8
    assert shop.sandbox.billed == {entry.ref: 1}


def _inverted(data):
    return images.encode.encode_picture(255 - images.load(data).rgb, ".png")


def test_a_service_that_has_forgotten_a_job_takes_no_delivered_file_from_the_record(shop):
    entry, _ = shop.one(shop.place())
    del shop.sandbox.store.messages[entry.handle]
    again, error = shop.one(entry, again=True)
    assert isinstance(error, ProviderError)
    assert again.results == entry.results


# --- cancelled ------------------------------------------------------------------------------------


def test_a_job_that_was_not_sent_is_cancelled_here_and_may_be_asked_again(shop):
    entry = shop.desk.cancel(shop.place())
    assert entry.state is S.CANCELLED
    assert shop.place().ref == f"{entry.key}.1"
    assert all(request.call != "cancel" for request in shop.sandbox.requests)


def test_a_running_job_is_cancelled_at_the_service_and_stays_counted(shop):
    shop.sandbox.store.time_scale = 1.0
    entry = shop.desk.cancel(shop.desk.send(shop.place()))
    assert entry.state is S.CANCELLED
    assert shop.sandbox.store.messages[entry.handle].cancelled
    assert shop.ledger.spent() == entry.credits == 5
    assert shop.place() == entry


def test_a_job_that_is_over_or_in_doubt_is_not_cancelled(shop):
    done, _ = shop.one(shop.place("done"))
    for entry in (done, in_doubt(shop)):
        with pytest.raises(ProviderError, match=f"is {entry.state}; it cannot be cancelled"):
            shop.desk.cancel(entry)


def test_a_job_that_was_sent_meanwhile_is_not_called_cancelled(shop):
    entry = shop.place()
    shop.desk.send(entry)
    with pytest.raises(ProviderError, match="is submitted; it cannot be cancelled"):
        shop.desk.cancel(entry)  # a row that is out of date


# --- in doubt -------------------------------------------------------------------------------------


def test_a_doubt_is_never_sent_again_and_is_found_when_it_was_taken(shop):
    entry = in_doubt(shop)
    assert entry.state is S.IN_DOUBT
    assert shop.desk.send(entry) == entry
    assert shop.place() == entry
    with pytest.raises(InDoubtError, match="automask jobs reconcile"):
        settled(entry)
    found, told = shop.desk.reconcile(entry)
    assert (found.state, found.handle) == (S.SUBMITTED, told.handle)
    assert shop.one(found)[0].state is S.DONE
    assert shop.sandbox.billed == {entry.ref: 1}


@pytest.mark.parametrize("fault", ["lost", "500"])
def test_a_doubt_that_was_not_taken_stays_one(shop, fault):
    entry = in_doubt(shop, fault)
    again, told = shop.desk.reconcile(entry)
    assert (again, told.handle, told.possible) == (entry, "", ())
    assert not shop.sandbox.charges


def test_a_doubt_is_found_though_its_mask_is_lost(shop):
    entry = in_doubt(shop)
    for place in shop.ledger.path.parent.rglob("*.json"):
        place.unlink()
    assert shop.desk.reconcile(entry)[0].state is S.SUBMITTED


def test_what_turns_out_to_be_a_job_of_the_service_is_checked(shop):
    entry = in_doubt(shop)
    other = shop.desk.send(shop.place("another"))
    real = shop.sandbox.charges[0].message_id
    with pytest.raises(RefusedError, match="does not know it"):
        shop.desk.adopt(entry, "11111111-1111-4111-8111-111111111111")
    with pytest.raises(ProviderError, match="is another job"):
        shop.desk.adopt(entry, other.handle)
    shop.sandbox.store.messages[other.handle].ref = ""  # a service that forgets references
    with pytest.raises(TransitionError, match="cannot be"):
        shop.desk.adopt(entry, other.handle)
    assert shop.ledger.find(entry.ref) == entry
    assert shop.desk.adopt(entry, real).handle == real


def test_a_look_at_what_another_process_has_delivered_gives_its_row(shop):
    sent = shop.desk.send(shop.place())
    done, _ = shop.one(sent)
    shop.sandbox.store.messages[sent.handle].faults = []
    assert shop.desk.look(sent).state is S.DONE
    assert shop.desk.look(replace(sent, state=S.RUNNING)).results == done.results


def test_what_another_process_has_found_meanwhile_is_not_given_up(shop):
    entry = in_doubt(shop)
    found, _ = shop.desk.reconcile(entry)
    with pytest.raises(TransitionError, match="is submitted and cannot become failed"):
        shop.desk.give_up(entry)  # a row that is out of date
    assert shop.ledger.find(entry.ref) == found


# --- paid once more -------------------------------------------------------------------------------


def test_a_row_that_is_paid_once_more_has_files_of_its_own(shop, tmp_path):
    shop.sandbox.store.time_scale = 0.005
    first = shop.desk.send(shop.place(folder=str(tmp_path / "first")))
    second = shop.place(again=True, folder=str(tmp_path / "second"), paste_back=True)
    done = shop.finish(first, second)
    assert not done.errors
    kept = shop.desk.kept
    assert kept.wishes(first.ref) == Wishes(str(tmp_path / "first"))
    assert kept.wishes(second.ref) == Wishes(str(tmp_path / "second"), paste_back=True)
    for name, entry in (("first", first), ("second", second)):
        places = [
            tmp_path / name / f"{done.entries[entry.ref].handle}-{n}.png" for n in range(1, 5)
        ]
        assert sorted((tmp_path / name).iterdir()) == places
        assert len(kept.drifts(entry.ref)) == 4
    assert shop.sandbox.billed == {first.ref: 1, second.ref: 1}


def test_a_row_stopped_before_it_has_files_of_its_own_uses_those_of_the_first(shop, monkeypatch):
    first = shop.place()
    monkeypatch.setattr(type(shop.desk.kept), "put", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        shop.place(again=True)
    monkeypatch.undo()
    second = shop.ledger.find(f"{first.key}.1")
    done = shop.finish(first, second)
    assert not done.errors
    assert len(list(shop.out.iterdir())) == 8
