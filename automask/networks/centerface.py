"""CenterFace: faces with five landmarks on a square picture of a fixed size.

Y. Xu, W. Yan, G. Yang, J. Luo, T. Li, J. He, "CenterFace: joint face detection and alignment using
face as point", Scientific Programming, 2020. The outputs, a cell of `STRIDE_PX` each: the
likelihood that a face has its centre there, the logarithms of its height and width, where in the
cell the centre lies (down, across), the landmarks (down, across) in heights and widths from the
top left corner of the box.
"""

from __future__ import annotations

import numpy as np

from automask.networks.landmarks import Faces, Floats
from automask.networks.net import net
from automask.types import Pixels
from automask.weights import Weights

SIDE_PX = 640  # always this: OpenCV 4 keeps wrong shapes when the input of a net changes its size
STRIDE_PX = 4
OUTPUTS = ("537", "538", "539", "540")
OVERLAP = 0.3  # of two boxes of one face


def run(weights: Weights, rgb: Pixels, least: float) -> Faces:
    """The faces with a score of at least `least` in `rgb`, uint8, neither side above `SIDE_PX`."""
    canvas = np.zeros((SIDE_PX, SIDE_PX, 3), np.float32)
    canvas[: rgb.shape[0], : rgb.shape[1]] = rgb
    blob = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None])
    return decode(*net(weights).run(blob, OUTPUTS), least=least)


def decode(heat: Floats, sizes: Floats, offsets: Floats, points: Floats, *, least: float) -> Faces:
    """The faces in the four outputs of the network, the surest first, one of those that overlap.

    Parameters
    ----------
    heat : float32 ndarray of shape (1, 1, h, w)
    sizes, offsets : float32 ndarray of shape (1, 2, h, w)
    points : float32 ndarray of shape (1, 10, h, w)
    least : float
        The score that a face needs.
    """
    down, across = np.nonzero(heat[0, 0] >= least)
    cells = np.stack([down, across], axis=1).astype(np.float32)
    sides = np.exp(sizes[0, :, down, across]) * STRIDE_PX
    centres = (cells + offsets[0, :, down, across] + 0.5) * STRIDE_PX
    corners = centres - sides / 2
    marks = points[0, :, down, across].reshape(-1, 5, 2) * sides[:, None] + corners[:, None]
    boxes = np.hstack([corners[:, ::-1], (corners + sides)[:, ::-1]])
    return Faces.of(boxes, heat[0, 0, down, across], marks[..., ::-1]).distinct(OVERLAP)
