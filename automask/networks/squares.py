"""A picture drawn to a square, as the networks see it that were taught to take it so."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def stretched(pixels: NDArray[Any], side_px: int) -> NDArray[Any]:
    """`pixels` as a square, whatever its proportions; ndarray of shape (side_px, side_px, ...).

    What becomes shorter is averaged, what becomes longer is interpolated. INTER_AREA does the first
    only where both sides become shorter: a picture that it enlarges consists of blocks.

    Parameters
    ----------
    pixels : uint8 ndarray of shape (H, W) or (H, W, 3)
    side_px : int
    """
    import cv2

    height, width = (min(side, side_px) for side in pixels.shape[:2])
    shorter = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    square = cv2.resize(shorter, (side_px, side_px), interpolation=cv2.INTER_LINEAR)
    return np.asarray(square)
