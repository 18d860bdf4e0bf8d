"""What regions have to be, for tests of strategies and filters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automask.types import Box, Image, Region, bounding_box


def check_regions(regions: Sequence[Region], image: Image) -> None:
    """Assert that `regions` are what `automask.types.Region` promises, on `image`."""
    for region in regions:
        assert isinstance(region, Region), f"{region!r} is not a Region"
        _check_region(region, image)


def _check_region(region: Region, image: Image) -> None:
    box, mask = region.box, region.mask
    assert isinstance(box, Box), f"the box {box!r} is not a Box"
    assert all(type(edge) is int for edge in box), f"the edges of {box} are not plain ints"
    assert mask.dtype == np.bool_, f"a mask is bool, not {mask.dtype}"
    assert mask.shape == (box.height, box.width), f"a mask of {mask.shape} does not fit {box}"
    assert box == box.clipped(image.shape), f"{box} leaves the image of shape {image.shape}"
    assert bounding_box(mask) == (0, 0, box.width, box.height), f"{box} is not tight, or is empty"
    assert region.area == np.count_nonzero(mask), f"an area of {region.area} is not what it has"
    assert 0 <= region.score <= 1, f"a score is 0 to 1, not {region.score}"
    assert isinstance(region.label, str), f"the label {region.label!r} is not text"
    assert isinstance(region.source, str), f"the source {region.source!r} is not text"


def same_regions(left: Sequence[Region], right: Sequence[Region]) -> bool:
    """Whether two lists hold equal regions in one order: boxes, masks, labels and scores."""
    return len(left) == len(right) and all(map(_same_region, left, right))


def _same_region(left: Region, right: Region) -> bool:
    told = (left.box, left.label, left.score, left.source)
    told_right = (right.box, right.label, right.score, right.source)
    return told == told_right and np.array_equal(left.mask, right.mask)
