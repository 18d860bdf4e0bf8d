"""`point`: the thing at a place in the picture, without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from automask.arguments import Length
from automask.segmentation.graphcut import enlarged
from automask.segmentation.point import thing_at
from automask.strategies.base import STRATEGIES, Strategy
from automask.strategies.flood import pixel_at
from automask.types import Image, Region

REDUCED_PX = 224  # longer side of the copy on which the thing is found


@STRATEGIES.register("point")
@dataclass(frozen=True)
class Point(Strategy):
    """The thing at (x, y), as one region; no model needed.

    It starts from the surface of one colour around the point, and GrabCut (Rother et al. 2004)
    decides how far the thing goes beyond it. A thing of several colours may come back in part:
    ``point(x, y) | point(x, y)`` adds another part.
    """

    x: Length
    y: Length
    group: ClassVar[str] = "what stands out"
    example: ClassVar[str] = "point(50%, 40%):grow(2px)"

    def find(self, image: Image) -> list[Region]:
        """One region; none where the point lies outside the image."""
        x = pixel_at(self.x.of(image.width), image.width)
        y = pixel_at(self.y.of(image.height), image.height)
        if x >= image.width or y >= image.height:
            return []
        small = image.reduced(REDUCED_PX)
        place = x * small.shape[1] // image.width, y * small.shape[0] // image.height
        mask = enlarged(thing_at(small, *place), image.rgb)
        mask[y, x] = True  # also on a thing too thin for the reduced copy
        return Region.of(mask, label=self.name, source=self.name)
