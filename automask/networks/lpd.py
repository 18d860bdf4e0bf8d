"""LPD-YuNet: number plates by their four corners, on a picture of 320 x 240 pixels or tiles of it.

The detector of OpenCV Zoo's ``models/license_plate_detection_yunet``, which was trained on plates
of China. Its contract, as published there: BGR as it is, 0 to 255; three outputs with a row a
prior, in which ``loc`` has fourteen offsets (a box, then two coordinates of each corner after two
that are not used), ``conf`` the likelihoods of no plate and a plate, ``iou`` how well the box lies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from automask.networks.net import net
from automask.networks.tiles import tiles
from automask.types import Box, Image, Pixels
from automask.weights import Weights

Floats = NDArray[np.float32]

SIZE_PX = (320, 240)
OUTPUTS = ("loc", "conf", "iou")
PRIORS = {8: (10, 16, 24), 16: (32, 48), 32: (64, 96), 64: (128, 192, 256)}
"""Sides of the square priors at each place of a grid, by the grid's step; all in pixels."""
VARIANCE = 0.1  # an offset of 1 moves a corner by this share of the prior's side
CORNERS = (slice(4, 6), slice(6, 8), slice(10, 12), slice(12, 14))  # of the offsets
OVERLAP = 0.3  # of the boxes of one plate

# The network finds plates from about 3 % of the width of what it sees. So it sees a large picture
# as a whole, then in tiles of half its sides, and of a quarter: 9 and 25 of them.
CLOSER = (2, 4)
LEAST_TILE_PX = 480  # of the longer side: at 3 % of less nobody could read a plate
TILE_OVERLAP = 0.24  # of a tile's shorter side; larger plates are whole in larger tiles
BORDER_PX = 2  # of what the network sees: what reaches nearer to a cut may be half a plate
LEAST = 0.3


@dataclass(frozen=True, eq=False)
class Plates:
    """Number plates, the surest first.

    Parameters
    ----------
    corners : float32 ndarray of shape (n, 4, 2)
        x and y of the four corners in pixels, in an order that goes around the plate or crosses it.
    scores : float32 ndarray of shape (n,)
        0 to 1.
    """

    corners: Floats
    scores: Floats


def plates(image: Image, weights: Weights) -> Plates:
    """The plates of `image` with a score of `LEAST` or more, in its pixels; computed once."""
    return image.once(("plates", weights.record), lambda: _found(image, weights))


def _found(image: Image, weights: Weights) -> Plates:
    boxes = [Box(0, 0, image.width, image.height), *_closer(image.shape)]
    found = [_seen(image, box, weights) for box in boxes]
    corners = np.concatenate([plates.corners for plates in found])
    scores = np.concatenate([plates.scores for plates in found])
    kept = _distinct(corners, scores)
    return Plates(corners[kept], scores[kept])


def _closer(shape: tuple[int, int]) -> list[Box]:
    """The tiles in which a picture of `shape` (H, W) is seen, besides the whole.

    >>> [len(_closer(shape)) for shape in ((600, 900), (900, 1200), (3000, 4000))]
    [0, 9, 34]
    """
    sizes = [(math.ceil(shape[0] / times), math.ceil(shape[1] / times)) for times in CLOSER]
    return [
        tile.box
        for size in sizes
        if max(size) >= LEAST_TILE_PX
        for tile in tiles(shape, size, round(TILE_OVERLAP * min(size)))
    ]


def _seen(image: Image, box: Box, weights: Weights) -> Plates:
    """The plates in a part of an image that are whole in it, in pixels of the image."""
    seen, scale = _letterboxed(image.rgb[box.slices])
    blob = np.ascontiguousarray(seen[..., ::-1].transpose(2, 0, 1)[None], np.float32)
    found = decode(*net(weights).run(blob, OUTPUTS), least=LEAST)
    corners = (found.corners / scale + np.array(box[:2])).astype(np.float32)
    whole = _off_the_cuts(corners, box, image.shape, BORDER_PX / float(scale.min()))
    return Plates(corners[whole], found.scores[whole])


def _off_the_cuts(
    corners: Floats, box: Box, shape: tuple[int, int], margin_px: float
) -> NDArray[np.bool_]:
    """Which plates keep `margin_px` from the sides of `box` that are not the picture's."""
    low, high = corners.min(1, initial=np.inf), corners.max(1, initial=-np.inf)
    first, last = np.array(box[:2]), np.array(box[2:])
    starts = (first == 0) | (low >= first + margin_px)
    ends = (last == shape[::-1]) | (high <= last - margin_px)
    return np.asarray((starts & ends).all(axis=1))


def _letterboxed(rgb: Pixels) -> tuple[Pixels, NDArray[np.float64]]:
    """The picture at the top left of a black one of `SIZE_PX`, and how it was scaled (x, y)."""
    import cv2

    height, width = rgb.shape[:2]
    times = min(SIZE_PX[0] / width, SIZE_PX[1] / height)
    size = max(1, round(width * times)), max(1, round(height * times))
    how = cv2.INTER_AREA if times < 1 else cv2.INTER_LINEAR
    canvas = np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(rgb, size, interpolation=how)
    return canvas, np.array([size[0] / width, size[1] / height])


def decode(loc: Floats, conf: Floats, iou: Floats, *, least: float) -> Plates:
    """The plates in the network's outputs, in pixels of what it saw; one of those that overlap.

    Parameters
    ----------
    loc : float32 ndarray of shape (n, 14)
    conf : float32 ndarray of shape (n, 2)
    iou : float32 ndarray of shape (n, 1)
    least : float
        The score that a plate needs: the geometric mean of its likelihood and its lie.
    """
    loc, conf, iou = (out.reshape(-1, out.shape[-1]) for out in (loc, conf, iou))
    scores = np.sqrt(conf[:, 1] * np.clip(iou[:, 0], 0, 1))
    sure = np.flatnonzero(scores >= least)
    places, sides = priors()
    offsets = np.stack([loc[sure, corner] for corner in CORNERS], axis=1)
    corners = places[sure, None] + offsets * VARIANCE * sides[sure, None, None]
    kept = _distinct(corners, scores[sure])
    return Plates(corners[kept].astype(np.float32), scores[sure][kept].astype(np.float32))


@cache
def priors() -> tuple[Floats, Floats]:
    """The centres of the priors, of shape (n, 2), and their sides, of shape (n,), in pixels."""
    centres, sides = [], []
    for step, squares in PRIORS.items():
        # The network halves its maps and rounds down: 240 rows become 30, 15, 7, 3.
        rows, columns = np.mgrid[: SIZE_PX[1] // step, : SIZE_PX[0] // step].reshape(2, -1)
        grid = (np.stack([columns, rows], axis=1) + 0.5) * step
        centres.append(np.repeat(grid, len(squares), axis=0))
        sides.append(np.tile(squares, len(grid)))
    return np.concatenate(centres).astype(np.float32), np.concatenate(sides).astype(np.float32)


def _distinct(corners: Floats, scores: Floats) -> list[int]:
    """Which plates stay when the surest of those whose boxes overlap stays; the surest first."""
    import cv2

    low, high = corners.min(1, initial=np.inf), corners.max(1, initial=-np.inf)
    boxes = np.hstack([low, high - low]).astype(float).tolist()
    return [int(i) for i in cv2.dnn.NMSBoxes(boxes, scores.astype(float).tolist(), 0.0, OVERLAP)]
