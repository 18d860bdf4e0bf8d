import pytest

from automask.errors import ArgumentError
from automask.providers.base import Job, State, provider_of
from automask.providers.opencv import OpenCv


def test_the_same_job_has_the_same_key():
    assert Job("p", b"mask", "x", b"parent").key == Job("p", b"mask", "x", b"parent").key


def test_everything_that_decides_the_outcome_changes_the_key():
    jobs = [
        Job("p", b"mask", "x", b"parent"),
        Job("q", b"mask", "x", b"parent"),
        Job("p", b"mask2", "x", b"parent"),
        Job("p", b"mask", "y", b"parent"),
        Job("p", b"mask", "x", b"parent2"),
        Job("p", b"mask", "x", b"parent", "id"),
        Job("p", b"mask", "xparent", b""),  # parts cannot run into one another
        Job("px", b"mask", "", b"parent"),
    ]
    assert len({job.key for job in jobs}) == len(jobs)


def test_only_three_states_are_final():
    assert {s.value for s in State if s.final} == {"done", "failed", "cancelled"}


@pytest.mark.parametrize("provider", [OpenCv, 3])
def test_a_provider_is_asked_for_by_its_name(provider):
    with pytest.raises(ArgumentError, match="give its name, or an instance of one"):
        provider_of(provider)
