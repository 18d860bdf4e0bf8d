"""Paid batches that are killed and interrupted while the service has faults."""

import os

import pytest

from tests.batch.paying import Paying


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_whatever_stops_a_paid_batch_nothing_is_billed_twice(tmp_path):
    """Asserts in `Paying._check`; by hand it was run with 500 jobs and 6 stops."""
    told = Paying(tmp_path, seed=5, jobs=24, share=0.1).run(2, budget=60.0)
    assert told.most_spent <= 60
