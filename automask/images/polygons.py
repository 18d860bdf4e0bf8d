"""Masks as polygons along the edges of the pixels, exact to the pixel.

The corner (0, 0) is the outer corner of the first pixel, (W, H) that of the last, so that every
coordinate is a whole number and filling by the even-odd rule (or the non-zero rule) gives the mask
back. A polygon is one 4-connected part of the mask; its rings are as RFC 7946 (GeoJSON) wants
them: closed, the outer one first and counterclockwise by the sign of its area in x and y, holes
the other way. Rings may touch in a corner, never cross, and none visits a corner twice.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from automask.types import Bits, Pixels, bounding_box

Point: TypeAlias = tuple[int, int]
Ring: TypeAlias = list[Point]  # not closed; every other edge is vertical, the first horizontal
Whole: TypeAlias = NDArray[np.int64]


def encode(mask: Bits) -> bytes:
    """A GeoJSON MultiPolygon in pixels, with "size": [height, width] as a foreign member."""
    polygons = [[[*ring, ring[0]] for ring in polygon] for polygon in trace(mask)]
    content = {"type": "MultiPolygon", "size": list(mask.shape), "coordinates": polygons}
    return json.dumps(content, separators=(",", ":")).encode()


def decode(content: dict[str, Any]) -> Bits:
    """The mask of that object, bool of shape (H, W); of polygons along pixel edges only."""
    height, width = content["size"]
    rings = [ring[:-1] for polygon in content["coordinates"] for ring in polygon]
    corners = np.array([point for ring in rings for point in ring], np.int64).reshape(-1, 2)
    # A pixel is inside if an odd number of corners lies above and to the left of its centre.
    odd = np.zeros((height + 1, width + 1), np.uint8)
    np.bitwise_xor.at(odd, (corners[:, 1], corners[:, 0]), 1)
    np.bitwise_xor.accumulate(odd, axis=0, out=odd)
    np.bitwise_xor.accumulate(odd, axis=1, out=odd)
    return np.ascontiguousarray(odd[:height, :width]).view(np.bool_)


def trace(mask: Bits) -> list[list[Ring]]:
    """The polygons of `mask`, bool of shape (H, W), each a list of rings, the outer one first.

    >>> import numpy as np
    >>> trace(np.array([[1, 1, 0], [0, 0, 0]], bool))
    [[[(0, 0), (2, 0), (2, 1), (0, 1)]]]
    """
    import cv2

    box = bounding_box(mask)
    if box is None:
        return []
    crop = np.ascontiguousarray(mask[box.slices]).view(np.uint8)
    _, labels = cv2.connectedComponents(crop, connectivity=4)
    outer: dict[int, Ring] = {}
    holes: dict[int, list[Ring]] = {}
    for ring in _rings(np.pad(crop, 1)):
        part = _part(labels, ring)
        if _is_outer(ring):
            outer[part] = ring
        else:
            holes.setdefault(part, []).append(ring)
    parts = sorted(outer, key=lambda part: outer[part][0][::-1])
    found = [[outer[part], *holes.get(part, [])] for part in parts]
    return [[[(x + box.x0, y + box.y0) for x, y in ring] for ring in rings] for rings in found]


def _rings(padded: Pixels) -> list[Ring]:
    """The closed borders of a mask with a margin of 1; the selected side is on their inside."""
    x, y, below, twice = _corners(padded)
    across = _vertical_partners(x, y, below, twice)
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    starts_right, crossing = below.tolist(), twice.tolist()
    seen = bytearray(len(points))
    rings: list[Ring] = []
    for even in range(0, len(points), 2):
        if seen[even]:
            continue
        # The upper edge of selected pixels is walked to the right, the lower one to the left.
        start = corner = even if starts_right[even] else even ^ 1
        ring: Ring = []
        crosses = False
        while True:
            other = corner ^ 1
            seen[corner] = seen[other] = 1
            ring += [points[corner], points[other]]
            crosses = crosses or crossing[corner] or crossing[other]
            corner = across[other]
            if corner == start:
                break
        rings += _parted(ring) if crosses else [ring]
    return rings


def _corners(padded: Pixels) -> tuple[Whole, Whole, NDArray[np.bool_], NDArray[np.bool_]]:
    """x, y, whether the pixel below right is selected, whether two borders meet there.

    In the order of rows; a corner where two borders meet stands twice. In a row, corners 2k and
    2k + 1 are then the ends of one horizontal edge.
    """
    upper_left, upper_right = padded[:-1, :-1], padded[:-1, 1:]
    lower_left, lower_right = padded[1:, :-1], padded[1:, 1:]
    odd = upper_left ^ upper_right ^ lower_left ^ lower_right
    diagonal = (upper_left == lower_right) & (upper_right == lower_left)
    diagonal &= upper_left != upper_right
    y, x = np.nonzero(odd.view(np.bool_) | diagonal)
    times = 1 + diagonal[y, x]
    y, x = np.repeat(y, times), np.repeat(x, times)
    return x, y, lower_right[y, x].astype(np.bool_), diagonal[y, x]


def _vertical_partners(
    x: Whole, y: Whole, below: NDArray[np.bool_], twice: NDArray[np.bool_]
) -> list[int]:
    """For each corner the other end of its vertical edge.

    Where two borders meet, each goes round one of the two selected pixels, so that the parts are
    4-connected: the first corner has the edge to the left, the second the one to the right; the
    edge upwards belongs to the first if the lower right pixel is selected.
    """
    numbers = np.arange(len(x))
    second = np.zeros(len(x), np.int64)
    second[1:] = twice[1:] & (x[1:] == x[:-1]) & (y[1:] == y[:-1])
    lower = np.where(twice, np.where(below, second, 1 - second), 0)
    order = np.lexsort((lower, y, x))
    partners = np.empty_like(numbers)
    partners[order[0::2]], partners[order[1::2]] = order[1::2], order[0::2]
    result: list[int] = partners.tolist()
    return result


def _parted(ring: Ring) -> list[Ring]:
    """`ring` cut wherever it comes back to a corner that it has visited."""
    done: list[Ring] = []
    path: Ring = []
    places: dict[Point, int] = {}
    for point in ring:
        if point in places:
            start = places[point]
            done.append(path[start:])
            for left in path[start:]:
                del places[left]
            del path[start:]
        places[point] = len(path)
        path.append(point)
    return [_turned(part) for part in [*done, path] if part]


def _turned(ring: Ring) -> Ring:
    """`ring` from its uppermost, then leftmost corner, its first edge horizontal."""
    first = min(range(len(ring)), key=lambda i: (ring[i][1], ring[i][0]))
    return ring[first:] + ring[:first]


def _is_outer(ring: Ring) -> bool:
    """Whether the area is positive: the sum of x dy along the vertical edges."""
    following = ring[1:] + ring[:1]
    return sum(x * (y1 - y0) for (x, y0), (_, y1) in zip(ring, following, strict=True)) > 0


def _part(labels: NDArray[np.int32], ring: Ring) -> int:
    """The label of the selected pixel at the first horizontal edge of `ring`."""
    place = next(i for i in range(len(ring)) if ring[i][1] == ring[(i + 1) % len(ring)][1])
    (x0, y), (x1, _) = ring[place], ring[(place + 1) % len(ring)]
    return int(labels[y, x0] if x1 > x0 else labels[y - 1, x1])
