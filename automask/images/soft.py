"""The soft edge of a mask."""

from __future__ import annotations

import math

import numpy as np

from automask.types import Bits, Pixels, bounding_box


def soft_edge(mask: Bits, feather_px: float) -> Pixels:
    """The mask as uint8 of shape (H, W), rising from 0 to 255 across its border.

    The ramp begins `feather_px` outside of the border and ends as far inside; pixels of the mask
    are 128 or more and the others 127 or less, however thin the mask is (a blurred mask would lose
    thin parts and round off corners).

    Notes
    -----
    A smoothstep of the signed Euclidean distance; the distances are OpenCV's, after Borgefors,
    "Distance transformations in digital images" (1986), within 2 % of the true ones.
    """
    soft = np.zeros(mask.shape, np.uint8)
    box = bounding_box(mask)
    if box is None:
        return soft
    place = box.padded(math.ceil(feather_px) + 2, (mask.shape[0], mask.shape[1]))
    soft[place.slices] = _ramp(np.ascontiguousarray(mask[place.slices]), feather_px)
    return soft


def _ramp(mask: Bits, feather_px: float) -> Pixels:
    import cv2

    selected = mask.view(np.uint8)
    depth = cv2.distanceTransform(selected, cv2.DIST_L2, 5)
    depth -= cv2.distanceTransform(1 - selected, cv2.DIST_L2, 5)
    # Distances run between pixel centres; the border lies half a pixel before the first of them.
    depth -= np.where(mask, np.float32(0.5), np.float32(-0.5))
    np.clip(depth, -feather_px, feather_px, out=depth)
    depth *= 127.5 / feather_px
    depth += 127.5
    return np.asarray(cv2.LUT(np.rint(depth, out=depth).astype(np.uint8), _smoothstep()))


def _smoothstep() -> Pixels:
    """A level of the straight ramp to that of the smooth one; 127 and 128 stay apart."""
    share = np.arange(256) / 255
    return np.asarray(np.rint(255 * share * share * (3 - 2 * share)), np.uint8)
