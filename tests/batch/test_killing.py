"""kill -9 at random moments of a batch of masks, gone on with each time."""

import os

import pytest

from tests.batch.killing import Killing


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_killed_batch_goes_on_to_the_same_bytes_and_does_nothing_twice(tmp_path):
    """Asserts in `Killing._check`; by hand it was run with 100 kills of 500 pictures."""
    told = Killing(tmp_path, seed=2, pictures=60).run(5)
    assert told.kills == 5
