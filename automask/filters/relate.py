"""Filters that keep regions by how they lie to another rule: inside, near, left_of.

The other rule is R. It is evaluated once, on the same image, and where it selects nothing, nothing
is kept. Distances are between the centres of pixels: neighbours are 1 px apart.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from automask import maskops
from automask.filters.base import FILTERS, Filter, Scene
from automask.kinds import Length, Operand, Share
from automask.types import Box, Region


@FILTERS.register("inside")
@dataclass(frozen=True)
class Inside(Filter):
    """Regions with at least this share of their pixels in R."""

    other: Operand
    share: Share = 0.9
    group: ClassVar[str] = "relate"
    example: ClassVar[str] = "grid(4, 3):inside(rect(0, 0, 60%, 100%))"
    reducible: ClassVar[bool] = False

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions in R, in their order; at least one pixel of each is."""
        if not regions:
            return []
        return maskops.lying_in(regions, scene.pixels(self.other), self.share)


@FILTERS.register("contains")
@dataclass(frozen=True)
class Contains(Filter):
    """Regions that hold at least this share of the pixels of one region of R."""

    other: Operand
    share: Share = 0.9
    group: ClassVar[str] = "relate"
    example: ClassVar[str] = "grid(3, 2):contains(rect(5%, 5%, 10%, 10%))"

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions around one of R, in their order; at least one pixel of it is inside."""
        if not regions:
            return []
        others = scene.regions(self.other)
        boxes = np.array([other.box for other in others]).reshape(-1, 4)

        def holds_one(region: Region) -> bool:
            return any(self._holds(region, others[i]) for i in maskops.meeting(region.box, boxes))

        return [region for region in regions if holds_one(region)]

    def _holds(self, region: Region, other: Region) -> bool:
        most = region.box.overlap(other.box).area
        if not maskops.is_share(most, other.area, self.share):
            return False
        return maskops.is_share(maskops.shared_px(region, other), other.area, self.share)


@FILTERS.register("overlaps")
@dataclass(frozen=True)
class Overlaps(Filter):
    """Regions with a pixel in R, or with at least this share of their pixels."""

    other: Operand
    share: Share = 0.0
    group: ClassVar[str] = "relate"
    example: ClassVar[str] = "grid(4, 3):overlaps(ellipse(30%, 30%, 40%, 40%), 50%)"

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions with enough pixels in R, in their order."""
        if not regions:
            return []
        return maskops.lying_in(regions, scene.pixels(self.other), self.share)


@FILTERS.register("touches")
@dataclass(frozen=True)
class Touches(Filter):
    """Regions that overlap R or lie directly beside it, corner to corner included."""

    other: Operand
    group: ClassVar[str] = "relate"
    example: ClassVar[str] = "grid(4, 3):touches(rect(0, 0, 25%, 100%))"

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions that touch R, in their order."""
        if not regions:
            return []
        return maskops.lying_in(regions, maskops.grow(scene.pixels(self.other), 2**0.5 + 0.01), 0)


@FILTERS.register("near")
@dataclass(frozen=True)
class Near(Filter):
    """Regions with a pixel at most this far from R."""

    other: Operand
    distance: Length
    group: ClassVar[str] = "relate"
    example: ClassVar[str] = "grid(4, 3):near(rect(0, 0, 10%, 10%), 10%)"

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions near R, in their order: those that overlap R grown by the distance."""
        if not regions:
            return []
        distance_px = self.distance.of(scene.image.shorter)
        return maskops.lying_in(regions, maskops.grow(scene.pixels(self.other), distance_px), 0)


@FILTERS.register("nearest")
@dataclass(frozen=True)
class Nearest(Filter):
    """The region with the smallest distance to R; 0 where they overlap, the first where equal."""

    other: Operand
    group: ClassVar[str] = "relate"
    example: ClassVar[str] = "grid(4, 3):nearest(rect(45%, 45%, 10%, 10%))"
    reducible: ClassVar[bool] = False

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The nearest region."""
        if not regions or not (pixels := scene.pixels(self.other)).any():
            return []
        distances = maskops.distances_px(regions, pixels)
        return [regions[distances.index(min(distances))]]


@dataclass(frozen=True)
class _Side(Filter):
    """Keeps the regions whose box's middle lies beyond an edge of the box of one region of R."""

    other: Operand
    group: ClassVar[str] = "relate"

    @abstractmethod
    def past_px(self, middle: tuple[float, float], box: Box) -> float:
        """How far `middle`, as (x, y), lies beyond the edge of `box`."""

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions on that side, in their order; how far off they lie does not count."""
        if not regions:
            return []
        # The edges are all parallel: what is past one of them is past the one farthest back.
        boxes = [other.box for other in scene.regions(self.other)]
        farthest = max(boxes, key=lambda box: self.past_px((0, 0), box), default=None)
        return [r for r in regions if farthest and self.past_px(r.box.centre, farthest) > 0]


@FILTERS.register("left_of")
@dataclass(frozen=True)
class LeftOf(_Side):
    """Regions whose middle is left of the left edge of a region of R."""

    example: ClassVar[str] = "grid(4, 3):left_of(rect(60%, 0, 20%, 100%))"

    def past_px(self, middle: tuple[float, float], box: Box) -> float:
        """How far `middle` lies left of `box`."""
        return box.x0 - middle[0]


@FILTERS.register("right_of")
@dataclass(frozen=True)
class RightOf(_Side):
    """Regions whose middle is right of the right edge of a region of R."""

    example: ClassVar[str] = "grid(4, 3):right_of(rect(20%, 0, 20%, 100%))"

    def past_px(self, middle: tuple[float, float], box: Box) -> float:
        """How far `middle` lies right of `box`."""
        return middle[0] - box.x1


@FILTERS.register("above")
@dataclass(frozen=True)
class Above(_Side):
    """Regions whose middle is above the top edge of a region of R."""

    example: ClassVar[str] = "grid(4, 3):above(rect(0, 60%, 100%, 20%))"

    def past_px(self, middle: tuple[float, float], box: Box) -> float:
        """How far `middle` lies above `box`."""
        return box.y0 - middle[1]


@FILTERS.register("below")
@dataclass(frozen=True)
class Below(_Side):
    """Regions whose middle is below the bottom edge of a region of R."""

    example: ClassVar[str] = "grid(4, 3):below(rect(0, 20%, 100%, 20%))"

    def past_px(self, middle: tuple[float, float], box: Box) -> float:
        """How far `middle` lies below `box`."""
        return middle[1] - box.y1
