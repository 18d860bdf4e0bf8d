"""Portrait networks: how much each place of a picture of people belongs to them."""

from __future__ import annotations

import numpy as np

from automask.networks.net import Floats, net
from automask.types import Pixels
from automask.weights import Weights

SELFIE_PX, HUMANSEG_PX = 256, 192


def person_map(rgb: Pixels, weights: Weights) -> Floats:
    """How much each place belongs to a person, 0 .. 1; float32 ndarray of shape (side, side).

    The map covers the whole of `rgb`, whatever its proportions: enlarge it with
    ``cv2.resize(map, (width, height), interpolation=cv2.INTER_LINEAR)``. The networks were made for
    one person who fills the picture, so give them the crop of one.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
        A picture or a crop of one.
    weights : Weights
        Of a model of the family "portrait".

    Notes
    -----
    "selfie" is MediaPipe's Selfie Segmentation (model card, Google, 2021), which takes colours of
    0 .. 1 and gives one plane of shares. "pphumanseg" is PP-HumanSeg (Chu et al., "PP-HumanSeg:
    Connectivity-aware portrait segmentation with a large-scale teleconferencing video dataset",
    WACV Workshops 2022), which takes colours of -1 .. 1 and gives a plane each for what is not
    and what is a person.
    """
    side_px = SELFIE_PX if weights.model.name == "selfie" else HUMANSEG_PX
    (found,) = net(weights).run(_blob(rgb, side_px))
    return decoded(found, side_px)


def decoded(output: Floats, side_px: int) -> Floats:
    """The map in `output`: one plane of shares, or two planes of shares or of their logarithms.

    Parameters
    ----------
    output : float32 ndarray of side_px ** 2 numbers, or twice as many
        Planes first, as cv2.dnn gives them; a single plane in any order of axes.
    """
    planes = output.reshape(-1, side_px, side_px)
    if len(planes) == 1:
        return np.asarray(planes[0])
    nobody, person = planes
    if nobody.min() >= 0 and np.allclose(nobody + person, 1, atol=0.01):
        return np.asarray(person)
    return np.asarray(1 / (1 + np.exp(np.clip(nobody - person, -50, 50))), np.float32)


def _blob(rgb: Pixels, side_px: int) -> Floats:
    """`rgb` in a square, in planes: OpenCV wants them first of TFLite networks as well."""
    import cv2

    way = cv2.INTER_AREA if max(rgb.shape[:2]) > side_px else cv2.INTER_LINEAR
    small = cv2.resize(rgb, (side_px, side_px), interpolation=way).astype(np.float32) / 255
    centred = small if side_px == SELFIE_PX else 2 * small - 1
    return np.ascontiguousarray(centred.transpose(2, 0, 1)[None])
