"""The thing at a point of a picture, found without a learned model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.segmentation import graphcut
from automask.types import Bits, Pixels

WINDOW_PX, WINDOW_COLOURS, SHIFTS = 6, 16, 3  # of the mean shift: half sides, iterations
SAME_SURFACE = 14.0  # CIELAB distance from the point's colour
SURE_SHARE, NEAR_SHARE, FRAME_SHARE = 0.15, 0.30, 0.03  # of the shorter side
LARGEST_SEED_SHARE = 0.5  # of the picture: a surface larger than that is what was pointed at
# Larger holes stay open, for they are seen through the thing, or stand before it.
HOLE_SHARE_OF_THING, HOLE_SHARE_OF_PICTURE = 0.1, 0.02
ROUNDS = 2


def thing_at(rgb: Pixels, x: int, y: int) -> Bits:
    """Mask of the thing at a pixel, in one piece that has the pixel; bool of shape (H, W).

    A mean shift (Comaniciu and Meer, "Mean shift: a robust approach toward feature space analysis",
    PAMI 2002) flattens texture. The connected surface of the point's colour near the point is
    surely the thing, the frame of the picture surely not, and GrabCut (Rother, Kolmogorov, Blake
    2004) decides between them.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
        Small: time grows with its pixels.
    x, y : int
        Column and row of the pixel.
    """
    import cv2

    stop = cv2.TERM_CRITERIA_COUNT, SHIFTS, 0
    flat = cv2.pyrMeanShiftFiltering(rgb, WINDOW_PX, WINDOW_COLOURS, maxLevel=1, termcrit=stop)
    surface = _surface(flat, x, y)
    core = surface & (_distance(surface.shape, x, y) < SURE_SHARE)
    if surface.mean() > LARGEST_SEED_SHARE:
        found = surface
    else:
        found = graphcut.cut(flat, _labels(surface, core, x, y), ROUNDS) | core
    return _without_holes(part_at(found, x, y))


def part_at(mask: Bits, x: int, y: int) -> Bits:
    """The 8-connected part of `mask` with its pixel (x, y); bool of shape (H, W)."""
    import cv2

    marked = mask.astype(np.uint8)
    cv2.floodFill(marked, None, (x, y), 2, flags=8)
    return np.asarray(marked == 2)


def _surface(flat: Pixels, x: int, y: int) -> Bits:
    """What has the colour of the pixel and hangs together with it."""
    import cv2

    lab = cv2.cvtColor(flat.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    colour = np.median(_around(lab, x, y, 2).reshape(-1, 3), axis=0)
    alike: Bits = ((lab - colour) ** 2).sum(axis=2) <= SAME_SURFACE**2
    _around(alike, x, y, 1)[:] = True
    return part_at(alike, x, y)


def _labels(surface: Bits, core: Bits, x: int, y: int) -> Pixels:
    """GrabCut labels: the frame surely not, the core surely, what is near or alike probably."""
    near = (_distance(surface.shape, x, y) < NEAR_SHARE) | surface
    labels = np.where(near, graphcut.PROBABLY_OBJECT, graphcut.PROBABLY_BACKGROUND)
    frame_px = max(2, int(FRAME_SHARE * min(surface.shape)))
    labels[:frame_px] = labels[-frame_px:] = graphcut.SURE_BACKGROUND
    labels[:, :frame_px] = labels[:, -frame_px:] = graphcut.SURE_BACKGROUND
    labels[core] = graphcut.SURE_OBJECT
    return labels.astype(np.uint8)


def _around(array: NDArray[Any], x: int, y: int, radius_px: int) -> NDArray[Any]:
    """A view of the square around a pixel, cut to the array."""
    top, left = max(0, y - radius_px), max(0, x - radius_px)
    return array[top : y + radius_px + 1, left : x + radius_px + 1]


def _distance(shape: tuple[int, ...], x: int, y: int) -> NDArray[Any]:
    """Distance from a pixel in shares of the shorter side; shape (H, W)."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray(np.hypot(rows - y, columns - x) / min(shape))


def _without_holes(mask: Bits) -> Bits:
    """`mask` with its small holes filled."""
    import cv2

    outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(outside, connectivity=4)
    limit_px = min(HOLE_SHARE_OF_THING * mask.sum(), HOLE_SHARE_OF_PICTURE * mask.size)
    small = stats[:, cv2.CC_STAT_AREA] < limit_px
    small[[0, parts[0, 0]]] = False
    return np.asarray(mask | small[parts][1:-1, 1:-1])
