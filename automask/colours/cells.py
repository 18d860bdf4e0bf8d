"""Classes of pixels by look-up: a table of the 32768 colours of 15 bits, a cell of 8x8x8 each.

A class that is a matter of taste (what is called red) may be read from the table as it stands. A
class with an exact border (what is within 12 % of a colour) also comes from a table, which knows
the cells that the border cuts; only pixels in those are measured, one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.colours.cielab import Floats, lab_of, lab_of_grid
from automask.maskops import tables
from automask.types import Bits, Image, Pixels

Margin = Callable[[Floats], Floats]

STRIP_PX = 1 << 20
"""Pixels looked up at a time: more would only take memory, fewer more calls."""

SLACK = 1e-3
"""CIELAB units by which a closed border is widened, against rounding: a colour is near itself."""


def levels_of_cells() -> NDArray[np.float64]:
    """The middle level, 0 to 255, of the 32 steps of a channel."""
    return np.arange(3.5, 256, 8)


@cache
def lab_of_cells() -> Floats:
    """CIELAB of the middle of each cell, float32 of shape (3, 32768).

    The number of a cell is ``red >> 3 << 10 | green >> 3 << 5 | blue >> 3``.
    """
    return lab_of_grid(levels_of_cells()).reshape(3, -1)


def look_up(image: Image, table: NDArray[Any]) -> NDArray[Any]:
    """The entry of `table`, an ndarray of shape (32768,), for each pixel: shape (H, W)."""
    found, entries = np.empty(image.shape, table.dtype), tables.whole(table)
    for rows in _strips(image):
        tables.look_up(entries, _cell_of(image.rgb[rows]), found[rows])
    return found


def where(image: Image, margin: Margin) -> Bits:
    """The pixels whose colour has a `margin` of 0 or more: exact, bool of shape (H, W).

    Parameters
    ----------
    image : Image
    margin : callable
        From CIELAB of shape (3, N) to numbers of shape (N,), which must not differ by more than
        the distance of their colours: a distance, a coordinate, or the least of such numbers.
    """
    verdicts, selected = tables.whole(_verdicts(margin)), np.empty(image.shape, bool)
    for rows in _strips(image):
        verdict = tables.look_up(verdicts, _cell_of(image.rgb[rows]))
        np.equal(verdict, 1, out=selected[rows])
        cut = np.flatnonzero(verdict > 1)
        if cut.size:
            colours = image.rgb[rows].reshape(-1, 3).take(cut, axis=0)
            selected[rows].reshape(-1)[cut] = margin(lab_of(colours)) >= 0
    return selected


def near(image: Image, rgb: tuple[int, int, int], tol: float) -> Bits:
    """The pixels within `tol` of a colour, bool of shape (H, W).

    Parameters
    ----------
    image : Image
    rgb : three whole numbers 0 to 255
    tol : float
        The CIE 1976 colour difference as a share of that of black and white.
    """
    goal = lab_of(np.array([rgb], np.uint8))
    reach = 100 * tol + SLACK
    return where(image, lambda lab: reach - np.sqrt(np.square(lab - goal).sum(axis=0)))


def _strips(image: Image) -> Iterator[slice]:
    rows = max(1, STRIP_PX // image.width)
    return (slice(top, top + rows) for top in range(0, image.height, rows))


def _cell_of(rgb: Pixels) -> NDArray[np.uint16]:
    """The number of each pixel's cell: what OpenCV calls the packed format BGR555."""
    import cv2

    packed: NDArray[np.uint16] = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR555).view(np.uint16)
    return packed[..., 0]


def _verdicts(margin: Margin) -> NDArray[np.uint8]:
    """For each cell 0 = outside, 1 = inside, 2 = cut by the border."""
    middle, spread = margin(lab_of_cells()), _spread()
    return np.where(np.abs(middle) < spread, 2, middle > 0).astype(np.uint8)


@cache
def _spread() -> Floats:
    """How far a colour of each cell can be from its middle, in CIELAB units: shape (32768,).

    The furthest corner, half a level outside the cell: that is further than any colour inside.
    """
    middle = lab_of_cells().reshape(3, 32, 32, 32)
    corner = lab_of_grid(np.arange(-0.5, 256, 8))
    ends = slice(None, -1), slice(1, None)
    furthest = np.zeros(middle.shape[1:], np.float32)
    for red in ends:
        for green in ends:
            for blue in ends:
                apart = np.square(corner[:, red, green, blue] - middle).sum(axis=0)
                np.maximum(furthest, apart, out=furthest)
    return np.sqrt(furthest).reshape(-1)
