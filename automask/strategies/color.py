"""placeholder until the colour model lands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from automask.arguments import ColourName, Share, ShareRange
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image


@STRATEGIES.register("color")
@dataclass(frozen=True)
class Color(PixelStrategy):
    """Pixels of a colour."""

    name_or_hex: ColourName
    tol: Share | None = None
    group: ClassVar[str] = "colour"

    def select(self, image: Image) -> Bits:
        return image.rgb[..., 0] > 150


@STRATEGIES.register("luma")
@dataclass(frozen=True)
class Luma(PixelStrategy):
    """Pixels of a brightness."""

    range: ShareRange
    group: ClassVar[str] = "colour"

    def select(self, image: Image) -> Bits:
        return self.range.scaled(2.55).holds_each(image.gray)
