"""Holes and specks: what is judged by how many pixels hang together.

A mask hangs together across corners (8-connected), its background does not (4-connected), so that
a thin diagonal line still separates two sides.
"""

from __future__ import annotations

from typing import Any

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


def swept(mask: Bits, most_px: float) -> Bits:
    """`mask` without specks and pinholes: its parts, and its holes, of at most `most_px` pixels.

    A part counts with its holes. By contours: on masks with few parts this takes a twentieth of the
    time of `despeckle` and `fill`, and next to no memory.

    >>> import numpy as np
    >>> bits = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 0, 1], [1, 1, 1, 0, 0]], bool)
    >>> swept(bits, 1).astype(int).tolist()
    [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0]]
    """
    import cv2

    bits = mask.astype(np.uint8)
    contours, tree = cv2.findContours(bits, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    parents = [] if tree is None else tree[0, :, 3].tolist()
    small = {
        number
        for number, (contour, parent) in enumerate(zip(contours, parents, strict=True))
        if _enclosed_px(contour, is_hole=parent >= 0) <= most_px
    }
    specks = [contours[n] for n in small if parents[n] < 0]
    holes = [contours[n] for n in small if parents[n] >= 0 and parents[n] not in small]
    cv2.drawContours(bits, specks, -1, 0, cv2.FILLED)
    cv2.drawContours(bits, holes, -1, 1, cv2.FILLED)
    return bits.view(bool)


def _enclosed_px(contour: Any, *, is_hole: bool) -> float:
    """The pixels of a part with its holes, or of a hole, by its contour (Pick's theorem, 1899)."""
    import cv2

    around = len(contour) / 2 if len(contour) > 1 else 0
    return float(cv2.contourArea(contour)) + 1 + (-around if is_hole else around)


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
