"""The border of a mask moved to the edges of the picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask import maskops
from automask.types import Bits, Pixels

Floats = NDArray[Any]
Slices = tuple[slice, slice]

TILE_PX = 224
EPSILON = 1e-3  # variance below which the picture counts as flat (colours 0 .. 1), He 2010
FULL = 0.95  # a soft mask that is everywhere above it, or below 0.05, has no border
STEPS_PER_RADIUS = 2  # the filter's coefficients are computed at this fineness
SPECK, SPECK_SHARE = 0.25, 0.01  # of the radius squared, and of the mask: less is noise


def snap_edge(rgb: Pixels, mask: Bits, radius_px: int) -> Bits:
    """Mask whose border follows the picture's edges near it; bool ndarray of shape (H, W).

    Only pixels within `radius_px` of the border can change. The mask is smoothed by a guided filter
    with the colours as the guide (He, Sun, Tang: "Guided image filtering", ECCV 2010) whose
    coefficients come from a reduced copy (He, Sun: "Fast guided filter", 2015), and is cut at one
    half. The work is done in tiles, and only in tiles that the border passes: memory is that of one
    tile, and time grows with the border's length.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    mask : bool ndarray of shape (H, W)
    radius_px : int
        How far the border may move; below 1 the mask comes back as it is.
    """
    result = mask.copy()
    if radius_px < 1:
        return result
    for core in _tiles(mask.shape, radius_px):
        undecided = _near_border(mask, core, radius_px)
        if not undecided.any():
            continue
        rows, columns = _extent(undecided)
        part = _within(core[0], rows), _within(core[1], columns)
        padded, place = _around(part, radius_px)
        soft = mask[padded].astype(np.float32)
        smooth = guided_filter(_unit(rgb[padded]), soft, radius_px, _step(radius_px))
        np.copyto(result[part], smooth[place] > 0.5, where=undecided[rows, columns])
    return _swept(result, radius_px)


def cut_at_edges(rgb: Pixels, soft: Floats, radius_px: int, level: float = 0.5) -> Bits:
    """Where a soft mask is above a level, cut along the picture's edges; bool of shape (H, W).

    The mask is smoothed as in `snap_edge`, in tiles where it is neither full nor empty. Where it is
    blurred, as at hair, the picture decides; where the picture is plain, the mask does.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    soft : float32 ndarray of shape (H, W)
        0 to 1.
    radius_px : int
        How far the picture's edges reach; below 1 the mask is only cut.
    level : float
        What counts as inside, 0 to 1.
    """
    result = soft > level
    if radius_px < 1:
        return result
    for core in _tiles(soft.shape, radius_px):
        padded, place = _around(core, radius_px)
        near = soft[padded]
        if near.min() > FULL or near.max() < 1 - FULL:
            continue
        smooth = guided_filter(_unit(rgb[padded]), near, radius_px, _step(radius_px))
        result[core] = smooth[place] > level
    return _swept(result, radius_px)


def _swept(mask: Bits, radius_px: int) -> Bits:
    """`mask` without the specks and pinholes that pixels of odd colours leave at its border.

    Each speck would be a region of its own, and `expect(1)` refuse the thing that has one.
    """
    most_px = min(SPECK * radius_px**2, SPECK_SHARE * np.count_nonzero(mask))
    return maskops.swept(mask, most_px) if most_px >= 1 else mask


def guided_filter(guide: Floats, values: Floats, radius_px: int, step_px: int = 1) -> Floats:
    """`values` smoothed within the edges of a colour `guide`; float32 ndarray of shape (H, W).

    Parameters
    ----------
    guide : float32 ndarray of shape (H, W, 3)
        0 to 1.
    values : float32 ndarray of shape (H, W)
    radius_px : int
        Half the side of the filter's window.
    step_px : int
        Pixels of the guide to one of the copy that the coefficients are computed on.
    """
    import cv2

    height, width = values.shape
    size = max(1, -(-width // step_px)), max(1, -(-height // step_px))
    small = cv2.resize(guide, size, interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    radius = max(1, round(radius_px / step_px))
    slope, offset = _coefficients(small, coarse, radius)
    slope = cv2.resize(_box(slope, radius), (width, height), interpolation=cv2.INTER_LINEAR)
    offset = cv2.resize(_box(offset, radius), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(_dot(slope, guide) + offset)


def _coefficients(guide: Floats, values: Floats, radius_px: int) -> tuple[Floats, Floats]:
    """Slope (H, W, 3) and offset (H, W) of the best linear fit in each window."""
    mean, target = _box(guide, radius_px), _box(values, radius_px)
    shared = _box(guide * values[..., None], radius_px) - mean * target[..., None]
    slope = _solved(_covariances(guide, mean, radius_px), shared)
    return slope, target - _dot(slope, mean)


def _covariances(guide: Floats, mean: Floats, radius_px: int) -> list[Floats]:
    """Six planes rr, rg, rb, gg, gb, bb of each window's covariance, made regular."""
    planes = []
    for i in range(3):
        for j in range(i, 3):
            plane = _box(guide[..., i] * guide[..., j], radius_px) - mean[..., i] * mean[..., j]
            planes.append(plane + EPSILON if i == j else plane)
    return planes


