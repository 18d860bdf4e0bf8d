"""Filters that change the shape of each region: grow, fill, hull, box, shift.

The border of the image is not the border of a thing: what a region reaches of it is left alone
(`automask.maskops.morphology`). "%" of a length is of the image's shorter side. A region that
nothing is left of is dropped.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from automask import maskops
from automask.filters.base import FILTERS, Filter, Scene
from automask.kinds import Area, Length, SignedLength
from automask.types import Bits, Box, Image, Region
from automask.values import Quantity

Placed: TypeAlias = tuple[Bits, tuple[int, int]]
"""A mask crop and the place of its top left pixel in the image, as (x, y)."""


@dataclass(frozen=True)
class Reshape(Filter):
    """A filter that gives each region another mask; label, score and source stay."""

    group: ClassVar[str] = "shape"

    @abstractmethod
    def reshape(self, region: Region, image: Image) -> Placed:
        """The new mask of `region`."""

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions with their new masks, in their order; those left empty are dropped."""
        return [
            new for region in regions for new in region.reshaped(*self.reshape(region, scene.image))
        ]


@FILTERS.register("grow")
@dataclass(frozen=True)
class Grow(Reshape):
    """Each region and all pixels at most this far from it: round, the same on all sides."""

    radius: Length
    example: ClassVar[str] = "rect(30%, 30%, 20%, 20%):grow(10%)"
    distributes: ClassVar[bool] = True
    keeps_count: ClassVar[bool] = True

    def reshape(self, region: Region, image: Image) -> Placed:
        """The grown region, cut to the image."""
        radius_px = self.radius.of(image.shorter)
        mask, place = maskops.padded(region, math.floor(radius_px), image.shape)
        return maskops.grow(mask, radius_px), place


@FILTERS.register("shrink")
@dataclass(frozen=True)
class Shrink(Reshape):
    """Each region without what is at most this far from its border, the image's border aside."""

    radius: Length
    example: ClassVar[str] = "rect(0, 30%, 60%, 50%):shrink(5%)"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The shrunk region."""
        mask, place = maskops.padded(region, 1, image.shape)
        return maskops.shrink(mask, self.radius.of(image.shorter)), place


@FILTERS.register("open")
@dataclass(frozen=True)
class Open(Reshape):
    """Each region without what is too narrow for a disk of this radius, such as hairs and spurs."""

    radius: Length
    example: ClassVar[str] = "(rect(5%, 5%, 80%, 3px) | rect(20%, 0, 40%, 60%)):merge:open(3px)"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The region shrunk, then grown again."""
        mask, place = maskops.padded(region, 1, image.shape)
        return maskops.open_(mask, self.radius.of(image.shorter)), place


@FILTERS.register("close")
@dataclass(frozen=True)
class Close(Reshape):
    """Each region with gaps and notches filled that are too narrow for a disk of this radius."""

    radius: Length
    example: ClassVar[str] = "(all - rect(0, 40%, 100%, 3px)):close(3px)"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The region grown, then shrunk again."""
        mask, place = maskops.padded(region, 1, image.shape)
        return maskops.close(mask, self.radius.of(image.shorter)), place


@FILTERS.register("fill")
@dataclass(frozen=True)
class Fill(Reshape):
    """Each region with its holes filled: all of them, or those of at most this area."""

    max: Area | None = None
    example: ClassVar[str] = "border(8px):fill"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The region without holes; what the border of the image closes off is no hole."""
        most_px = self.max.of(image.height * image.width) if self.max else None
        return maskops.fill(region.mask, most_px), (region.box.x0, region.box.y0)


