"""`hsv`: the pixels whose hue, saturation and value are in ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from automask.errors import ArgumentError
from automask.kinds import AngleRange, ShareRange
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image, Pixels
from automask.values import Range

STRIP_PX = 1 << 16
"""Pixels converted at a time: three floats of each are held, and stay in the processor's cache."""

SLACK = 1e-3
"""Degrees or percents by which a closed end is widened, against rounding: 60deg holds yellow."""

LAST_HUE = 359.9
"""Degrees: where a range without an end stops, above every hue of 24 bits but short of red."""


@STRATEGIES.register("hsv")
@dataclass(frozen=True)
class Hsv(PixelStrategy):
    """Pixels by hue in degrees (340deg..20deg wraps), saturation and value, such as s=40%.. .

    The hexcone of A. R. Smith, "Color Gamut Transform Pairs" (SIGGRAPH 1978): red 0, yellow 60,
    green 120, cyan 180, blue 240, magenta 300 degrees. A grey has no hue, so a range of hues that
    is not the whole circle leaves it out.
    """

    h: AngleRange | None = None
    s: ShareRange | None = None
    v: ShareRange | None = None
    group: ClassVar[str] = "colour"
    example: ClassVar[str] = "hsv(h=340deg..20deg, s=40%.., v=20%..)"
    reducible: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.h is None and self.s is None and self.v is None:
            raise ArgumentError(
                "hsv() got no range; write one or more, such as hsv(h=340deg..20deg, s=40%..)."
            )

    def select(self, image: Image) -> Bits:
        """The pixels in all of the ranges."""
        found = np.empty(image.shape, bool)
        rows = max(1, STRIP_PX // image.width)
        for top in range(0, image.height, rows):
            strip = slice(top, top + rows)
            found[strip] = self._judged(image.rgb[strip])
        return found

    def _judged(self, rgb: Pixels) -> Bits:
        import cv2

        converted = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
        hue, saturation, value = cv2.split(converted)
        found = np.ones(hue.shape, bool)
        if self.h is not None and not _is_circle(self.h):
            found &= _on_circle(hue, self.h) & (saturation > 0)
        for plane, percents in ((saturation, self.s), (value, self.v)):
            if percents is not None:
                lo, hi = _ends(percents.scaled(0.01), 0, 1, SLACK / 100)
                found &= (plane >= lo) & (plane <= hi)
        return found


def _is_circle(hues: Range) -> bool:
    lo, hi = _ends(hues, 0, LAST_HUE, SLACK)
    return hi - lo >= LAST_HUE


def _on_circle(hue: NDArray[Any], hues: Range) -> Bits:
    """Which of `hue`, 0 to 360, lie between the ends of `hues`, going up from the first."""
    lo, hi = _ends(hues, 0, LAST_HUE, SLACK)
    first, last = lo % 360, hi % 360
    above, below = hue >= first, hue <= last
    return above & below if first <= last else above | below


def _ends(values: Range, least: float, most: float, slack: float) -> tuple[float, float]:
    """The first and the last number of a range, with `slack` so that rounding does no harm."""
    lo = least if values.lo is None else values.lo
    hi = most if values.hi is None else values.hi
    return lo - (-slack if values.lo_open else slack), hi + (-slack if values.hi_open else slack)