def _solved(planes: list[Floats], right: Floats) -> Floats:
    """Solution of the symmetric 3x3 system at each pixel by its adjugate; shape (H, W, 3)."""
    rr, rg, rb, gg, gb, bb = planes
    first = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    second = first[1], rr * bb - rb * rb, rb * rg - rr * gb
    third = first[2], second[2], rr * gg - rg * rg
    determinant = rr * first[0] + rg * first[1] + rb * first[2]
    rows = [sum(c * right[..., k] for k, c in enumerate(r)) for r in (first, second, third)]
    return np.asarray(np.stack(rows, axis=2) / determinant[..., None])


def _near_border(mask: Bits, core: Slices, radius_px: int) -> Bits:
    """Which pixels of a tile have pixels of both kinds within `radius_px`; of the tile's shape."""
    import cv2

    rows, columns = (slice(max(0, p.start - radius_px), p.stop + radius_px) for p in core)
    near = mask[rows, columns].view(np.uint8)
    if near.all() or not near.any():
        return np.zeros(mask[core].shape, bool)
    window = np.ones((2 * radius_px + 1,) * 2, np.uint8)
    both = cv2.morphologyEx(near, cv2.MORPH_GRADIENT, window).view(bool)
    return np.asarray(both[_place(core, (rows, columns))])


def _extent(bits: Bits) -> Slices:
    """The rows and columns that hold all of some bits, of which at least one is set."""
    import cv2

    x, y, width, height = cv2.boundingRect(bits.view(np.uint8))
    return slice(y, y + height), slice(x, x + width)


def _tiles(shape: tuple[int, ...], radius_px: int) -> Iterator[Slices]:
    """The rows and columns of each tile, which starts at a multiple of the filter's step."""
    side = _step(radius_px) * -(-TILE_PX // _step(radius_px))
    for top in range(0, shape[0], side):
        for left in range(0, shape[1], side):
            yield slice(top, min(top + side, shape[0])), slice(left, min(left + side, shape[1]))


def _around(part: Slices, radius_px: int) -> tuple[Slices, Slices]:
    """The surroundings that the filter needs for a part of the picture, and its place in them."""
    # multiples of the filter's step, so that neighbours reduce the picture alike
    step_px = _step(radius_px)
    pad = step_px * (-(-2 * radius_px // step_px) + 2)
    rows, columns = (
        slice(max(0, p.start // step_px * step_px - pad), -(-p.stop // step_px) * step_px + pad)
        for p in part
    )
    return (rows, columns), _place(part, (rows, columns))


def _place(part: Slices, whole: Slices) -> Slices:
    """Where a part of the picture lies in a larger one."""
    rows, columns = (
        slice(inner.start - outer.start, inner.stop - outer.start)
        for inner, outer in zip(part, whole, strict=True)
    )
    return rows, columns


def _within(whole: slice, part: slice) -> slice:
    """Where a part of `whole` lies in the picture."""
    return slice(whole.start + part.start, whole.start + part.stop)


def _step(radius_px: int) -> int:
    """Pixels of the picture to one of the copy that the filter's coefficients are computed on."""
    return max(1, radius_px // STEPS_PER_RADIUS)


def _unit(rgb: Pixels) -> Floats:
    """Colours as float32, 0 .. 1."""
    return np.multiply(rgb, np.float32(1 / 255), dtype=np.float32)


def _dot(first: Floats, second: Floats) -> Floats:
    """Scalar products along the last of three axes."""
    import cv2

    # on three values a pixel eight times as fast as einsum
    return np.asarray(cv2.transform(first * second, np.ones((1, 3), np.float32)))


def _box(values: Floats, radius_px: int) -> Floats:
    """Mean over square windows of half side `radius_px`; shape of `values`."""
    import cv2

    side = 2 * radius_px + 1
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE))
