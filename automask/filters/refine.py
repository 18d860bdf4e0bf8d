"""The filter that looks at the image to place a region's border: refine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from automask import maskops
from automask.arguments import Length
from automask.filters.base import FILTERS
from automask.filters.shape import Placed, Reshape
from automask.types import Image, Region
from automask.values import Quantity

ROOM = 3  # radii around a region: how far the filter looks for what it decides at the border


@FILTERS.register("refine")
@dataclass(frozen=True)
class Refine(Reshape):
    """Each region with its border moved to the edges in the image, by at most this far.

    Where the image has no edge, the border stays nearly where it was.
    """

    radius: Length = Quantity(1, "%")
    example: ClassVar[str] = "ellipse(10%, 10%, 30%, 40%):refine(3px)"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The region with its border at the image's edges; at least 1 px is tried."""
        from automask.segmentation.snap import snap_edge

        radius_px = self.radius.of(image.shorter)
        radius_px = max(1, round(radius_px)) if radius_px else 0
        mask, (x, y) = maskops.padded(region, ROOM * radius_px + 2, image.shape)
        height, width = mask.shape
        return snap_edge(image.rgb[y : y + height, x : x + width], mask, radius_px), (x, y)
