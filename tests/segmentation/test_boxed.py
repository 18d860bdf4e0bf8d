"""From a box to a mask by colours and by shape."""

import numpy as np
import pytest

from automask.segmentation import boxed
from automask.types import Box
from tests.scenes import ODD_SHAPES, disc, scene


@pytest.mark.parametrize("truth", [disc(), disc(400, 300, (150, 200), 120)], ids=["disc", "large"])
def test_the_thing_in_a_box(truth):
    down, across = np.nonzero(truth)
    box = Box(across.min() - 4, down.min() - 3, across.max() + 5, down.max() + 4)
    found = boxed.cut_out(scene(truth), box)
    common, union = (found & truth[box.slices]).sum(), (found | truth[box.slices]).sum()
    assert common / union > 0.93


def test_what_has_no_colour_of_its_own_is_the_rounded_box():
    plain = np.full((80, 120, 3), 130, np.uint8)
    found = boxed.cut_out(plain, Box(20, 10, 90, 60))
    assert found.shape == (50, 70)
    assert found.mean() >= boxed.LEAST_SHARE


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_odd_shapes(shape):
    rgb = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    assert boxed.cut_out(rgb, Box(0, 0, shape[1], shape[0])).shape == shape


def test_the_rounded_box_touches_all_sides_and_is_symmetrical():
    mask = boxed.rounded(31, 20)
    assert mask.shape == (20, 31)
    assert mask.any(axis=0).all()
    assert mask[[0, -1]].any(axis=1).all()
    assert np.array_equal(mask, mask[::-1, ::-1])
    assert 0.78 < mask.mean() < 0.9
    assert boxed.rounded(1, 1).all()


def test_a_mask_that_lost_the_thing_is_replaced():
    few, many = np.zeros((10, 20), bool), np.zeros((10, 20), bool)
    few[4:6, 4:10], many[2:8, 3:18] = True, True
    assert np.array_equal(boxed.kept(few), boxed.rounded(20, 10))
    assert boxed.kept(many) is many
