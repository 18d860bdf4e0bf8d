"""Every fault of the sandbox through ledger, desk and wait: alone, and mixed at random."""

import pytest

from automask.errors import BusyError, InDoubtError, ProviderError, UnfinishedError
from automask.ledger import JobState
from automask.testing.sandbox import FAULTS
from tests.jobs.mixing import VALUES, brought_to_their_end, quicken

S = JobState
# What a job comes to with each fault of its submit: the state, and the error where there is one.
DONE = (S.DONE, None)
REFUSED = (S.FAILED, ProviderError)
DOUBT = (S.IN_DOUBT, InDoubtError)
OUTCOMES = {
    "ok": DONE, "slow": DONE, "success-word": DONE, "404": DONE, "running": DONE,
    "unknown-status": DONE, "string-progress": DONE, "no-buttons": DONE, "no-images": DONE,
    "no-webhooks": DONE, "duplicate-webhooks": DONE, "disordered-webhooks": DONE,
    "429": DONE, "429-accepted": DONE,
    "400": REFUSED, "401-key": REFUSED, "401-credits": REFUSED, "402": REFUSED,
    "403": REFUSED, "413": REFUSED, "success-false": REFUSED,
    "500": DOUBT, "502": DOUBT, "503": DOUBT, "lost": DOUBT, "dropped": DOUBT, "reset": DOUBT,
    "500-accepted": DOUBT, "502-accepted": DOUBT, "empty": DOUBT,
    "fail": (S.FAILED, None), "fail-bare": (S.FAILED, None), "no-result": (S.FAILED, None),
    "stuck": (S.RUNNING, UnfinishedError), "not-a-picture": (S.RUNNING, UnfinishedError),
}  # fmt: skip
TAKEN = ("dropped", "reset", "500-accepted", "502-accepted", "empty")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    quicken(monkeypatch.setattr)


def test_every_fault_has_an_outcome():
    assert OUTCOMES.keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_in_a_right_state_and_the_ledger_knows_what_was_billed(shop, fault):
    state, error = OUTCOMES[fault]
    if fault == "not-a-picture":
        shop.sandbox.faults.add(fault)
    else:
        shop.sandbox.faults.queue(f"{fault}{VALUES.get(fault, '')}")
    entry, told = shop.one(shop.place())
    assert entry.state is state
    assert isinstance(told, error or type(None))
    assert not isinstance(told, BusyError)
    if state is S.IN_DOUBT:
        entry, _ = shop.desk.reconcile(entry)
        assert (entry.state is S.SUBMITTED) == (fault in TAKEN)
        entry, told = shop.one(entry)
    assert shop.sandbox.billed == ({entry.ref: 1} if entry.handle else {})
    refused = state is S.FAILED and not entry.handle
    assert shop.ledger.spent() == (0 if refused else 5)
    if entry.state is not S.DONE:
        assert told or entry.error
    assert len(entry.results) == (
        0 if entry.state is not S.DONE else 1 if fault == "no-images" else 4
    )


def test_80_jobs_with_mixed_faults_at_8_in_flight(shop):
    """Asserts in `mixing.check`; by hand it was run with 500 jobs."""
    states = brought_to_their_end(shop, 80, seed=6)
    assert set(states) >= {S.DONE, S.FAILED, S.IN_DOUBT, S.RUNNING}
