"""Batches of masks, stopped by signals at random moments, gone on with each time."""

import os

import pytest

from tests.batch.killing import Killing

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def test_a_killed_batch_goes_on_to_the_same_bytes_and_does_nothing_twice(tmp_path):
    """Asserts in `Killing._check`; by hand it was run with 100 kills of 500 pictures."""
    told = Killing(tmp_path, seed=2, pictures=60).run(5)
    assert told.stops.total() == 5


def test_whatever_signal_stops_a_batch_it_goes_on_to_the_same_bytes(tmp_path):
    how = ("term", "interrupt", "twice")
    told = Killing(tmp_path, seed=3, pictures=60, workers=4, how=how).run(5)
    assert told.stops.total() == 5
