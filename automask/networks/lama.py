"""LaMa: what may lie in a hole, from what lies around it."""

from __future__ import annotations

import numpy as np

from automask.networks.net import Floats, net
from automask.networks.squares import stretched
from automask.types import Bits, Pixels
from automask.weights import Weights

SIDE_PX = 512
OPENCV = 5  # whose engine knows the Fourier transforms of the network


def filled(rgb: Pixels, hole: Bits, weights: Weights) -> Pixels:
    """`rgb` as the network paints it, all of it; only what lies in `hole` is meant to be taken.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    hole : bool ndarray of shape (H, W)
    weights : Weights
        Of a model of the family "lama".

    Returns
    -------
    uint8 ndarray of shape (H, W, 3)
    """
    import cv2

    height, width = hole.shape
    # RGB, as it was taught; the samples of OpenCV give it BGR
    image = np.ascontiguousarray(stretched(rgb, SIDE_PX).transpose(2, 0, 1)[None], np.float32) / 255
    # drawn like the picture, the hole takes in whatever mixes with it: a trace would be continued
    mask = (stretched(hole.view(np.uint8) * 255, SIDE_PX) > 0).astype(np.float32)[None, None]
    (found,) = net(weights).run({"image": image, "mask": mask})
    made = cv2.resize(_pixels(found), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(made, np.uint8)


def _pixels(found: Floats) -> Pixels:
    """The answer, 0 to 255 in float32 of shape (1, 3, 512, 512), as pixels."""
    return np.asarray(np.clip(np.rint(found[0].transpose(1, 2, 0)), 0, 255), np.uint8)
