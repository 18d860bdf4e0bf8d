"""DBNet: where a picture has lettering, and the lines or words of it.

Notes
-----
Liao, Wan, Yao, Chen, Bai: "Real-time scene text detection with differentiable binarization", AAAI
2020: the network marks the middle part of each line, which is grown to the whole line by its area
over its perimeter (the offset of Vatti, "A generic solution to polygon clipping", 1992). The models
are those of PaddleOCR.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.lazy import cached_property
from automask.networks.net import Floats, net
from automask.types import Bits, Box, Pixels
from automask.weights import Weights

MULTIPLE_PX = 32  # the network halves its input five times
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet's red, green, blue; used on BGR
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)

CORE = 0.3  # of the map: above it lies the middle part of a line
# How far a line goes beyond its middle part, in areas over perimeters of that, unless the row of
# the model has another `growth`: networks are taught different middles. Measured on words.
GROWTH = 1.3
NARROWEST_PX = 3  # of the map: less is no line
BENT = 0.7  # of its convex hull: a part that fills less is bent, and keeps its outline

# The network takes an eye, a cup or a skier for letters, but it is not sure of them, and of high
# letters it is: a part of these heights in the map needs these scores, and what is between them as
# much. What is so many times as long as high may be that much higher for the same score.
LOW_PX, HIGH_PX, LONG, LONG_HIGHER = 12, 32, 4.0, 2.0
LOW_SCORE, HIGH_SCORE = 0.65, 0.9
LARGEST = 0.4  # of the map's shorter side: higher than this no score is enough


@dataclass(frozen=True, eq=False)
class Line:
    """A line or a word of lettering.

    Parameters
    ----------
    outline : float32 ndarray of shape (n, 2)
        Its middle part, as corners (x, y) in pixels of the picture; pixel centres are integers.
    grown_px : float
        How far the line goes beyond its middle part, on each side.
    score : float
        How sure the network is, 0 to 1.
    """

    outline: Floats
    grown_px: float
    score: float


def text_map(rgb: Pixels, weights: Weights) -> Floats:
    """How much each pixel belongs to the middle of a line, 0 .. 1; float32 of shape (H, W).

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
        H and W are multiples of 32.
    weights : Weights
    """
    (found,) = net(weights).run(_blob(rgb))
    return np.asarray(found.reshape(rgb.shape[:2]), np.float32)


def _blob(rgb: Pixels) -> Floats:
    """What the network takes: BGR planes, normalised; float32 of shape (1, 3, H, W)."""
    import cv2

    # by a table of the 256 levels: a tenth of the time of reckoning with every pixel, same floats
    levels = (np.arange(256, dtype=np.float32)[:, None] / 255 - MEAN) / DEVIATION
    blob = np.empty((1, 3, *rgb.shape[:2]), np.float32)
    for i, plane in enumerate(cv2.split(rgb)[::-1]):
        cv2.LUT(plane, levels[:, i].copy(), dst=blob[0, i])
    return blob


@dataclass(frozen=True, eq=False)
class Part:
    """The middle part of what may be a line, in a map.

    Parameters
    ----------
    contour : int32 ndarray of shape (n, 1, 2)
        As OpenCV gives it: x and y of the pixels at its border.
    box : Box
        Where it lies.
    score : float
        The mean of the map inside of it.
    """

    contour: NDArray[Any]
    box: Box
    score: float

    @cached_property
    def outline(self) -> NDArray[Any]:
        """Its convex hull, or the contour itself where it is bent."""
        import cv2

        hull = cv2.convexHull(self.contour)
        bent = cv2.contourArea(self.contour) < BENT * cv2.contourArea(hull)
        return self.contour if bent else hull

    @cached_property
    def sides_px(self) -> tuple[float, float]:
        """How high and how long it is, at any angle; a line is a little more than twice as high."""
        import cv2

        across, down = cv2.minAreaRect(self.contour)[1]
        return min(across, down) + 1, max(across, down) + 1

    def growth_px(self, growth: float) -> float:
        """How far a line goes beyond it: `growth` times its area over its perimeter."""
        import cv2

        perimeter_px = cv2.arcLength(self.contour, True)
        # A contour runs through the centres of pixels: half a pixel lies outside of it.
        return growth * (cv2.contourArea(self.contour) + perimeter_px / 2) / perimeter_px

    def is_line(self, largest_px: float) -> bool:
        """Whether it is wide enough, and the network as sure as it is of lines that high.

        What is higher than `largest_px` has to be long, however sure the network is.
        """
        height_px, length_px = self.sides_px
        is_long = length_px >= LONG * height_px
        if height_px <= LOW_PX * (LONG_HIGHER if is_long else 1):
            return min(self.box.width, self.box.height) >= NARROWEST_PX
        judged_px = height_px / LONG_HIGHER if is_long else height_px
        needed = np.interp(judged_px, (LOW_PX, HIGH_PX), (LOW_SCORE, HIGH_SCORE))
        return (is_long or height_px <= largest_px) and self.score >= float(needed)

    def drawn(self) -> Bits:
        """Its pixels in its box, bool of shape (box.height, box.width)."""
        return _filled(self.contour - (self.box.x0, self.box.y0), self.box)


def parts(found: Floats) -> Iterator[Part]:
    """The connected parts of a map above `CORE`, in no order."""
    import cv2

    core = (found > CORE).astype(np.uint8)
    contours, _ = cv2.findContours(core, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        x, y, width, height = cv2.boundingRect(contour)
        box = Box(x, y, x + width, y + height)
        inside = _filled(contour - (x, y), box)
        yield Part(contour, box, min(1.0, float(found[box.slices][inside].mean())))


def _filled(contour: NDArray[Any], box: Box) -> Bits:
    import cv2

    inside = np.zeros((box.height, box.width), np.uint8)
    cv2.fillPoly(inside, [contour], 1)
    return inside.view(bool)


def decoded(
    found: Floats, shape: tuple[int, int], growth: float = GROWTH, *, most_px: float = math.inf
) -> Iterator[Line]:
    """The lines of a map that covers a picture of `shape` (H, W), in no order.

    They go beyond their middle parts by `growth` times area over perimeter. Those whose middle part
    is higher than `most_px` of the map are left out.
    """
    scale = np.array([shape[1] / found.shape[1], shape[0] / found.shape[0]], np.float32)
    for part in parts(found):
        if part.is_line(LARGEST * min(found.shape)) and part.sides_px[0] <= most_px:
            corners = (part.outline[:, 0].astype(np.float32) + 0.5) * scale - 0.5
            yield Line(corners, part.growth_px(growth) * float(scale.mean()), part.score)