@FILTERS.register("smooth")
@dataclass(frozen=True)
class Smooth(Reshape):
    """Each region with a smooth outline: jags, nicks and specks below this size go."""

    radius: Length
    example: ClassVar[str] = "polygon(10%, 10%, 90%, 40%, 20%, 90%):smooth(4px)"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The region blurred and cut at one half, which keeps its area nearly."""
        radius_px = round(self.radius.of(image.shorter))
        mask, place = maskops.padded(region, radius_px, image.shape)
        return maskops.smooth(mask, radius_px), place


@FILTERS.register("despeckle")
@dataclass(frozen=True)
class Despeckle(Reshape):
    """Each region without its connected parts that are smaller than this area."""

    min: Area
    example: ClassVar[str] = "(rect(5%, 5%, 2px, 2px) | rect(40%, 40%, 40%, 40%)):despeckle(10px)"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The region without specks."""
        least_px = self.min.of(image.height * image.width)
        place = region.box.x0, region.box.y0
        if region.area < least_px:
            return np.zeros((0, 0), bool), place
        return maskops.despeckle(region.mask, least_px), place


@FILTERS.register("hull")
@dataclass(frozen=True)
class Hull(Reshape):
    """The convex hull of each region: the outline of a rubber band around it."""

    example: ClassVar[str] = "(rect(5%, 5%, 10%, 80%) | rect(5%, 70%, 80%, 9%)):merge:hull"

    def reshape(self, region: Region, image: Image) -> Placed:  # noqa: ARG002
        """The hull of the region."""
        return maskops.hull(region.mask), (region.box.x0, region.box.y0)


@FILTERS.register("box")
@dataclass(frozen=True)
class BoxAround(Reshape):
    """The upright rectangle around each region, with so much more on each side."""

    pad: Length = Quantity(0, "px")
    example: ClassVar[str] = "ellipse(30%, 30%, 30%, 30%):box(4px)"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The box of the region, cut to the image."""
        box = region.box.padded(round(self.pad.of(image.shorter)), image.shape)
        return np.ones((box.height, box.width), bool), (box.x0, box.y0)


@FILTERS.register("oval")
@dataclass(frozen=True)
class Oval(Reshape):
    """The upright ellipse that touches the four sides of each region's box."""

    example: ClassVar[str] = "rect(30%, 30%, 30%, 40%):oval"

    def reshape(self, region: Region, image: Image) -> Placed:  # noqa: ARG002
        """The ellipse in the box of the region."""
        return maskops.oval(region.box.height, region.box.width), (region.box.x0, region.box.y0)


@FILTERS.register("shift")
@dataclass(frozen=True)
class Shift(Reshape):
    """Each region moved right by dx and down by dy; what leaves the image is cut off."""

    dx: SignedLength = Quantity(0, "px")
    dy: SignedLength = Quantity(0, "px")
    example: ClassVar[str] = "rect(10%, 10%, 30%, 30%):shift(20%, -5px)"
    distributes: ClassVar[bool] = True

    def reshape(self, region: Region, image: Image) -> Placed:
        """The region moved by whole pixels."""
        dx, dy = round(self.dx.of(image.shorter)), round(self.dy.of(image.shorter))
        x0, y0, x1, y1 = region.box
        left, up = x0 + dx, y0 + dy
        seen = Box(left, up, x1 + dx, y1 + dy).clipped(image.shape)
        inner = Box(seen.x0 - left, seen.y0 - up, seen.x1 - left, seen.y1 - up)
        if not seen.area:
            return np.zeros((0, 0), bool), (0, 0)
        return region.mask[inner.slices], (seen.x0, seen.y0)


@FILTERS.register("outline")
@dataclass(frozen=True)
class Outline(Reshape):
    """A ring this wide along the border of each region, half inside and half outside."""

    width: Length
    example: ClassVar[str] = "ellipse(20%, 20%, 50%, 60%):outline(4px)"

    def reshape(self, region: Region, image: Image) -> Placed:
        """The ring; none along the border of the image, at least 1 px wide elsewhere."""
        width_px = self.width.of(image.shorter)
        width_px = max(1, round(width_px)) if width_px else 0
        mask, place = maskops.padded(region, max(1, width_px), image.shape)
        return maskops.outline(mask, width_px), place
