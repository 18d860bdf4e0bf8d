"""The filter that looks at the image to place a region's border: refine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from automask import maskops
from automask.filters.base import FILTERS
from automask.filters.shape import Placed, Reshape
from automask.kinds import Length
from automask.types import Image, Region
from automask.values import Quantity

LARGEST_SHARE = 0.25  # of a region's shorter side: its own colours must outweigh those around it
ROOM = 3  # radii around a region: how far the filter looks for what it decides at the border


@FILTERS.register("refine")
@dataclass(frozen=True)
class Refine(Reshape):
    """Each region with its border moved to the edges in the image, by at most this far.

    Where the image has no edge, the border stays nearly where it was. It moves by at most a quarter
    of the region's shorter side.
    """

    radius: Length = Quantity(1, "%")
    example: ClassVar[str] = "ellipse(10%, 10%, 30%, 40%):refine(3px)"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The region with its border at the image's edges."""
        from automask.segmentation.snap import snap_edge

        thickness_px = min(region.box.width, region.box.height)
        radius_px = min(math.ceil(self.radius.of(image.shorter)), thickness_px // 3)
        mask, (x, y) = maskops.padded(region, ROOM * radius_px + 2, image.shape)
        height, width = mask.shape
        return snap_edge(image.rgb[y : y + height, x : x + width], mask, radius_px), (x, y)

    def _radius_px(self, region: Region, image: Image) -> int:
        wanted_px = self.radius.of(image.shorter)
        if not wanted_px:
            return 0
        side_px = min(region.box.width, region.box.height)
        return max(1, round(min(wanted_px, LARGEST_SHARE * side_px)))
