"""Thousands of regions: a filter's time goes by their own pixels, not by those of the image."""

import functools
import time
from contextlib import suppress

import numpy as np
import pytest

from automask import maskops
from automask.errors import NeedsReview
from automask.filters.base import FILTERS
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.selector.syntax import Apply, walk
from automask.types import Image, Region

DOTS = 1000
SMALL, LARGE = (240, 400), (240, 40_000)  # the same shorter side: "%" is as many pixels


@functools.cache
def dots(shape):
    """An image, and the labels of a thousand dots in its left end."""
    mask = np.zeros(shape, bool)
    for dy, dx in np.ndindex(6, 6):
        mask[dy : 25 * 9 : 9, dx : 40 * 9 : 9] = (dy, dx) not in ((0, 0), (2, 3))
    return Image(np.zeros((*shape, 3), np.uint8)), maskops.split(mask)


def fresh(region):
    """The same region before anybody asked for its mask."""
    return Region.labelled(
        region.labels, region.value, region.box, region.area, label="dot", source="dot"
    )


def seconds(step, shape):
    def once():
        image, found = dots(shape)
        assert len(found) == DOTS
        regions, scene = [fresh(region) for region in found], Evaluation(image)
        begun = time.perf_counter()
        with suppress(NeedsReview):
            step.apply(regions, scene)
        return time.perf_counter() - begun

    return min(once() for _ in range(2))


@pytest.fixture(scope="module")
def pass_s():
    """The time of one growth over the large image: about what one careful pass takes."""
    mask = np.zeros(LARGE, bool)
    mask[100:150, ::500] = True

    def once():
        begun = time.perf_counter()
        maskops.grow(mask, 8)
        return time.perf_counter() - begun

    return min(once() for _ in range(3))


@pytest.mark.parametrize("name", list(FILTERS))
def test_nothing_of_the_size_of_the_image_is_made_for_each_region(name, pass_s):
    step = next(
        part.step
        for part in walk(parse(FILTERS[name].example))
        if isinstance(part, Apply) and part.step.name == name
    )
    assert seconds(step, LARGE) < 4 * seconds(step, SMALL) + 3 * pass_s
