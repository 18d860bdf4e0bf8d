"""What regions have to be, for tests of strategies and filters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automask.faults import pixels_fault, region_fault
from automask.types import Bits, Image, Region


def check_regions(regions: Sequence[Region], image: Image) -> None:
    """Assert that `regions` are what `automask.types.Region` promises, on `image`."""
    for region in regions:
        wrong = region_fault(region, image.shape)
        assert not wrong, wrong


def check_pixels(pixels: Bits, image: Image) -> None:
    """Assert that `pixels` are a mask of `image`."""
    wrong = pixels_fault(pixels, image.shape)
    assert not wrong, wrong


def same_regions(left: Sequence[Region], right: Sequence[Region]) -> bool:
    """Whether two lists hold equal regions in one order: boxes, masks, labels and scores."""
    return len(left) == len(right) and all(map(_same_region, left, right))


def _same_region(left: Region, right: Region) -> bool:
    told = (left.box, left.label, left.score, left.source)
    told_right = (right.box, right.label, right.score, right.source)
    return told == told_right and np.array_equal(left.mask, right.mask)
