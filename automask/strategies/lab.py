"""`lab`, `dark`, `bright`, `gray`: the pixels in a part of CIELAB (CIE 15; D65, L* 0 to 100)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from automask.colours.cells import SLACK, where
from automask.colours.cielab import Floats
from automask.errors import ArgumentError
from automask.kinds import NumberRange, Share
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image
from automask.values import Range


@STRATEGIES.register("lab")
@dataclass(frozen=True)
class Lab(PixelStrategy):
    """Pixels whose CIELAB values are in ranges: l 0..100, a green to red, b blue to yellow."""

    l: NumberRange | None = None  # noqa: E741  (its name everywhere)
    a: NumberRange | None = None
    b: NumberRange | None = None
    group: ClassVar[str] = "colour"
    example: ClassVar[str] = "lab(l=30..70, a=>20)"
    reducible: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.l is None and self.a is None and self.b is None:
            raise ArgumentError("lab() got no range; write one or more, such as lab(l=30..70).")

    def select(self, image: Image) -> Bits:
        """The pixels in all of the ranges."""
        return where(image, self._margin)

    def _margin(self, lab: Floats) -> Floats:
        ranges = (self.l, self.a, self.b)
        inner = [_inside(axis, r) for axis, r in zip(lab, ranges, strict=True) if r is not None]
        return _least(inner)


@STRATEGIES.register("dark")
@dataclass(frozen=True)
class Dark(PixelStrategy):
    """Pixels whose lightness (L* of CIELAB) is 30% or less, or as said."""

    lightness: Share = 0.30
    group: ClassVar[str] = "colour"
    example: ClassVar[str] = "dark:largest"
    reducible: ClassVar[bool] = True

    def select(self, image: Image) -> Bits:
        """The pixels that are this dark or darker."""
        most = 100 * self.lightness + SLACK
        return where(image, lambda lab: most - lab[0])


@STRATEGIES.register("bright")
@dataclass(frozen=True)
class Bright(PixelStrategy):
    """Pixels whose lightness (L* of CIELAB) is 75% or more, or as said."""

    lightness: Share = 0.75
    group: ClassVar[str] = "colour"
    example: ClassVar[str] = "bright(lightness=90%)"
    reducible: ClassVar[bool] = True

    def select(self, image: Image) -> Bits:
        """The pixels that are this bright or brighter."""
        least = 100 * self.lightness - SLACK
        return where(image, lambda lab: lab[0] - least)


@STRATEGIES.register("gray")
@dataclass(frozen=True)
class Gray(PixelStrategy):
    """Pixels with next to no colour, from black to white: a CIELAB chroma of 10% or less."""

    chroma: Share = 0.10
    group: ClassVar[str] = "colour"
    example: ClassVar[str] = "gray - dark - bright"
    reducible: ClassVar[bool] = True

    def select(self, image: Image) -> Bits:
        """The pixels of this chroma or less."""
        most = 100 * self.chroma + SLACK
        return where(image, lambda lab: most - np.hypot(lab[1], lab[2]))


def _inside(axis: Floats, values: Range) -> Floats:
    """How far each number of `axis` is from the nearer end of a range; negative outside it."""
    ends = []
    if values.lo is not None:
        ends.append(axis - (values.lo + (SLACK if values.lo_open else -SLACK)))
    if values.hi is not None:
        ends.append((values.hi + (-SLACK if values.hi_open else SLACK)) - axis)
    return _least(ends)


def _least(rows: list[Floats]) -> Floats:
    least: Floats = np.min(rows, axis=0)
    return least
