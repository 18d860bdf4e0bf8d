"""Round growing and shrinking, opening, closing, outlines.

The border of an image is not the border of a thing: a mask is taken to go on beyond it, straight
out, as it is at the border. So nothing is taken off along the image's border (`shrink`, `open_`),
a gap that runs to it is closed all the way (`close`), and no ring is drawn there (`outline`).
The radii are Euclidean, between the centres of pixels, and may be fractions. Shrinking, opening and
closing a crop needs one pixel of room around the mask, to tell its border from the image's.
"""

from __future__ import annotations

import math

import numpy as np

from automask.maskops.disk import within
from automask.types import Bits


def grow(mask: Bits, radius_px: float) -> Bits:
    """`mask` and every pixel at most `radius_px` from it, bool of shape (H, W).

    >>> import numpy as np
    >>> grow(np.array([[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 1, 0]], bool), 2).astype(int).tolist()
    [[0, 0, 0], [0, 1, 0], [1, 1, 1], [1, 1, 1]]
    """
    return within(mask, radius_px)


def shrink(mask: Bits, radius_px: float) -> Bits:
    """The pixels of `mask` more than `radius_px` from every pixel outside it.

    >>> import numpy as np
    >>> shrink(np.array([[1, 1, 1, 1, 0], [1, 1, 1, 1, 0]], bool), 1).astype(int).tolist()
    [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0]]
    """
    return ~within(~mask, radius_px)


def open_(mask: Bits, radius_px: float) -> Bits:
    """`mask` without what is too narrow for a disk of `radius_px`: shrunk, then grown again."""
    return grow(shrink(mask, radius_px), radius_px)


def close(mask: Bits, radius_px: float) -> Bits:
    """`mask` with the gaps filled that are too narrow for a disk of `radius_px`.

    Grown, then shrunk again, on a plane that goes on beyond the array: nothing is lost at its
    border, and what only comes near the border does not stick to it. A radius beyond the
    diagonal of the array counts as the diagonal.

    >>> import numpy as np
    >>> close(np.array([[1, 0, 1, 0, 0, 0], [1, 0, 1, 1, 0, 0]], bool), 1).astype(int).tolist()
    [[1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0]]
    """
    # A disk wider than the mask is as good as a straight edge, and room costs time.
    radius_px = min(radius_px, math.hypot(*mask.shape))
    room = math.floor(radius_px)
    closed = shrink(grow(np.pad(mask, room, mode="edge"), radius_px), radius_px)
    height, width = mask.shape
    return closed[room : room + height, room : room + width]


def outline(mask: Bits, width_px: int) -> Bits:
    """A ring `width_px` wide along the border of `mask`: half of it inside, half outside.

    The inner half has the odd pixel. A crop needs `width_px` of room.

    >>> import numpy as np
    >>> outline(np.array([[0, 0, 1, 1, 1, 1, 0, 0]], bool), 2).astype(int).tolist()
    [[0, 1, 1, 0, 0, 1, 1, 0]]
    """
    outside_px = width_px // 2
    return grow(mask, outside_px) & ~shrink(mask, width_px - outside_px)
