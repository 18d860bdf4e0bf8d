"""Holes and specks: what is judged by how many pixels hang together.

A mask hangs together across corners (8-connected), its background does not (4-connected), so that
a thin diagonal line still separates two sides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automask.maskops.tables import look_up
from automask.types import Bits


def fill(mask: Bits, most_px: float | None = None) -> Bits:
    """`mask` with its holes filled: the background that it cuts off from the outside.

    Parameters
    ----------
    mask : bool ndarray of shape (H, W)
        What is beyond the border counts as outside.
    most_px : float, optional
        Larger holes stay open.

    >>> import numpy as np
    >>> ring = np.array([[1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1]], bool)
    >>> fill(ring).astype(int).tolist()
    [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 1]]
    """
    import cv2

    canvas = np.pad(mask, 1).view(np.uint8)
    cv2.floodFill(canvas, None, (0, 0), 2, flags=4)
    holes: Bits = canvas[1:-1, 1:-1] == 0
    if most_px is not None:
        holes = _sized(holes, 4, 0, most_px)
    filled: Bits = mask | holes
    return filled


def despeckle(mask: Bits, least_px: float) -> Bits:
    """`mask` without its parts of fewer than `least_px` pixels.

    >>> import numpy as np
    >>> despeckle(np.array([[1, 1, 0, 1], [0, 0, 0, 0]], bool), 2).astype(int).tolist()
    [[1, 1, 0, 0], [0, 0, 0, 0]]
    """
    return _sized(mask, 8, least_px, mask.size)


def _sized(mask: Bits, connectivity: int, least_px: float, most_px: float) -> Bits:
    """The connected parts of `mask` that have at least and at most so many pixels."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(mask).view(np.uint8), connectivity=connectivity
    )
    area: NDArray[np.int32] = stats[:, cv2.CC_STAT_AREA]
    kept = (area >= least_px) & (area <= most_px)
    kept[0] = False  # the background
    return look_up(kept, labels)
