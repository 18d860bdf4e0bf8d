"""Pictures in half their size, again and again."""

import numpy as np
import pytest

from automask.images.halves import halved


@pytest.mark.parametrize(
    ("shape", "side_px", "seen"),
    [
        ((1, 1), 320, (1, 1)),
        ((639, 300), 320, (639, 300)),
        ((640, 300), 320, (320, 150)),
        ((1283, 2), 320, (320, 1)),
        ((1, 2999), 100, (1, 187)),
    ],
)
def test_the_longer_side_stays_from_the_length_to_twice_it(shape, side_px, seen):
    small = halved(np.zeros((*shape, 3), np.uint8), side_px)
    assert small.shape == (*seen, 3)
    assert max(shape) < side_px or side_px <= max(small.shape[:2]) < 2 * side_px


def test_pixels_are_means_of_four():
    rgb = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
    means = rgb.reshape(16, 2, 24, 2, 3).mean((1, 3))
    assert np.abs(halved(rgb, 24) - means).max() <= 0.5
