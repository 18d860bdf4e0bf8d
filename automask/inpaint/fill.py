"""Choosing how to fill a hole, at which size, and bringing the detail back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automask.inpaint import patches
from automask.types import Bits, Box, Pixels, bounding_box

METHODS = ("auto", "telea", "ns", "patch")
WIDENED_PX = 2  # the thing's own blur and the rings of its JPEG reach this far out
RADIUS_PX = 3.0  # of the neighbourhood that diffusion looks at
THIN_PX = 6.0  # a hole nowhere deeper than this is left to diffusion
# A larger hole, or larger surroundings, are filled at a reduced size.
WORK_HOLE_PX, WORK_CROP_PX = 9_000, 60_000

Floats = NDArray[np.float32]


def fill(rgb: Pixels, mask: Bits, method: str = "auto", widened_px: int = WIDENED_PX) -> Pixels:
    """`rgb` with what `mask` selects filled from its surroundings.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    mask : bool ndarray of shape (H, W)
    method : {"auto", "telea", "ns", "patch"}
        Telea (2004), "An image inpainting technique based on the fast marching method"; Bertalmio,
        Bertozzi and Sapiro (2001), "Navier-Stokes, fluid dynamics, and image and video inpainting";
        patches; or "ns" for thin holes and patches for others.
    widened_px : int
        How far the hole is widened first, so that the halo of the thing goes with it.

    Returns
    -------
    uint8 ndarray of shape (H, W, 3)
        A new array; pixels outside the widened mask are those of `rgb`, bit for bit. Where nothing
        is outside, all are.
    """
    out = rgb.copy()
    hole = widened(mask, widened_px)
    box = bounding_box(hole)
    if box is not None and not hole.all():
        around = _surroundings(hole, box).slices
        part = np.ascontiguousarray(hole[around])
        out[around][part] = _filled(np.ascontiguousarray(rgb[around]), part, method)[part]
    return out


def widened(mask: Bits, widened_px: int = WIDENED_PX) -> Bits:
    """What `fill` fills for `mask`; where that is all of the picture, it has nothing to go by."""
    import cv2

    size = 2 * widened_px + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(np.ascontiguousarray(mask).view(np.uint8), disk)).view(bool)


def _surroundings(hole: Bits, box: Box) -> Box:
    """The hole's box with a margin of the hole's own size: what continues it lies near by."""
    inner = np.ascontiguousarray(hole[box.slices])
    return box.padded(int(2 * patches.depth(inner)) + 24, (hole.shape[0], hole.shape[1]))


def _filled(rgb: Pixels, hole: Bits, method: str) -> Pixels:
    if method == "auto":
        method = "ns" if patches.depth(hole) <= THIN_PX else "patch"
    scale = _working_scale(hole, method)
    if scale == 1:
        return _at_this_size(rgb, hole, method)[0]
    least = patches.SIZE + 1
    height, width = hole.shape
    size = max(least, round(width * scale)), max(least, round(height * scale))
    small, small_hole = patches.shrunk(rgb, hole, size), patches.shrunk_hole(hole, size)
    done, offsets = _at_this_size(small, small_hole, method)
    return _enlarged(rgb, hole, small, done, offsets)


def _working_scale(hole: Bits, method: str) -> float:
    if method != "patch" and patches.depth(hole) <= THIN_PX:
        return 1.0  # what is thin would vanish, and is quick
    area = int(np.count_nonzero(hole))
    return min(1.0, float((WORK_HOLE_PX / area) ** 0.5), float((WORK_CROP_PX / hole.size) ** 0.5))


def _at_this_size(rgb: Pixels, hole: Bits, method: str) -> tuple[Pixels, NDArray[np.intp] | None]:
    sources = int(np.count_nonzero(~patches.touching(hole)))
    if method == "patch" and sources >= patches.FEWEST_SOURCES:
        return patches.continued(rgb, hole, diffused(rgb, hole, "ns"))
    return diffused(rgb, hole, "ns" if method == "patch" else method), None


def diffused(rgb: Pixels, hole: Bits, method: str) -> Pixels:
    """`rgb` with `hole` filled by OpenCV's Telea ("telea") or Navier-Stokes ("ns") method."""
    import cv2

    flag = cv2.INPAINT_TELEA if method == "telea" else cv2.INPAINT_NS
    filled: Pixels = cv2.inpaint(rgb, hole.view(np.uint8), RADIUS_PX, flag)
    return filled


def _enlarged(
    rgb: Pixels, hole: Bits, small: Pixels, done: Pixels, offsets: NDArray[np.intp] | None
) -> Pixels:
    """`done` at the size of `rgb`, with the fine detail of where its patches came from."""
    import cv2

    height, width = hole.shape
    rows, columns = np.nonzero(hole)
    base = cv2.resize(done.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    value = base[rows, columns]
    if offsets is not None:
        value = value + _detail(rgb, hole, small, offsets, rows, columns)
    out = rgb.copy()
    out[rows, columns] = np.clip(np.rint(value), 0, 255).astype(np.uint8)
    return out


def _detail(
    rgb: Pixels,
    hole: Bits,
    small: Pixels,
    offsets: NDArray[np.intp],
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
) -> Floats:
    """What the reduced size lost at the places that the pixels (rows, columns) were taken from."""
    import cv2

    height, width = hole.shape
    up, across = height / small.shape[0], width / small.shape[1]
    small_rows = np.minimum((rows / up).astype(np.intp), small.shape[0] - 1)
    small_columns = np.minimum((columns / across).astype(np.intp), small.shape[1] - 1)
    offset = offsets[small_rows, small_columns]
    from_rows = np.clip(rows + np.rint(offset[:, 0] * up).astype(np.intp), 0, height - 1)
    from_columns = np.clip(columns + np.rint(offset[:, 1] * across).astype(np.intp), 0, width - 1)
    soft = cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    detail: Floats = rgb[from_rows, from_columns] - soft[from_rows, from_columns]
    detail[hole[from_rows, from_columns]] = 0
    return detail
