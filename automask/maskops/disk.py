"""Round growth in a time that does not depend on the radius.

A pixel is grown into when its centre is at most the radius from the centre of a selected pixel.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.maskops.tables import look_up
from automask.types import Bits

KERNEL_PX = 4  # up to this radius a kernel is quickest at any size
SMALL_PX = 400 * 400  # up to this size OpenCV's distances are quicker than walks from Python


def within(mask: Bits, radius_px: float) -> Bits:
    """The pixels at most `radius_px` from one of `mask`, bool of shape (H, W).

    The distance is Euclidean and exact, between the centres of pixels. Nothing comes in from
    beyond the border and nothing wraps around it.
    """
    if radius_px < 1 or not mask.size:
        return mask.copy()
    # Nothing in an image is farther apart than its diagonal.
    radius_px = min(radius_px, math.hypot(*mask.shape))
    if radius_px <= KERNEL_PX:
        return _by_kernel(mask, radius_px)
    if mask.size <= SMALL_PX:
        return _by_distances(mask, radius_px)
    return _by_walks(mask, radius_px)


def _by_kernel(mask: Bits, radius_px: float) -> Bits:
    import cv2

    steps = np.arange(-math.floor(radius_px), math.floor(radius_px) + 1)
    disk = (steps[:, None] ** 2 + steps**2 <= radius_px**2).astype(np.uint8)
    grown = cv2.dilate(np.ascontiguousarray(mask).view(np.uint8), disk)
    return np.asarray(grown).view(np.bool_)


def _by_distances(mask: Bits, radius_px: float) -> Bits:
    import cv2

    away = cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # The square of a distance is a whole number: half way to the next, rounding cannot matter.
    return np.asarray(away <= math.sqrt(math.floor(radius_px**2) + 0.5))


def _by_walks(mask: Bits, radius_px: float) -> Bits:
    """`within` by two walks over the rows and two over the columns, all in whole numbers.

    The first pair counts the rows to the nearest selected pixel above or below. A disk is
    ``sqrt(radius² - rows²)`` wide there, and the second pair counts by how much that falls
    short. This is the two-pass distance transform of A. Meijster, J. Roerdink and W. Hesselink, "A
    general algorithm for computing distance transforms in linear time" (2000), for one
    threshold, where the parabolas of its second pass become steps of one pixel.
    """
    import cv2

    reach = math.floor(radius_px)
    rows = np.arange(reach + 1)
    width = np.floor(np.sqrt(math.floor(radius_px**2) - rows**2))
    too_far = reach + 1
    kind = np.uint8 if too_far < 255 else np.uint16 if too_far < 65535 else np.int32
    missing = np.append(reach - width, too_far).astype(kind)

    distance = np.multiply(~mask, kind(too_far), dtype=kind)
    _walk(distance)
    distance = _translated(missing, distance)
    across = np.asarray(cv2.transpose(distance))
    _walk(across)
    return np.asarray(cv2.transpose((across <= reach).view(np.uint8))).view(np.bool_)


def _walk(cost: NDArray[Any]) -> None:
    """Lower each element to one more than its neighbour above or below, there and back."""
    more, one = np.empty_like(cost[0]), cost.dtype.type(1)
    for rows in (cost, cost[::-1]):
        for before, row in pairwise(rows):
            np.add(before, one, out=more)
            np.minimum(row, more, out=row)


def _translated(table: NDArray[Any], index: NDArray[Any]) -> NDArray[Any]:
    import cv2

    if index.dtype != np.uint8:
        return look_up(table, index)
    return np.asarray(cv2.LUT(index, np.resize(table, 256)))
