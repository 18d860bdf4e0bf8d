"""EfficientSAM: the mask of what a point or a box points at.

Notes
-----
Xiong, Varadarajan, Wu, Xiang, Xiao, Zhu, Dai, Wang, Sun, Iandola, Krishnamoorthi, Chandra:
"EfficientSAM: Leveraged masked image pretraining for efficient segment anything", CVPR 2024. The
network sees the whole picture, drawn to a square, and up to six marked points; of the masks that it
offers, the one that it is surest of counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automask import weights as files
from automask.networks.net import Floats, net
from automask.networks.squares import stretched
from automask.types import Bits, Image
from automask.weights import Weights

MODEL = "efficientsam_ti"
SIDE_PX = 1024
POINTS = 6
UNUSED, THING, TOP_LEFT, BOTTOM_RIGHT = -1, 1, 2, 3  # what a point is marked as


def here() -> Weights | None:
    """The weights if they are on this machine: 48 MB are not fetched unless somebody asks."""
    return files.find(files.model(MODEL))


def held(pinned: str | None) -> Weights | None:
    """The weights for what can do without: where a rule pins them, fetched if need be; or `here`.

    Raises
    ------
    ModelError
        If they are pinned and cannot be had.
    """
    return here() if pinned is None else files.get(pinned)


def check_pin(pinned: str, *, of: str) -> None:
    """Raise `ArgumentError` if the rule of `of` pins another model than this one."""
    files.check_pin((MODEL,), pinned, of=of)


def at_point(image: Image, x: float, y: float, weights: Weights) -> Bits:
    """The thing at (x, y), in pixels of the image; bool ndarray of shape (H, W)."""
    return _prompted(image, [(x, y)], [THING], weights)


def in_box(image: Image, box: Sequence[float], weights: Weights) -> Bits:
    """The thing in the box (x0, y0, x1, y1) of the image; bool ndarray of shape (H, W)."""
    x0, y0, x1, y1 = box
    return _prompted(image, [(x0, y0), (x1, y1)], [TOP_LEFT, BOTTOM_RIGHT], weights)


def _prompted(
    image: Image, points: Sequence[tuple[float, float]], marks: Sequence[int], weights: Weights
) -> Bits:
    import cv2

    blob = image.once("efficientsam", lambda: _blob(image))
    masks, likeness = net(weights).run(
        {
            "batched_images": blob,
            "batched_point_coords": _places(points, image.shape),
            "batched_point_labels": _marks(marks),
        },
        ["output_masks", "iou_predictions"],
    )
    offered = masks.reshape(-1, *masks.shape[-2:])
    best = offered[int(np.argmax(likeness.reshape(-1)[: len(offered)]))]
    return np.asarray(cv2.resize(best, (image.width, image.height)) >= 0)


def _blob(image: Image) -> Floats:
    square = stretched(image.rgb, SIDE_PX)
    return np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32) / np.float32(255)


def _places(points: Sequence[tuple[float, float]], shape: tuple[int, int]) -> Floats:
    """The points in pixels of the square, filled up; float32 ndarray of shape (1, 1, 6, 2)."""
    places = np.zeros((1, 1, POINTS, 2), np.float32)
    scale = SIDE_PX / shape[1], SIDE_PX / shape[0]
    places[0, 0, : len(points)] = np.asarray(points) * scale
    return places


def _marks(marks: Sequence[int]) -> Floats:
    """What each point is, filled up; float32 ndarray of shape (1, 1, 6, 1)."""
    filled = [*marks, *[UNUSED] * (POINTS - len(marks))]
    return np.asarray(filled, np.float32).reshape(1, 1, POINTS, 1)
