"""kill -9 at random moments of a run of many jobs, begun again each time."""

import os

import pytest

from tests.jobs.killing import Killing


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_whatever_kills_a_run_no_job_is_paid_twice_and_none_is_lost(tmp_path):
    """Asserts in `Killing.check`; by hand it was run with 200 kills of 50 jobs."""
    told = Killing(tmp_path, seed=4, jobs=16).run(12)
    assert told.kills == 12
    assert told.found <= told.doubted
