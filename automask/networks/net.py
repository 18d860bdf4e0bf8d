"""A network in memory: loaded once a process, run by several threads, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.errors import ModelError
from automask.weights import Weights

Floats = NDArray[np.float32]


class Net:
    """A network of `cv2.dnn`.

    Parameters
    ----------
    path : Path
        An ``.onnx`` or ``.tflite`` file.

    Raises
    ------
    ModelError
        If OpenCV cannot read it.
    """

    def __init__(self, path: Path) -> None:
        import cv2

        self._lock = threading.Lock()
        try:
            self._net = _read(path)
        except cv2.error as error:
            raise ModelError(f"{path} cannot be loaded by OpenCV {cv2.__version__}.") from error
        self.outputs: tuple[str, ...] = tuple(self._net.getUnconnectedOutLayersNames())

    def run(self, blob: Floats, outputs: Sequence[str] = ()) -> list[Floats]:
        """What the network gives for `blob`, float32 of shape (N, C, H, W): one array an output."""
        with self._lock:
            self._net.setInput(blob)
            # OpenCV 5 refuses to give only some of the outputs.
            given = dict(zip(self.outputs, self._net.forward(list(self.outputs)), strict=True))
        return [np.asarray(given[name]) for name in outputs or self.outputs]


def net(weights: Weights) -> Net:
    """The network of `weights`, loaded when it is first asked for."""
    return _loaded(weights.path)


@lru_cache(16)
def _loaded(path: Path) -> Net:
    return Net(path)


def _read(path: Path) -> Any:
    import cv2

    if path.suffix == ".tflite":
        # OpenCV 5's new engine gives only one output of a TFLite network.
        engine = getattr(cv2.dnn, "ENGINE_CLASSIC", None)
        return cv2.dnn.readNetFromTFLite(str(path), *([] if engine is None else [engine]))
    return cv2.dnn.readNetFromONNX(str(path))
