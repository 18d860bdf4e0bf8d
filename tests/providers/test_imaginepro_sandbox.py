"""The provider against the sandbox: every fault it knows, alone and mixed, and what was billed."""

import io
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image as Picture

from automask import images, pipeline
from automask.errors import InDoubtError, PreflightError, ProviderError, UnreachableError
from automask.imaginepro import client as client_module
from automask.imaginepro.client import RefusedError
from automask.imaginepro.wire import Timeouts
from automask.providers.base import Job, Progress, State
from automask.providers.imaginepro import ImaginePro
from automask.testing.sandbox import FAULTS, Sandbox

SHAPE = (60, 90)
DONE, FAILED, GOES_ON = "done", "failed", "goes on"
REFUSED, IN_DOUBT, NO_PICTURE = "refused", "in doubt", "no picture"

# What a job comes to with each fault of its submit (or of the call that the fault is for).
OUTCOMES = {
    "ok": DONE, "slow": DONE, "success-word": DONE, "404": DONE, "running": DONE,
    "unknown-status": DONE, "string-progress": DONE, "no-buttons": DONE, "no-images": DONE,
    "no-webhooks": DONE, "duplicate-webhooks": DONE, "disordered-webhooks": DONE,
    "400": REFUSED, "401-key": REFUSED, "401-credits": REFUSED, "402": REFUSED,
    "403": REFUSED, "413": REFUSED, "success-false": REFUSED,
    "500": IN_DOUBT, "502": IN_DOUBT, "503": IN_DOUBT, "lost": IN_DOUBT, "dropped": IN_DOUBT,
    "reset": IN_DOUBT, "500-accepted": IN_DOUBT, "502-accepted": IN_DOUBT, "empty": IN_DOUBT,
    "fail": FAILED, "fail-bare": FAILED, "no-result": FAILED, "stuck": GOES_ON,
    "not-a-picture": NO_PICTURE,
    "429": IN_DOUBT, "429-accepted": IN_DOUBT,  # which nobody can tell apart at once
}  # fmt: skip


@pytest.fixture
def sandbox(monkeypatch):
    with Sandbox(seed=11) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(client_module, "FIRST_PAUSE_S", 0.001)
        monkeypatch.setattr(client_module, "FIRST_BUSY_PAUSE_S", 0.001)
        monkeypatch.setattr("automask.imaginepro.wire.Timeouts", lambda: Timeouts(2.0, 2.0, 10.0))
        yield running


@pytest.fixture
def engine():
    made = ImaginePro(limits=False)
    yield made
    made.close()


@pytest.fixture
def rgb():
    return np.random.default_rng(8).integers(0, 256, (*SHAPE, 3), np.uint8)


def job(parent, ref, prompt="a red hat"):
    bits = np.zeros(SHAPE, np.uint8)
    bits[10:50, 20:70] = 255
    stream = io.BytesIO()
    Picture.fromarray(bits).save(stream, "PNG")
    return Job("imaginepro", stream.getvalue(), prompt, parent_id=parent, ref=ref)


def outcome(engine, order):
    """What became of `order`, the handle, and the pictures."""
    try:
        handle = engine.submit(order)
    except InDoubtError as error:
        return (IN_DOUBT if error.ref == order.ref else "in doubt of another"), "", ()
    except (RefusedError, UnreachableError):
        return REFUSED, "", ()
    for _ in range(8):
        progress = engine.progress(handle)
        if progress.state is State.DONE:
            return (*_fetched(engine, progress, handle),)
        if progress.state is State.FAILED:
            assert progress.error
            return FAILED, handle, ()
    return GOES_ON, handle, ()


def _fetched(engine, progress, handle):
    try:
        return DONE, handle, engine.pictures(progress)
    except ProviderError:
        return NO_PICTURE, handle, ()


