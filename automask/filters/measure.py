"""Filters that keep the regions of a size, a shape, a score, a label, a colour or a place.

"%" of an area is of the image, "%" of a width or height of the image's shorter side.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from automask import colours, maskops, vocabulary
from automask.colours import words
from automask.filters.base import FILTERS, Filter, Scene
from automask.kinds import AreaRange, ColourName, LengthRange, RatioRange, Share
from automask.types import Image, Region
from automask.values import Range


@dataclass(frozen=True)
class _Measured(Filter):
    """Keeps the regions with a number in a range."""

    group: ClassVar[str] = "keep if"

    @abstractmethod
    def measure(self, region: Region) -> float:
        """The number, in pixels where it has a unit."""

    @abstractmethod
    def wanted(self, image: Image) -> Range:
        """The range, in pixels where it has a unit."""

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions in the range, in their order."""
        wanted = self.wanted(scene.image)
        return [region for region in regions if wanted.holds(self.measure(region))]


@FILTERS.register("area")
@dataclass(frozen=True)
class Area(_Measured):
    """Regions with so many pixels, as a count or in percent of the image."""

    range: AreaRange
    example: ClassVar[str] = "(all | rect(10%, 10%, 30%, 20%)):area(1%..40%)"

    def measure(self, region: Region) -> float:
        """Its pixels."""
        return region.area

    def wanted(self, image: Image) -> Range:
        """The range in pixels."""
        return self.range.of(image.height * image.width)


@dataclass(frozen=True)
class _Side(_Measured):
    """Keeps the regions with a length in a range; "%" is of the image's shorter side."""

    range: LengthRange

    def wanted(self, image: Image) -> Range:
        """The range in pixels."""
        return self.range.of(image.shorter)


@FILTERS.register("width")
@dataclass(frozen=True)
class Width(_Side):
    """Regions whose box is so wide, in pixels or in percent of the image's shorter side."""

    example: ClassVar[str] = "(all | rect(10%, 10%, 30%, 20%)):width(..60%)"

    def measure(self, region: Region) -> float:
        """The width of its box."""
        return region.box.width


@FILTERS.register("height")
@dataclass(frozen=True)
class Height(_Side):
    """Regions whose box is so high, in pixels or in percent of the image's shorter side."""

    example: ClassVar[str] = "(all | rect(10%, 10%, 30%, 20%)):height(10%..40%)"

    def measure(self, region: Region) -> float:
        """The height of its box."""
        return region.box.height


@dataclass(frozen=True)
class _Ratio(_Measured):
    """Keeps the regions with a ratio in a range; "%" of a ratio is of 1."""

    range: RatioRange

    def wanted(self, image: Image) -> Range:  # noqa: ARG002
        """The range as bare numbers."""
        return self.range.of(1)


@FILTERS.register("aspect")
@dataclass(frozen=True)
class Aspect(_Ratio):
    """Regions whose box has such a width divided by its height: over 1 is wider than high."""

    example: ClassVar[str] = "(rect(5%, 5%, 80%, 9%) | rect(70%, 20%, 9%, 70%)):aspect(>2)"

    def measure(self, region: Region) -> float:
        """Width over height of its box."""
        return region.box.width / region.box.height


@FILTERS.register("score")
@dataclass(frozen=True)
class Score(_Ratio):
    """Regions that their source is so sure of, from 0 to 1."""

    example: ClassVar[str] = "grid(3, 2):score(>=0.5)"

    def measure(self, region: Region) -> float:
        """Its score."""
        return region.score


@FILTERS.register("solidity")
@dataclass(frozen=True)
class Solidity(_Ratio):
    """Regions that fill such a share of their convex hull: 1 is without dents and holes."""

    example: ClassVar[str] = "(border(8px) | ellipse(30%, 30%, 40%, 40%)):solidity(>0.9)"

    def measure(self, region: Region) -> float:
        """Its pixels over those of its hull."""
        return maskops.solidity(region.mask)


@FILTERS.register("circularity")
@dataclass(frozen=True)
class Circularity(_Ratio):
    """Regions so round, by 4 pi area / perimeter²: a disk has 1, a long or ragged region less."""

    example: ClassVar[str] = "(border(8px) | ellipse(30%, 30%, 40%, 40%)):circularity(>0.8)"

    def measure(self, region: Region) -> float:
        """Its circularity."""
        return maskops.circularity(region.mask)


@FILTERS.register("label")
@dataclass(frozen=True)
class Label(Filter):
    """Regions with this label, in capitals or not; of objects also with another word for it."""

    label: str
    group: ClassVar[str] = "keep if"
    example: ClassVar[str] = '(all | rect(10%, 10%, 30%, 20%)):label("rect")'

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """The regions with the label, in their order."""
        wanted = {self.label.casefold(), vocabulary.label_of(self.label)}
        return [region for region in regions if region.label.casefold() in wanted]


@FILTERS.register("color")
@dataclass(frozen=True)
class Color(Filter):
    """Regions of which at least a share of the pixels have a colour, as strategy color finds it."""

    color: ColourName
    share: Share = 0.5
    tol: Share | None = None
    group: ClassVar[str] = "keep if"
    example: ClassVar[str] = 'grid(3, 2):color("green", 20%)'

    def __post_init__(self) -> None:
        words.check(self.color)

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions with enough pixels of the colour, and at least one, in their order."""
        if not regions:
            return []
        coloured = colours.select(scene.image, self.color, self.tol)
        return maskops.lying_in(regions, coloured, self.share)


@FILTERS.register("at")
@dataclass(frozen=True)
class At(Filter):
    """Regions with the centroid in the left, right, top, bottom or center third, or at the edge.

    `center` is the middle third both across and down. `edge` means that a region touches the
    border of the image.
    """

    place: Literal["left", "right", "top", "bottom", "center", "edge"]
    group: ClassVar[str] = "keep if"
    example: ClassVar[str] = "grid(3, 3):at(center)"

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions in that place, in their order."""
        return [region for region in regions if self._holds(region, scene.image)]

    def _holds(self, region: Region, image: Image) -> bool:
        if self.place == "edge":
            x0, y0, x1, y1 = region.box
            return x0 == 0 or y0 == 0 or x1 == image.width or y1 == image.height
        x, y = region.centroid
        thirds = {
            "left": 3 * x < image.width,
            "right": 3 * x > 2 * image.width,
            "top": 3 * y < image.height,
            "bottom": 3 * y > 2 * image.height,
        }
        return not any(thirds.values()) if self.place == "center" else thirds[self.place]
