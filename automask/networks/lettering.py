"""Lettering in pictures of any size: the whole at one size, and again closer where it is small.

DBNet finds letters of about 10 to 150 pixels. A large picture is reduced for it, and its small
letters become smaller still; those that it suspects are looked at again in tiles of a copy twice as
large.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from automask import maskops
from automask.networks.dbnet import CORE, GROWTH, MULTIPLE_PX, Line, decoded, parts, text_map
from automask.networks.net import Floats
from automask.networks.tiles import Tile, tiles
from automask.types import Image, Pixels
from automask.weights import Weights

MOST_ENLARGED = 2.0

CLOSER, LEAST_CLOSER = 2.0, 1.8  # how much larger the second copy is; less is not worth its cost
TILE_PX, OVERLAP_PX = 768, 128
MOST_TILES = 8

# Of the middle parts of lines, which are less than half as high as the letters:
SMALL_PX = 10  # lower ones in the first map are looked at again
LARGE_PX = 24  # higher ones in the second map count for nothing: they were large enough before


def lines(
    image: Image, weights: Weights, area_px: float, most_tiles: int = MOST_TILES
) -> tuple[Line, ...]:
    """The lines and words of `image`, of any score; computed once an image.

    Parameters
    ----------
    image : Image
    weights : Weights
        Of a model of the family "dbnet".
    area_px : float
        Pixels of the copy that the network looks at. A smaller picture is enlarged, twice at most.
    most_tiles : int
        How many tiles of a larger copy it may look at.
    """
    key = ("text lines", weights.record, area_px, most_tiles)
    return image.once(key, lambda: _lines(image, weights, area_px, most_tiles))


def _lines(image: Image, weights: Weights, area_px: float, most_tiles: int) -> tuple[Line, ...]:
    scale = min(MOST_ENLARGED, math.sqrt(area_px / image.rgb[..., 0].size))
    growth = float(weights.model.settings.get("growth", GROWTH))
    found = text_map(_resized(image.rgb, _size(image.shape, scale, area_px)), weights)
    if scale * LEAST_CLOSER > 1:
        return tuple(decoded(found, image.shape, growth))
    closer = _looked_closer(image, found, min(1.0, scale * CLOSER), weights, most_tiles)
    large, small = _divided(found, closer)
    small_lines = decoded(small, image.shape, growth, most_px=LARGE_PX)
    return (*decoded(large, image.shape, growth), *small_lines)


def _size(shape: tuple[int, int], scale: float, area_px: float) -> tuple[int, int]:
    """(H, W) at about `scale`, multiples of 32, of a strip no more than `area_px` either."""
    most = max(1, int(area_px / MULTIPLE_PX**2))
    rows, columns = (min(max(1, round(side * scale / MULTIPLE_PX)), most) for side in shape)
    if rows == columns == 1:  # OpenCV 4 computes nonsense ever after, on every picture
        rows = columns = 2
    return rows * MULTIPLE_PX, columns * MULTIPLE_PX


def _looked_closer(
    image: Image, found: Floats, scale: float, weights: Weights, most_tiles: int
) -> Floats:
    """A map of the picture at `scale`: that of the tiles with small letters, else `found`."""
    shape = round(image.height * scale), round(image.width * scale)
    chosen = _with_small_letters(found, shape, most_tiles)
    closer: Floats = _resized(found, shape)
    if chosen:
        copy = _resized(image.rgb, shape)
        for box, own in chosen:
            seen = text_map(_padded(copy[box.slices]), weights)
            left, top = own.x0 - box.x0, own.y0 - box.y0
            closer[own.slices] = seen[top : top + own.height, left : left + own.width]
    return closer


def _with_small_letters(found: Floats, shape: tuple[int, int], most: int) -> list[Tile]:
    """The tiles of a copy of `shape` with the most pixels of small letters, `most` at most."""
    import cv2

    small = np.zeros(found.shape, np.uint8)
    for part in parts(found):
        if part.sides_px[0] < SMALL_PX:
            small[part.box.slices] |= part.drawn()
    small = cv2.resize(small, shape[::-1], interpolation=cv2.INTER_NEAREST)
    there = [
        (int(small[tile.own.slices].sum()), -i, tile)
        for i, tile in enumerate(tiles(shape, (TILE_PX, TILE_PX), OVERLAP_PX))
    ]
    return [tile for amount, _, tile in sorted(there, reverse=True)[:most] if amount]


def _divided(found: Floats, closer: Floats) -> tuple[Floats, Floats]:
    """The large parts of the map `found`, and what is in `closer` apart from them.

    Small parts that `closer` knows nothing of are put into it.
    """
    import cv2

    seen = cv2.resize(closer, found.shape[::-1], interpolation=cv2.INTER_NEAREST) > CORE
    large, lost = np.zeros(found.shape, bool), np.zeros(found.shape, bool)
    for part in parts(found):
        mask, place = part.drawn(), part.box.slices
        if part.sides_px[0] >= SMALL_PX:
            large[place] |= mask
        elif not seen[place][mask].any():
            lost[place] |= mask
    around = maskops.grow(large, SMALL_PX).astype(np.float32)
    small = np.where(_resized(around, closer.shape) > 0, 0, closer)
    return np.where(large, found, 0), np.maximum(small, _resized(found * lost, closer.shape))


def _resized(pixels: Any, shape: tuple[int, ...]) -> Any:
    """A picture or a map of another `shape` (H, W)."""
    import cv2

    # The network was trained on pictures resized so: .007 better than INTER_CUBIC, as good as
    # INTER_AREA above half the size, and in a tenth of its time.
    method = cv2.INTER_AREA if 2 * shape[0] < pixels.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(pixels, (shape[1], shape[0]), interpolation=method)


def _padded(rgb: Pixels) -> Pixels:
    """The picture with its border repeated below and at its right, to multiples of 32."""
    missing = [-length % MULTIPLE_PX for length in rgb.shape[:2]]
    return np.pad(rgb, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="edge")
