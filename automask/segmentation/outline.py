"""What an outline looks like: how well a shape fits the circle, ellipse or polygon nearest to it.

Each likeness is the share of pixels that shape and ideal have in common (intersection over union).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from automask.types import Bits

Kind = Literal["any", "circle", "ellipse", "triangle", "square", "rectangle", "quad"]
Corners = NDArray[np.float32]
SHORTEST_SIDE = 0.04  # of the way around


def likeness(mask: Bits, kind: str) -> float:
    """How much `mask`, bool of shape (H, W), is like a figure of `kind`: 0 to 1.

    >>> import numpy as np
    >>> mask = np.ones((20, 30), bool)
    >>> likeness(mask, "rectangle"), likeness(mask, "square") < 0.9, likeness(mask, "circle") < 0.9
    (1.0, True, True)
    """
    ideal = _IDEALS[kind](np.pad(mask, 1))
    shape = np.pad(mask, 1)
    either = int(np.count_nonzero(ideal | shape))
    return int(np.count_nonzero(ideal & shape)) / either


def _ellipse(mask: Bits, *, round_: bool = False) -> Bits:
    """The ellipse with the same centre, area and axes of inertia; the circle, if `round_`."""
    ys, xs = np.nonzero(mask)
    centre = np.array([xs.mean(), ys.mean()])
    # A pixel is a square, not a point: 1/12 is its own second moment.
    spread = np.cov(xs, ys, bias=True).reshape(2, 2) + np.eye(2) / 12
    if round_:
        spread = np.eye(2) * np.trace(spread) / 2
    inverse = np.linalg.inv(spread)
    x = np.arange(mask.shape[1])[None, :] - centre[0]
    y = np.arange(mask.shape[0])[:, None] - centre[1]
    far = inverse[0, 0] * x * x + 2 * inverse[0, 1] * x * y + inverse[1, 1] * y * y
    inside: Bits = far <= 4  # a filled ellipse reaches two standard deviations along each axis
    return inside


def _circle(mask: Bits) -> Bits:
    return _ellipse(mask, round_=True)


def _rectangle(mask: Bits, *, equal: bool = False) -> Bits:
    """The rectangle at any angle around `mask`; the square of the same area, if `equal`."""
    import cv2

    centre, (w, h), angle = cv2.minAreaRect(_hull(mask))
    w, h = w + 1, h + 1  # from the centres of the outer pixels to their far sides
    if equal:
        w = h = (w * h) ** 0.5
    # Back by a hair, so that what ends on a pixel's far side does not take the next one too.
    return _drawn(cv2.boxPoints((centre, (max(w - 1, 0), max(h - 1, 0)), angle)), mask)


def _square(mask: Bits) -> Bits:
    return _rectangle(mask, equal=True)


def _triangle(mask: Bits) -> Bits:
    return _drawn(_polygon(mask, 3), mask)


def _quad(mask: Bits) -> Bits:
    return _drawn(_polygon(mask, 4), mask)


def _polygon(mask: Bits, corners: int) -> Corners:
    """The outline with so many corners that strays least from the convex one; empty if none has.

    D. Douglas and T. Peucker, "Algorithms for the reduction of the number of points required to
    represent a digitized line or its caricature", Cartographica 10 (1973), as loose as it takes.
    """
    import cv2

    hull = _hull(mask)
    length_px = cv2.arcLength(hull, closed=True)
    for stray in np.arange(0.01, 0.1, 0.01):
        outline = np.asarray(cv2.approxPolyDP(hull, stray * length_px, closed=True), np.float32)
        if len(outline) <= corners:
            break
    sides = np.hypot(*(outline - np.roll(outline, 1, axis=0)).reshape(-1, 2).T)
    # A side too short to see is a corner cut by a pixel or two: a triangle is no quad.
    if len(outline) != corners or sides.min() < SHORTEST_SIDE * length_px:
        return np.empty((0, 2), np.float32)
    return outline.reshape(-1, 2)


def _hull(mask: Bits) -> Any:
    import cv2

    outlines, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return cv2.convexHull(np.concatenate(outlines))


def _drawn(corners: Corners, mask: Bits) -> Bits:
    import cv2

    canvas = np.zeros(mask.shape, np.uint8)
    if len(corners):
        fixed = np.round(np.asarray(corners, np.float64) * 256).astype(np.int32)
        cv2.fillPoly(canvas, [fixed], 1, shift=8)
    return canvas.view(np.bool_)


_IDEALS: dict[str, Callable[[Bits], Bits]] = {
    "circle": _circle,
    "ellipse": _ellipse,
    "triangle": _triangle,
    "square": _square,
    "rectangle": _rectangle,
    "quad": _quad,
}
