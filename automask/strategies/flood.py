"""`flood`: what looks like a starting point, or like the frame, and hangs together with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from automask import colours
from automask.colours import words
from automask.colours.cells import near
from automask.errors import ArgumentError
from automask.kinds import ColourName, Length, Share
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image, Pixels
from automask.values import Quantity


@STRATEGIES.register("flood")
@dataclass(frozen=True)
class Flood(PixelStrategy):
    """The area of like colour around (x, y), or along the picture's frame with start=border.

    Its colour is that of the pixel at (x, y), or the most frequent one of the frame, unless `color`
    says another. `tol` is as in ``color``, 12 % for all but the basic words. What is
    selected hangs together by the sides of pixels, not by corners.
    """

    x: Length | None = None
    y: Length | None = None
    tol: Share | None = None
    color: ColourName | None = None
    start: Literal["border"] | None = None
    group: ClassVar[str] = "colour"
    example: ClassVar[str] = 'flood(color="white", tol=6%, start=border)'

    def __post_init__(self) -> None:
        points = [self.x is not None, self.y is not None]
        if any(points) != all(points) or all(points) == (self.start is not None):
            raise ArgumentError(
                "flood() starts at one point or at the border; write flood(50%, 50%) or "
                "flood(start=border)."
            )
        if self.color is not None:
            words.check(self.color)

    def select(self, image: Image) -> Bits:
        """The pixels of the area; none where the start lies outside the image."""
        if self.x is None or self.y is None:
            return _reached_from_frame(self._alike(image, _frame_colour(image.rgb)))
        if self.is_outside(image.shape):
            return np.zeros(image.shape, bool)
        x, y = pixel_at(self.x, image.width), pixel_at(self.y, image.height)
        return _reached(self._alike(image, image.rgb[y, x]), x, y)

    def is_outside(self, shape: tuple[int, int]) -> bool:
        """Whether an image of `shape` does not have the pixel that it starts at."""
        if self.x is None or self.y is None:
            return False
        return pixel_at(self.x, shape[1]) >= shape[1] or pixel_at(self.y, shape[0]) >= shape[0]

    def _alike(self, image: Image, seed: Pixels) -> Bits:
        if self.color is not None:
            return colours.select(image, self.color, self.tol)
        red, green, blue = seed.tolist()
        return near(image, (red, green, blue), colours.TOLERANCE if self.tol is None else self.tol)


def pixel_at(place: Quantity, length_px: int) -> int:
    """The pixel that holds a place; the far edge of the image still belongs to the last one."""
    place_px = place.of(length_px)
    return length_px - 1 if place_px == length_px else int(place_px)


def _reached(alike: Bits, x: int, y: int) -> Bits:
    """The 4-connected part of `alike` with the pixel (x, y); nothing if that is not one of them."""
    import cv2

    marked = alike.astype(np.uint8)
    if alike[y, x]:
        cv2.floodFill(marked, None, (x, y), 2, flags=4)
    reached: Bits = marked == 2
    return reached


def _reached_from_frame(alike: Bits) -> Bits:
    """The 4-connected parts of `alike` that touch the border of the picture."""
    around = np.pad(alike, 1, constant_values=True)  # one more pixel, which joins them all
    return _reached(around, 0, 0)[1:-1, 1:-1]


def _frame_colour(rgb: Pixels) -> Pixels:
    """The most frequent colour of the outermost pixels: the mean of the fullest of 4096 bins."""
    frame = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    bins = (frame >> 4).astype(np.int64) @ (256, 16, 1)
    fullest = bins == np.bincount(bins).argmax()
    mean: Pixels = frame[fullest].mean(axis=0).round().astype(np.uint8)
    return mean
