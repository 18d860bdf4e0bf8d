"""From a box around a thing to a mask of it, without a model that knows things."""

from __future__ import annotations

import numpy as np

from automask.segmentation import graphcut
from automask.types import Bits, Box, Pixels

ROUNDNESS = 2.5  # exponent of the superellipse: 2 is an ellipse, more is nearer to the box
LEAST_SHARE = 0.3  # of the box: a mask that keeps less has lost the thing
WORKING_PX = 256  # longer side of the copy that is cut
MARGIN = 0.25  # of the box's sides: the background that is seen around it
ROUNDS = 3


def rounded(width: int, height: int) -> Bits:
    """The superellipse that touches the sides of a box; bool ndarray of shape (height, width)."""
    across = np.abs((2 * np.arange(width) + 1) / width - 1) ** ROUNDNESS
    down = np.abs((2 * np.arange(height) + 1) / height - 1) ** ROUNDNESS
    return np.asarray(down[:, None] + across <= 1)


def cut_out(rgb: Pixels, box: Box) -> Bits:
    """The thing in `box` of a picture by GrabCut; bool ndarray of shape (box.height, box.width).

    What is outside the box is surely not the thing, what is inside it probably is. Where the cut
    keeps less than `LEAST_SHARE` of the box, it is the superellipse in the box.
    """
    import cv2

    around = box.padded(round(MARGIN * max(box.width, box.height)) + 1, rgb.shape[:2])
    crop = rgb[around.slices]
    scale = min(1.0, WORKING_PX / max(crop.shape[:2]))
    width, height = (max(1, round(side * scale)) for side in (around.width, around.height))
    small = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
    found = graphcut.enlarged(graphcut.cut(small, _labels(box, around, scale, small), ROUNDS), crop)
    x, y = box.x0 - around.x0, box.y0 - around.y0
    return kept(found[y : y + box.height, x : x + box.width])


def kept(mask: Bits) -> Bits:
    """`mask`, of a box, unless it has lost the thing: then the superellipse in the box."""
    return mask if mask.mean() >= LEAST_SHARE else rounded(mask.shape[1], mask.shape[0])


def _labels(box: Box, around: Box, scale: float, small: Pixels) -> Pixels:
    labels = np.full(small.shape[:2], graphcut.SURE_BACKGROUND, np.uint8)
    x0, y0 = int((box.x0 - around.x0) * scale), int((box.y0 - around.y0) * scale)
    x1, y1 = round((box.x1 - around.x0) * scale), round((box.y1 - around.y0) * scale)
    labels[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)] = graphcut.PROBABLY_OBJECT
    return labels
