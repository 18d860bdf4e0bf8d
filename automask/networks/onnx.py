"""A network of ONNX Runtime: ``automask[onnx]``.

For the models that OpenCV does not run, and for those that run much faster here: the lettering
network of 1.1 megapixels took 227 ms on two cores and 474 in OpenCV 5.0 (202 and 503 beside 4.14),
NanoDet 27 and 39, which its start of 160 ms eats up.
"""

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
    threads : int
        How many a run may use.

    Raises
    ------
    ModelError
        If `onnxruntime` is not installed, or cannot read the file.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        self.path = path
        self._session = _session(path, threads)
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


def _session(path: Path, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise ModelError(
            f"{path.name} needs onnxruntime, which is not installed: pip install 'automask[onnx]'."
        ) from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors, which are raised as well
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # threads that wait for work in a loop would take a core from ours: a batch has one for each
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    except Exception as error:
        version = onnxruntime.__version__
        raise ModelError(f"{path} cannot be loaded by onnxruntime {version}.") from error
