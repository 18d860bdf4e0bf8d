"""A network in memory: loaded once a process and shared by its threads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from automask import memory
from automask.errors import ModelError
from automask.networks.shared import LOADING, Shared
from automask.weights import Weights

Floats = NDArray[np.float32]
Inputs = NDArray[Any] | dict[str, NDArray[Any]]


class Runnable(Protocol):
    """What is common to networks of any engine."""

    outputs: tuple[str, ...]

    def run(self, blob: Inputs, outputs: Sequence[str] = ()) -> list[Floats]:
        """What the network gives for `blob`, float32 of shape (N, C, H, W): one array an output.

        A network with several inputs takes an array for each, by name.

        Raises
        ------
        ModelError
            If the network does not take such input.
        """


class Net:
    """A network of `cv2.dnn`.

    Parameters
    ----------
    path : Path
        An ``.onnx`` or ``.tflite`` file.
    classic : bool
        Whether it runs in OpenCV 5 as it does in OpenCV 4.

    Raises
    ------
    ModelError
        If OpenCV cannot read it.
    """

    def __init__(self, path: Path, *, classic: bool = False) -> None:
        memory.keep_freed()
        self.path = path
        self._classic = classic
        self._nets: Shared[Any] = Shared(self._read)
        self.outputs: tuple[str, ...] = tuple(self._nets.first.getUnconnectedOutLayersNames())

    def run(self, blob: Inputs, outputs: Sequence[str] = ()) -> list[Floats]:
        """What the network gives for `blob`; see `Runnable.run`."""
        import cv2

        try:
            with self._nets.one() as net:
                for name, array in _named(blob):
                    net.setInput(array, name)
                # OpenCV 5 refuses to give only some of the outputs.
                given = dict(zip(self.outputs, net.forward(list(self.outputs)), strict=True))
        except cv2.error as error:
            shapes = ", ".join(str(array.shape) for _, array in _named(blob))
            raise ModelError(
                f"{self.path} cannot be run by OpenCV {cv2.__version__} on {shapes}: "
                f"{' '.join(str(error).split())}"
            ) from error
        return [np.asarray(given[name]) for name in outputs or self.outputs]

    def _read(self) -> Any:
        import cv2

        try:
            return _read(self.path, self._classic)
        except cv2.error as error:
            version = cv2.__version__
            raise ModelError(f"{self.path} cannot be loaded by OpenCV {version}.") from error


def net(weights: Weights) -> Runnable:
    """The network of `weights`, loaded when it is first asked for.

    It runs in OpenCV. One whose row says ``runtime = "onnxruntime"`` needs that; one whose row says
    ``faster = "onnxruntime"`` runs there where it is installed; one whose row says
    ``classic = true`` is faster in the engine of OpenCV 4, which OpenCV 5 still has.

    Raises
    ------
    ModelError
        If it cannot be loaded, or needs an engine that is not installed.
    """
    import cv2

    settings = weights.model.settings
    with LOADING:
        if "onnxruntime" in (settings.get("runtime"), settings.get("faster")):
            # one for each number of threads: its own is fixed when it is loaded
            return _loaded_in_onnx(weights.path, cv2.getNumThreads(), "runtime" in settings)
        return _loaded(weights.path, bool(settings.get("classic", False)))


@lru_cache(16)
def _loaded(path: Path, classic: bool = False) -> Runnable:
    return Net(path, classic=classic)


@lru_cache(16)
def _loaded_in_onnx(path: Path, threads: int, needed: bool) -> Runnable:
    from automask.networks.onnx import OnnxNet

    try:
        return OnnxNet(path, threads)
    except ModelError:
        if needed:
            raise
        return _loaded(path)


def _named(blob: Inputs) -> list[tuple[str, NDArray[Any]]]:
    return list(blob.items()) if isinstance(blob, dict) else [("", blob)]


def _read(path: Path, classic: bool) -> Any:
    import cv2

    engine = getattr(cv2.dnn, "ENGINE_CLASSIC", None)
    older = [] if engine is None else [engine]
    if path.suffix == ".tflite":
        # OpenCV 5's new engine gives only one output of a TFLite network.
        return cv2.dnn.readNetFromTFLite(str(path), *older)
    return cv2.dnn.readNetFromONNX(str(path), *(older if classic else []))
