"""YuNet: faces with five landmarks, at any size of picture, by `cv2.FaceDetectorYN`.

W. Wu, H. Peng, S. Yu, "YuNet: a tiny millisecond-level face detector", Machine Intelligence
Research 20, 2023.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from automask import memory
from automask.errors import ModelError
from automask.images import quiet
from automask.networks.landmarks import Faces, Floats
from automask.networks.shared import LOADING, Shared
from automask.types import Pixels
from automask.weights import Weights

MOST = 5000  # candidates that are kept before those of one face are made one
OVERLAP = 0.3  # of two boxes of one face
LEAST_PX = 64  # OpenCV 4 gives what lay in memory where a side is at most 32 px


class YuNet:
    """The detector in memory, for any number of threads.

    Parameters
    ----------
    path : Path
        The ``.onnx`` file.

    Raises
    ------
    ModelError
        If OpenCV cannot read it.
    """

    def __init__(self, path: Path) -> None:
        memory.keep_freed()
        self.path = path
        self._nets: Shared[Any] = Shared(self._read)

    def run(self, bgr: Pixels, least: float) -> Faces:
        """The faces of `bgr`, uint8 of shape (H, W, 3), with a score of at least `least`."""
        bgr = _at_least(bgr, LEAST_PX)
        with self._nets.one() as net:
            net.setInputSize((bgr.shape[1], bgr.shape[0]))
            net.setScoreThreshold(least)
            rows = net.detect(bgr)[1]
        return read(rows) if rows is not None else Faces.none()

    def _read(self) -> Any:
        import cv2

        try:
            with quiet.OPENCV:  # 5.0 warns that its new engine knows no targets; nobody gave one
                return cv2.FaceDetectorYN.create(str(self.path), "", (320, 320), 0.5, OVERLAP, MOST)
        except cv2.error as error:
            version = cv2.__version__
            raise ModelError(f"{self.path} cannot be loaded by OpenCV {version}.") from error


def read(rows: Floats) -> Faces:
    """The faces of OpenCV's rows, float32 of shape (n, 15): x, y, width, height, landmarks, score.

    >>> faces = read(np.float32([[10, 20, 30, 40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0.9]]))
    >>> faces.boxes.tolist(), faces.points[0, 4].tolist()
    ([[10.0, 20.0, 40.0, 60.0]], [9.0, 10.0])
    """
    boxes = np.hstack([rows[:, :2], rows[:, :2] + rows[:, 2:4]])
    return Faces.of(boxes, rows[:, 14], rows[:, 4:14])


def _at_least(bgr: Pixels, side_px: int) -> Pixels:
    """The picture with black below it and at its right where a side is shorter than `side_px`."""
    missing = [max(0, side_px - length) for length in bgr.shape[:2]]
    return np.pad(bgr, [(0, missing[0]), (0, missing[1]), (0, 0)]) if any(missing) else bgr


def yunet(weights: Weights) -> YuNet:
    """The detector of `weights`, loaded when it is first asked for."""
    with LOADING:
        return _loaded(weights.path)


@lru_cache(4)
def _loaded(path: Path) -> YuNet:
    return YuNet(path)
