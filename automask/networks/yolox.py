"""YOLOX: boxes of the 80 COCO classes, by a larger network than NanoDet.

Notes
-----
Ge, Liu, Wang, Li, Sun: "YOLOX: Exceeding YOLO series in 2021", arXiv 2107.08430. Each cell of three
grids gives one box (the offset of its centre in cells, the logarithm of its sides in cells), how
likely there is a thing, and the scores of the classes. The network takes colours from 0 to 255 in
the order of OpenCV, the picture at the top left of its square.
"""

from __future__ import annotations

import numpy as np

from automask.networks.boxes import Detections, Floats, Letterbox, thinned
from automask.networks.net import net
from automask.types import Image
from automask.weights import Weights

SIDE_PX = 640
FILL = 114  # the gray that the network was taught to see around pictures
STRIDES = 8, 16, 32
LEAST_SCORE = 0.05
OVERLAP = 0.6


def detect(image: Image, weights: Weights) -> Detections:
    """What is in `image`: boxes, class numbers of COCO, scores; the network runs once an image."""
    return image.once(("yolox", weights.path), lambda: _detect(image, weights))


def _detect(image: Image, weights: Weights) -> Detections:
    square = Letterbox.of(image, SIDE_PX, FILL, centred=False)
    bgr = square.rgb[:, :, ::-1].astype(np.float32)
    (output,) = net(weights).run(np.ascontiguousarray(bgr.transpose(2, 0, 1)[None]))
    found = decoded(output)
    inside = Detections(square.back(found.boxes, image.shape), found.classes, found.scores)
    sides = inside.boxes[:, 2:] - inside.boxes[:, :2]
    return thinned(inside.where(np.flatnonzero(sides.min(axis=1) > 0)), OVERLAP)


def decoded(output: Floats) -> Detections:
    """Every class of every cell that scores at least `LEAST_SCORE`, boxes in pixels of the square.

    Parameters
    ----------
    output : float32 ndarray of shape (1, 8400, 85)
        Centre x and y, logarithms of width and height, likelihood of a thing, 80 scores.
    """
    table = output.reshape(-1, output.shape[-1])
    scores = table[:, 4:5] * table[:, 5:]
    cells, classes = np.nonzero(scores >= LEAST_SCORE)
    places, strides = _grids()
    centres = (table[cells, :2] + places[cells]) * strides[cells]
    halves = np.exp(table[cells, 2:4]) * strides[cells] / 2
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    return Detections(boxes.astype(np.float32), classes, scores[cells, classes])


def _grids() -> tuple[Floats, Floats]:
    """Column and row of each cell, of shape (8400, 2), and its stride, of shape (8400, 1)."""
    sides = [SIDE_PX // stride for stride in STRIDES]
    places = [np.stack(np.divmod(np.arange(side**2), side)[::-1], axis=1) for side in sides]
    strides = [np.full((side**2, 1), stride) for side, stride in zip(sides, STRIDES, strict=True)]
    return np.concatenate(places).astype(np.float32), np.concatenate(strides).astype(np.float32)
