"""Tiles: a picture in parts of one size that overlap, for networks that lose what is small."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from automask.types import Box


class Tile(NamedTuple):
    """A part of a picture, and what of it no other tile has to answer for.

    Parameters
    ----------
    box : Box
        What is looked at.
    own : Box
        Its share of the picture: the overlaps are halved, so the shares of all tiles are the whole.
    """

    box: Box
    own: Box


def tiles(shape: tuple[int, int], size: tuple[int, int], overlap_px: int) -> list[Tile]:
    """The fewest tiles of `size` (H, W) that cover a picture of `shape`, row by row.

    Neighbours have at least `overlap_px` in common, less than a side of `size`; what is no larger
    than that is whole in one of them. Where the picture is smaller than a tile, so is the tile.

    >>> [tuple(tile.box) for tile in tiles((60, 200), (80, 120), 20)]
    [(0, 0, 120, 60), (80, 0, 200, 60)]
    >>> [tuple(tile.own) for tile in tiles((60, 200), (80, 120), 20)]
    [(0, 0, 100, 60), (100, 0, 200, 60)]
    """
    rows, columns = (_spans(*sides, overlap_px) for sides in zip(shape, size, strict=True))
    return [
        Tile(Box(left, top, right, bottom), Box(own_x[0], own_y[0], own_x[1], own_y[1]))
        for (top, bottom), own_y in rows
        for (left, right), own_x in columns
    ]


def _spans(length: int, side: int, overlap_px: int) -> list[tuple[tuple[int, int], ...]]:
    """Along one side of a picture: where each tile begins and ends, and where its share does."""
    side = min(side, length)
    count = 1 + math.ceil((length - side) / max(1, side - overlap_px))
    starts = [round(i * (length - side) / max(1, count - 1)) for i in range(count)]
    # a border lies in the middle of what two neighbours have in common
    borders = [0, *((a + side + b) // 2 for a, b in pairwise(starts)), length]
    shares = pairwise(borders)
    return [((start, start + side), share) for start, share in zip(starts, shares, strict=True)]
