"""The filter that looks at the image to place a region's border: refine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from automask import maskops
from automask.filters.base import FILTERS
from automask.filters.shape import Placed, Reshape
from automask.kinds import Length
from automask.types import Image, Region
from automask.values import Quantity

if TYPE_CHECKING:
    from automask.weights import Weights

LARGEST_SHARE = 1 / 3  # of a region's shorter side: its own colours must outweigh those around it
SAME_THING = 0.7  # overlap with the region above which the model is taken to mean the same thing
ROOM = 3  # radii around a region: how far the filter looks for what it decides at the border


@FILTERS.register("refine")
@dataclass(frozen=True)
class Refine(Reshape):
    """Each region with its border moved to the edges in the image, by at most this far.

    Where the image has no edge, the border stays nearly where it was. It moves by at most a third
    of the region's shorter side. Where the file of EfficientSAM is on this machine, and finds the
    same thing in the region's box, the border is its own as far as it may move; with
    ``model="efficientsam_ti"`` it is always asked, and fetched if it is not here.
    """

    radius: Length = Quantity(1, "%")
    model: str | None = field(default=None, kw_only=True)
    example: ClassVar[str] = "ellipse(10%, 10%, 30%, 40%):refine(3px)"
    reducible: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.model is not None:
            from automask.networks import efficientsam

            efficientsam.check_pin(self.model, of=self.name)

    def reshape(self, region: Region, image: Image) -> Placed:
        """The region with its border at the image's edges."""
        from automask.networks import efficientsam
        from automask.segmentation.snap import snap_edge

        radius_px = self._radius_px(region, image)
        mask, (x, y) = maskops.padded(region, ROOM * radius_px + 2, image.shape)
        window = slice(y, y + mask.shape[0]), slice(x, x + mask.shape[1])
        held = efficientsam.held(self.model) if radius_px else None
        if held is not None:
            seen = efficientsam.in_box(image, region.box, held)[window]
            if maskops.iou(seen, mask) >= SAME_THING:
                inner, outer = maskops.shrink(mask, radius_px), maskops.grow(mask, radius_px)
                return (seen & outer) | inner, (x, y)
        return snap_edge(image.rgb[window], mask, radius_px), (x, y)

    def _radius_px(self, region: Region, image: Image) -> int:
        largest_px = math.floor(LARGEST_SHARE * min(region.box.width, region.box.height))
        return min(math.ceil(self.radius.of(image.shorter)), largest_px)

    def took_part(self, regions: Sequence[Region], image: Image) -> tuple[Weights, ...]:
        """EfficientSAM, where it is here and the border of a region may move."""
        return self.weights() if any(self._radius_px(r, image) for r in regions) else ()

    def weights(self) -> tuple[Weights, ...]:
        """EfficientSAM, where it is here or pinned."""
        from automask.networks import efficientsam

        held = efficientsam.held(self.model)
        return () if held is None else (held,)
