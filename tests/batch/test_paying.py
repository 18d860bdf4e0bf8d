"""Paid batches that are killed and interrupted while the service has faults."""

import os

import pytest

from tests.batch.paying import Paying


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("drivers", [1, 2])
def test_whatever_stops_a_paid_batch_nothing_is_billed_twice(tmp_path, drivers):
    """Asserts in `Paying._check`; by hand it was run with 500 jobs and 20 stops."""
    told = Paying(tmp_path, seed=5, jobs=24, share=0.1, drivers=drivers).run(2, budget=25.0)
    assert 0 < told.most_spent <= 25  # that it is used up where jobs are left is for test_pay
