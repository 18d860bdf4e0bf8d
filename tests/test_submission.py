"""A picture that the service keeps, from its message id to files; against the sandbox."""

import numpy as np
import pytest

import automask
from automask.errors import PreflightError
from automask.ledger import Ledger

RULE = "rect(10%, 20%, 30%, 40%)"


def picture():
    return np.random.default_rng(5).integers(0, 256, (60, 90, 3), np.uint8)


def test_a_job_asked_for_twice_is_paid_once(sandbox, tmp_path):
    parent = sandbox.add_parent(picture())
    first = automask.submit(parent, RULE, prompt="a pond", folder=tmp_path / "out")
    second = automask.submit(parent, RULE, prompt="a pond", folder=tmp_path / "out")
    assert first.paid
    assert not second.paid
    assert first.files == second.files
    assert len(first.files) == 4
    assert sandbox.billed == {first.entry.ref: 1}
    assert all(automask.load(place).shape == (60, 90) for place in first.files)


def test_a_job_is_paid_again_only_when_that_is_said(sandbox, tmp_path):
    parent = sandbox.add_parent(picture())
    for again in (False, True):
        automask.submit(parent, RULE, prompt="a pond", folder=tmp_path, again=again)
    assert sorted(sandbox.billed.values()) == [1, 1]


def test_a_grid_is_upscaled_once_and_a_budget_refuses_before(sandbox, tmp_path):
    grid = sandbox.add_parent(picture(), upscaled=False)
    with pytest.raises(PreflightError, match="cost 10 credits"):
        automask.submit(grid, RULE, upscale=2, budget=9, folder=tmp_path)
    assert not sandbox.billed
    automask.submit(grid, RULE, upscale=2, budget=10, folder=tmp_path)
    automask.submit(grid, "all - " + RULE, upscale=2, budget=5, folder=tmp_path)
    assert len(sandbox.billed) == 3
    with Ledger() as ledger:
        assert ledger.spent() == 15


def test_what_is_pasted_back_keeps_the_parents_pixels(sandbox, tmp_path):
    parent = sandbox.add_parent(picture())
    done = automask.submit(parent, RULE, paste_back=True, folder=tmp_path)
    kept = ~automask.mask(picture(), RULE).array
    for place in done.files:
        assert np.array_equal(automask.load(place).rgb[kept], picture()[kept])
