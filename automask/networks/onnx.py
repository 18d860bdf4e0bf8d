"""A network of ONNX Runtime, for the models that OpenCV does not run: ``automask[onnx]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automask.errors import ModelError
from automask.networks.net import Floats, Inputs


class OnnxNet:
    """A network of `onnxruntime`; several threads may run it at once.

    Parameters
    ----------
    path : Path
        An ``.onnx`` file.

    Raises
    ------
    ModelError
        If `onnxruntime` is not installed, or cannot read the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._session = _session(path)
        self.inputs: tuple[str, ...] = tuple(i.name for i in self._session.get_inputs())
        self.outputs: tuple[str, ...] = tuple(o.name for o in self._session.get_outputs())

    def run(self, blob: Inputs, outputs: Sequence[str] = ()) -> list[Floats]:
        """What the network gives for `blob`; see `automask.networks.net.Runnable.run`."""
        given = blob if isinstance(blob, dict) else {self.inputs[0]: blob}
        try:
            found = self._session.run(list(outputs) or None, given)
        except Exception as error:  # its errors are made in C++ and share no base
            shapes = ", ".join(f"{name} {array.shape}" for name, array in given.items())
            raise ModelError(
                f"{self.path} cannot be run by onnxruntime on {shapes}: "
                f"{' '.join(str(error).split())}"
            ) from error
        return [np.asarray(array) for array in found]


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise ModelError(
            f"{path.name} needs onnxruntime, which is not installed: pip install 'automask[onnx]'."
        ) from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors, which are raised as well
    try:
        return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    except Exception as error:
        version = onnxruntime.__version__
        raise ModelError(f"{path} cannot be loaded by onnxruntime {version}.") from error
