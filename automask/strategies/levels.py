"""`luma` and `alpha`: the pixels whose brightness or opacity, of 256 levels, is in a range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from automask.kinds import ShareRange
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image, Pixels
from automask.values import Range


@STRATEGIES.register("luma")
@dataclass(frozen=True)
class Luma(PixelStrategy):
    """Pixels whose luma (the brightness Y' of BT.601) is in a range such as 20%..80%."""

    range: ShareRange
    group: ClassVar[str] = "colour"
    example: ClassVar[str] = "luma(20%..80%)"
    reducible: ClassVar[bool] = True

    def select(self, image: Image) -> Bits:
        """The pixels in the range."""
        return _in_range(image.gray, self.range)


@STRATEGIES.register("alpha")
@dataclass(frozen=True)
class Alpha(PixelStrategy):
    """Pixels whose opacity is in a range; an image without transparency is opaque all over."""

    opacity: ShareRange = Range(50, 100, "%")
    group: ClassVar[str] = "colour"
    example: ClassVar[str] = "alpha(opacity=..50%)"
    reducible: ClassVar[bool] = True

    def select(self, image: Image) -> Bits:
        """The pixels in the range."""
        if image.alpha is None:
            return np.full(image.shape, bool(self.opacity.holds(100)))
        return _in_range(image.alpha, self.opacity)


def _in_range(plane: Pixels, percents: Range) -> Bits:
    """Where `plane`, uint8 of shape (H, W), is in a range of percents of 255."""
    import cv2

    # Rounded, because 255 / 2.55 need not be 100 in floating point.
    levels = np.round(np.arange(256) / 2.55, 9)
    belongs = np.asarray(percents.holds_each(levels)).view(np.uint8)
    found: Bits = cv2.LUT(plane, belongs).view(bool)
    return found