def test_every_fault_has_an_outcome():
    assert OUTCOMES.keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_in_a_true_state_and_is_billed_as_told(sandbox, engine, rgb, fault):
    parent = sandbox.add_parent(rgb)
    since = datetime.now(UTC)
    value = {"slow": "=0.05", "429": "=0.01"}.get(fault, "")
    sandbox.faults.queue(f"{fault}{value}")
    found, handle, pictures = outcome(engine, job(parent, "ref-1"))
    assert found == OUTCOMES[fault]
    billed = sandbox.billed["ref-1"]
    if found == REFUSED:
        assert billed == 0
    elif found == IN_DOUBT:
        recovery = engine.service().past().find("ref-1", "a red hat", since)
        assert bool(recovery.handle) == bool(billed)
        assert not recovery.possible
        if billed:
            assert engine.progress(recovery.handle).state is State.DONE
    else:
        assert handle
        assert billed == 1
    assert len(pictures) == ((1 if fault == "no-images" else 4) if found == DONE else 0)
    assert sum(sandbox.billed.values()) == billed
    sent = [r for r in sandbox.requests if r.call == "submit"]
    assert len(sent) == 1


def test_the_whole_chain(sandbox, engine, rgb):
    grid = sandbox.add_parent(rgb, upscaled=False)
    with pytest.raises(PreflightError, match="--upscale N"):
        engine.check(job(grid, "edit"))
    parent = engine.submit(replace(engine.upscaling(grid, 1), ref="upscale"))
    assert engine.progress(parent).state is State.DONE
    order = job(parent, "edit")
    assert engine.check(order) == []
    progress = engine.progress(engine.submit(order))
    white = images.encode.decode(order.mask)
    for picture in engine.pictures(progress):
        result = images.load(picture).rgb
        assert np.array_equal(result[~white], rgb[~white])
        assert np.abs(result[white].astype(int) - rgb[white]).mean() > 10
    assert sandbox.billed == {"upscale": 1, "edit": 1}
    assert engine.service().account().left == 10_000 - 10


def test_a_parent_without_buttons_is_refused_before_it_is_paid(sandbox, engine, rgb):
    parent = sandbox.add_parent(rgb, faults=["no-buttons"])
    with pytest.raises(PreflightError, match="its buttons are: none"):
        engine.check(job(parent, "r"))
    assert not sandbox.charges


def test_credits_and_keys_are_told_apart(sandbox, engine, rgb, monkeypatch):
    parent = sandbox.add_parent(rgb)
    sandbox.store.credits = 3
    with pytest.raises(RefusedError, match="3 credits are left"):
        engine.submit(job(parent, "r"))
    engine.close()
    monkeypatch.setenv("IMAGINEPRO_API_KEY", "another")
    with pytest.raises(RefusedError, match="does not accept the key"):
        engine.submit(job(parent, "r"))
    assert not sandbox.charges


def test_a_cancelled_job_has_failed(sandbox, engine, rgb):
    sandbox.store.time_scale = 1.0
    handle = engine.submit(job(sandbox.add_parent(rgb), "r"))
    assert engine.progress(handle).state in (State.QUEUED, State.RUNNING)
    engine.cancel(handle)
    assert engine.progress(handle) == Progress(State.FAILED, engine.progress(handle).share,
                                               error="The job was cancelled")  # fmt: skip


@pytest.mark.parametrize("call", ["fetch", "history", "account", "download"])
@pytest.mark.parametrize("fault", ["500", "502", "429=0", "503", "lost", "dropped", "reset"])
def test_a_question_survives_two_faults(sandbox, engine, rgb, call, fault):
    parent = sandbox.add_parent(rgb)
    told = engine.service().message(parent)
    sandbox.faults.queue(f"{call}:{fault}", f"{call}:{fault}")
    asked = {
        "fetch": lambda: engine.service().message(parent).done,
        "history": lambda: [p.id for p in engine.service().history()] == [parent],
        "account": lambda: engine.service().account().left == 10_000,
        "download": lambda: bool(engine.service().fetch(told.pictures[0])),
    }[call]
    assert asked()
    assert not sandbox.faults.waiting


