"""NanoDet: boxes of the 80 COCO classes, in one pass of a small network.

Notes
-----
Rangi Lyu, "NanoDet", 2020 (github.com/RangiLyu/nanodet): a network without anchors, in which each
cell of several grids scores every class and gives the distances from the cell to the four sides of
the box, each as a distribution over whole numbers of strides (Li et al., "Generalized focal loss",
NeurIPS 2020). What differs from model to model, the number of grids and of bins and the order of
the outputs, is read off the shapes of the outputs. "NanoDet-Plus", 2021, is another network, with
one output and other centres; the model of OpenCV Zoo that is called so is none (see its card).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from automask.networks.boxes import Detections, Floats, Letterbox, agreed, thinned
from automask.networks.net import net
from automask.types import Image, Pixels
from automask.weights import Weights

SIDE_PX = 416  # of the square that an image is put into
# The sides of a quick look, the shorter one where the image needs no more, as a photograph of 4:3.
# Three sizes are all there are: OpenCV 4 takes as long as a run to get ready for a larger one.
QUICK_PX, QUICK_SHORT_PX = 320, 256
MEAN = 103.53, 116.28, 123.675  # of blue, green, red: ImageNet's, in the order of OpenCV
SPREAD = 57.375, 57.12, 58.395
CLASSES = 80
LEAST_SCORE = 0.05  # below it there is next to nothing but noise
OVERLAP = 0.6


def detect(
    image: Image, weights: Weights, *, mirrored: bool = False, quick: bool = False
) -> Detections:
    """What is in `image`: boxes, class numbers of COCO, scores from `LEAST_SCORE` up.

    The network runs once an image, however often it is asked; with `mirrored` a second time, on the
    mirror image, and what both looks say is averaged: fewer things are missed at the same number
    of false ones. A `quick` look is at fewer pixels, and not at the black that makes an image a
    square, where the network can do that: under half the time, and small things are missed.
    """
    quick = quick and bool(weights.model.settings.get("any_size", False))
    key = weights.path, quick
    alone = image.once(("nanodet", *key), lambda: _detect(image, weights, 1, quick))
    if not mirrored:
        return alone
    return image.once(
        ("nanodet, mirrored", *key), lambda: agreed(alone, _detect(image, weights, -1, quick))
    )


def _detect(image: Image, weights: Weights, way: int, quick: bool) -> Detections:
    """Detections in the image (`way` 1), or in its mirror image (-1), as boxes of the image."""
    square = Letterbox.of(image, QUICK_PX if quick else SIDE_PX, 0, centred=True)
    seen = square.trimmed(QUICK_SHORT_PX) if quick else square
    found = decoded(net(weights).run(_blob(seen.rgb, way)), seen.rgb.shape[:2])
    boxes = found.boxes if way > 0 else _turned(found.boxes, seen.rgb.shape[1])
    inside = Detections(seen.back(boxes, image.shape), found.classes, found.scores)
    sides = inside.boxes[:, 2:] - inside.boxes[:, :2]
    return thinned(inside.where(np.flatnonzero(sides.min(axis=1) > 0)), OVERLAP)


def _turned(boxes: Floats, width_px: int) -> Floats:
    """Boxes of the mirror image, `width_px` wide, in what is mirrored."""
    x0, y0, x1, y1 = boxes.T
    return np.stack([width_px - x1, y0, width_px - x0, y1], axis=1)


def _blob(rgb: Pixels, way: int) -> Floats:
    """The picture, or with `way` -1 its mirror image, as the network takes it."""
    blob = np.empty((1, 3, *rgb.shape[:2]), np.float32)
    for i, (mean, spread) in enumerate(zip(MEAN, SPREAD, strict=True)):
        # a plane at a time: a tenth of the time that all three take in the order of pixels
        np.subtract(rgb[:, ::way, 2 - i], np.float32(mean), out=blob[0, i])
        blob[0, i] /= np.float32(spread)
    return blob


def decoded(outputs: Sequence[Floats], shape: tuple[int, ...] = (SIDE_PX, SIDE_PX)) -> Detections:
    """Every class of every cell that scores at least `LEAST_SCORE`, boxes in pixels of the input.

    Parameters
    ----------
    outputs : sequence of float32 ndarray
        For each grid of n cells, in any order, the scores of shape (1, n, 80), which are shares,
        and the distances of shape (1, n, 4 * bins), which are logarithms.
    shape : (H, W)
        Of the input, whose grids have a cell for each stride begun.
    """
    flat = [output.reshape(-1, output.shape[-1]) for output in outputs]
    scores = {len(table): table for table in flat if table.shape[1] == CLASSES}
    distances = {len(table): table for table in flat if table.shape[1] != CLASSES}
    grids = [_grid(scores[n], distances[n], shape) for n in sorted(scores, reverse=True)]
    return Detections(
        np.concatenate([grid.boxes for grid in grids]),
        np.concatenate([grid.classes for grid in grids]),
        np.concatenate([grid.scores for grid in grids]),
    )


def _grid(scores: Floats, distances: Floats, shape: tuple[int, ...]) -> Detections:
    """The detections of one grid; its stride follows from the number of its cells."""
    stride = 2 ** round(math.log2(shape[0] * shape[1] / len(scores)) / 2)
    cells, classes = np.nonzero(scores >= LEAST_SCORE)
    down, across = np.divmod(cells, math.ceil(shape[1] / stride))
    centres = (np.stack([across, down], axis=1) + 0.5) * stride
    reach = stride * _expected(distances[cells].reshape(len(cells), 4, distances.shape[1] // 4))
    boxes = np.concatenate([centres - reach[:, :2], centres + reach[:, 2:]], axis=1)
    return Detections(boxes.astype(np.float32), classes, scores[cells, classes])


def _expected(logarithms: Floats) -> Floats:
    """The mean of the distributions in the last axis over 0, 1, 2, ..."""
    if not logarithms.size:
        return logarithms[..., 0]
    weight = np.exp(logarithms - logarithms.max(axis=-1, keepdims=True))
    bins = np.arange(logarithms.shape[-1], dtype=np.float32)
    return np.asarray(weight @ bins / weight.sum(axis=-1), np.float32)
