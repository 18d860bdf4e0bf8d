"""What shape a mask has: its hull, how solid, how round, how far from others."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.types import Bits, Region

# Eight directions, as steps (down, across): how many degrees are nearest to each of them, and how
# far apart the lines are that follow it.
DIRECTIONS = (
    (26.565, 1.0, ((0, 1), (1, 0))),
    (22.5, 1 / math.sqrt(5), ((1, 2), (2, 1), (1, -2), (2, -1))),
    (18.435, 1 / math.sqrt(2), ((1, 1), (1, -1))),
)


def hull(mask: Bits) -> Bits:
    """The convex hull of `mask`: every pixel whose centre lies between centres of its pixels.

    >>> import numpy as np
    >>> hull(np.array([[1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 1]], bool)).astype(int).tolist()
    [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]]
    """
    result = np.zeros(mask.shape, bool)
    rows, left, right = _hull_rows(mask)
    across = np.arange(mask.shape[1])
    result[rows] = (across >= left[:, None]) & (across <= right[:, None])
    return result


def solidity(mask: Bits) -> float:
    """The pixels of `mask` as a share of those of its convex hull: 1 without dents and holes."""
    _, left, right = _hull_rows(mask)
    return int(np.count_nonzero(mask)) / int((right - left + 1).sum())


def _hull_rows(mask: Bits) -> tuple[slice, NDArray[Any], NDArray[Any]]:
    """The rows that the hull of `mask` passes, its first column and its last one in each."""
    filled = np.flatnonzero(mask.any(1))
    first = mask[filled].argmax(1)
    last = mask.shape[1] - 1 - mask[filled, ::-1].argmax(1)
    rows = slice(int(filled[0]), int(filled[-1]) + 1)
    # Sides of the hull meet columns at fractions with denominators below the height, so that
    # a billionth tells a whole number from the next fraction.
    left = np.ceil(_left_side(filled, first) - 1e-9).astype(int)
    right = -np.ceil(_left_side(filled, -last) - 1e-9).astype(int)
    return rows, left, right


def _left_side(rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[np.float64]:
    """Where the left side of the hull of the points (columns, rows) runs in each row."""
    import cv2

    beyond = int(columns.max()) + 1  # two guards on the right leave only the left side
    xs = np.concatenate([columns, [beyond, beyond]])
    ys = np.concatenate([rows, rows[[0, -1]]])
    corners = cv2.convexHull(np.stack([xs, ys], axis=1).astype(np.int32)).reshape(-1, 2)
    side = corners[corners[:, 0] < beyond]
    side = side[np.argsort(side[:, 1])]
    at = np.arange(rows[0], rows[-1] + 1)
    return np.asarray(np.interp(at, side[:, 1], side[:, 0]))


def perimeter_px(mask: Bits) -> float:
    """The length of the border of `mask`, that of its holes included, in pixels.

    The borders that lines in eight directions cross are counted, each weighted with how far its
    lines lie apart and with the angles nearest to it (Crofton's formula; D. Legland, K. Kiêu and
    M.-F. Devaux, "Computation of Minkowski measures on 2D and 3D binary images", Image Analysis and
    Stereology 26, 2007). Within 6 % for disks of radius 5 and more, 3 % short for an upright
    square.
    """
    room = np.pad(mask, 2)
    return sum(
        math.radians(arc_deg) / 2 * apart_px * sum(_crossings(room, *step) for step in steps)
        for arc_deg, apart_px, steps in DIRECTIONS
    )


def _crossings(mask: Bits, down: int, across: int) -> int:
    """How often a step of so many pixels leads into `mask` or out of it."""
    height, width = mask.shape
    left, right = max(0, -across), max(0, across)
    start = mask[: height - down, left : width - right]
    end = mask[down:, right : width - left]
    return int(np.count_nonzero(start != end))


def circularity(mask: Bits) -> float:
    """4 pi area / perimeter²: 1 for a disk, less for anything longer, dented or with holes.

    It is cut at 1, which the estimate of the perimeter (`perimeter_px`) can exceed by a little.
    """
    return min(1.0, 4 * math.pi * int(np.count_nonzero(mask)) / perimeter_px(mask) ** 2)


def oval(height: int, width: int) -> Bits:
    """The pixels with centres in the ellipse that touches the sides of a (height, width) array.

    >>> oval(3, 5).astype(int).tolist()
    [[0, 1, 1, 1, 0], [1, 1, 1, 1, 1], [0, 1, 1, 1, 0]]
    """
    # In whole numbers, so that what lies on the ellipse belongs to it for certain.
    down, across = ((2 * np.arange(n) + 1 - n) ** 2 for n in (height, width))
    return np.asarray(down[:, None] * width**2 + across * height**2 <= (height * width) ** 2)


def distances_px(regions: Iterable[Region], pixels: Bits) -> list[float]:
    """From each region to the nearest of `pixels`, between centres, in pixels; 0 if it has one.

    Parameters
    ----------
    regions : iterable of Region
    pixels : bool ndarray of shape (H, W)
        At least one is selected.
    """
    import cv2

    away = cv2.distanceTransform((~pixels).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return [float(away[region.box.slices][region.mask].min()) for region in regions]