def test_what_may_be_in_a_prompt(sandbox, engine):
    assert engine.service().prompt_check("a hat").ok is True
    assert engine.service().prompt_check("gore").ok is False


def test_the_older_paths(sandbox, rgb):
    engine = ImaginePro(limits=False, paths="midjourney")
    found, _, pictures = outcome(engine, job(sandbox.add_parent(rgb), "r"))
    engine.close()
    assert (found, len(pictures)) == (DONE, 4)
    assert any("midjourney/message" in r.path for r in sandbox.requests)


def test_the_pipelines_wait_survives_a_service_that_comes_and_goes(
    sandbox, engine, rgb, monkeypatch
):
    monkeypatch.setattr(ImaginePro, "first_poll_s", 0.001)
    monkeypatch.setattr(client_module, "ATTEMPTS", 1)
    sandbox.faults.queue("running=1", "fetch:lost", "fetch:502", "fetch:500")
    handle = engine.submit(job(sandbox.add_parent(rgb), "r"))
    assert pipeline._wait(engine, handle, None).shape == (*SHAPE, 3)
    assert sandbox.billed == {"r": 1}


def test_many_jobs_with_mixed_faults_are_billed_as_told(sandbox, engine, rgb):
    """What is certain is right, what is in doubt is found: nothing billed twice, nothing lost."""
    parent, since = sandbox.add_parent(rgb), datetime.now(UTC)
    names = [name for name in FAULTS if name != "stuck"]
    draw = random.Random(5)
    drawn = [draw.choice(names) for _ in range(60)]
    sandbox.faults.queue(*(f"{n}=0.01" if n in ("slow", "429") else n for n in drawn))
    orders = [job(parent, f"ref-{n}", f"prompt {n}") for n in range(60)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda order: outcome(engine, order)[:2], orders))
    billed = sandbox.billed
    assert max(billed.values()) == 1
    assert max(sandbox.billed_alike.values()) == 1
    for order, (state, handle) in zip(orders, found, strict=True):
        if state == IN_DOUBT:
            handle = engine.service().past().find(order.ref, order.prompt, since).handle  # noqa: PLW2901
            assert bool(handle) == bool(billed[order.ref])
        else:
            assert billed[order.ref] == (state != REFUSED)
    assert {state for state, _ in found} >= {DONE, FAILED, REFUSED, IN_DOUBT}


def test_the_documented_rate_is_never_exceeded(rgb, monkeypatch):
    with Sandbox(seed=2, limits=True) as strict:
        for name, value in strict.environment.items():
            monkeypatch.setenv(name, value)
        parent, engine = strict.add_parent(rgb), ImaginePro()
        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(lambda _: engine.service().message(parent), range(14)))
        engine.close()
        assert all(message.done for message in told)
        assert {request.status for request in strict.requests} == {200}


@pytest.mark.parametrize("faults", [[], ["no-images"]])
def test_a_picture_is_seen_in_its_grid_before_it_is_upscaled(sandbox, engine, rgb, faults):
    grid = sandbox.add_parent(rgb, upscaled=False, faults=faults)
    seen = [images.load(engine.preview(engine.upscaling(grid, n))).rgb for n in range(1, 5)]
    assert np.array_equal(seen[0], rgb)
    assert {picture.shape for picture in seen} == {rgb.shape}
    assert len({picture.tobytes() for picture in seen}) == 4
    assert not sandbox.charges


def test_advice_on_the_prompt_is_a_note_where_it_is_wanted(sandbox, rgb):
    parent = sandbox.add_parent(rgb)
    for wanted, notes in ((False, 0), (True, 1)):
        engine = ImaginePro(limits=False, prompt_check=wanted)
        told = engine.check(job(parent, "r", "all the gore"))
        assert len([note for note in told if "advises against the prompt" in note]) == notes
        assert not engine.check(job(parent, "r", "a red hat"))
        sandbox.faults.add("check:500")
        told = engine.check(job(parent, "r", "all the gore"))
        assert len([note for note in told if "was not checked" in note]) == notes
        sandbox.faults.clear()
        engine.close()
