"""A picture drawn to a square: against Pillow's bilinear filter, which averages when it shrinks."""

import cv2
import numpy as np
import pytest
from PIL import Image as Picture

from automask.networks.squares import stretched


@pytest.mark.parametrize(
    "shape", [(60, 90), (400, 60), (60, 400), (400, 700), (128, 128), (1, 1), (1, 300)]
)
def test_as_pillow_draws_it(shape):
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    rgb = cv2.GaussianBlur(noise, (0, 0), 2)
    found = stretched(rgb, 128)
    assert (found.shape, found.dtype) == ((128, 128, 3), np.uint8)
    wanted = np.asarray(Picture.fromarray(rgb).resize((128, 128), Picture.Resampling.BILINEAR))
    # INTER_AREA alone is 2.1 to 3.5 away where one side becomes shorter and the other longer
    assert np.abs(found.astype(int) - wanted).mean() < 1.2


def test_an_edge_that_is_enlarged_is_a_slope_and_no_step():
    row = stretched(np.repeat([[0, 255]], 2, axis=0).astype(np.uint8), 64)[0]
    assert len(np.unique(row)) > 20
    assert (np.diff(row.astype(int)) >= 0).all()


def test_a_plane_keeps_what_is_thin():
    plane = np.zeros((4000, 4000), np.uint8)
    plane[:, 1003:1006] = plane[2011:2014] = 255
    small = stretched(plane, 512) > 0
    assert (small.any(axis=0).all(), small.any(axis=1).all()) == (True, True)
