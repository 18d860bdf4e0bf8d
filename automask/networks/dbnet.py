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

from automask.networks.net import Floats, net
from automask.types import Image, Pixels
from automask.weights import Weights

MULTIPLE_PX = 32  # the network halves its input five times
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet's red, green, blue; used on BGR
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
MOST_ENLARGED = 2.0

CORE = 0.3  # of the map: above it lies the middle part of a line
GROWTH = 1.3  # of area over perimeter; measured on words (the paper has 1.5, on lines)
NARROWEST_PX = 3  # of the map: less is no line
BENT = 0.7  # of its convex hull: a part that fills less is bent, and keeps its outline

LARGEST = 0.4  # of the map's shorter side: what is higher is a line only if it is also
SHORTEST_LINE = 3.0  # times as long as high


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


def lines(image: Image, weights: Weights, area_px: float) -> tuple[Line, ...]:
    """The lines and words of `image`, of any score; computed once an image.

    Parameters
    ----------
    image : Image
    weights : Weights
        Of a model of the family "dbnet".
    area_px : float
        Pixels of the copy that the network looks at. A smaller picture is enlarged, twice at most.
    """
    key = ("text lines", weights.path, area_px)
    return image.once(key, lambda: _lines(image, weights, area_px))


def _lines(image: Image, weights: Weights, area_px: float) -> tuple[Line, ...]:
    scale = min(MOST_ENLARGED, math.sqrt(area_px / image.rgb[..., 0].size))
    found = text_map(_resized(image.rgb, scale), weights)
    return tuple(decoded(found, image.shape))


def _resized(rgb: Pixels, scale: float) -> Pixels:
    """`rgb` at about `scale`, its sides multiples of 32."""
    import cv2

    height, width = (
        max(1, round(side * scale / MULTIPLE_PX)) * MULTIPLE_PX for side in rgb.shape[:2]
    )
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=method))


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


def decoded(found: Floats, shape: tuple[int, int]) -> Iterator[Line]:
    """The lines of a map that covers a picture of `shape` (H, W), in no order."""
    import cv2

    core = (found > CORE).astype(np.uint8)
    contours, _ = cv2.findContours(core, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest_px = LARGEST * min(found.shape)
    scale = np.array([shape[1] / found.shape[1], shape[0] / found.shape[0]], np.float32)
    for contour in contours:
        x, y, width, height = cv2.boundingRect(contour)
        if min(width, height) < NARROWEST_PX or _is_thing(contour, largest_px):
            continue
        corners = (_straightened(contour)[:, 0].astype(np.float32) + 0.5) * scale - 0.5
        score = _score(found[y : y + height, x : x + width], contour - (x, y))
        yield Line(corners, _growth_px(contour) * float(scale.mean()), score)


def _is_thing(contour: Any, largest_px: float) -> bool:
    """Whether a part is too high and too short for a line: the network takes cups for letters."""
    import cv2

    across, down = cv2.minAreaRect(contour)[1]
    short, long = sorted((across + 1, down + 1))
    return bool(short > largest_px and long < SHORTEST_LINE * short)


def _straightened(contour: Any) -> Any:
    """The convex hull of a contour, or the contour of what is bent."""
    import cv2

    hull = cv2.convexHull(contour)
    return hull if cv2.contourArea(contour) >= BENT * cv2.contourArea(hull) else contour


def _score(found: Floats, contour: Any) -> float:
    """The mean of a part of the map inside of `contour`."""
    import cv2

    inside = np.zeros(found.shape, np.uint8)
    cv2.fillPoly(inside, [contour], 1)
    return min(1.0, float(found[inside > 0].mean()))


def _growth_px(contour: Any) -> float:
    """How far a line goes beyond its middle part, in pixels of the map."""
    import cv2

    perimeter_px = cv2.arcLength(contour, True)
    # A contour runs through the centres of pixels: half a pixel lies outside of it.
    return GROWTH * (cv2.contourArea(contour) + perimeter_px / 2) / perimeter_px
