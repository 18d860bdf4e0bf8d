"""U-2-Net: how much each place of a picture belongs to what it is a picture of."""

from __future__ import annotations

import numpy as np

from automask.networks.net import Floats, net
from automask.types import Image, Pixels, read_only
from automask.weights import Weights

SIDE_PX = 320
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet, RGB, 0 .. 1
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
FUSED = "1959"  # the output that joins the other six
LEAST_TOP = 0.5  # a map that nowhere reaches it shows nothing and is not stretched
SURE = 0.2  # of a map: below it, and above one less that, the network has made up its mind
DOUBT = 0.3  # of what a map marks: as much that is not sure calls for a second look


def subject_map(
    image: Image, weights: Weights, *, side_px: int = SIDE_PX, doubting: bool = False
) -> Floats:
    """How much each place of `image` belongs to its subject, 0 .. 1; computed once an image.

    As `salient`, for the whole picture. Where that leaves doubt, a `doubting` caller gets the mean
    of two looks, the second with red and blue changed over: they are seldom wrong in the same
    place.
    """
    look = _looked_again if doubting else _looked_at
    key = "subject map", weights.path, side_px, doubting
    return image.once(key, lambda: read_only(look(image, weights, side_px)))


def _looked_at(image: Image, weights: Weights, side_px: int) -> Floats:
    return salient(image.rgb, weights, side_px=side_px)


def _looked_again(image: Image, weights: Weights, side_px: int) -> Floats:
    first = subject_map(image, weights, side_px=side_px)  # whoever needs no second look may have it
    if doubt(first) < DOUBT:
        return first
    second = salient(image.rgb[..., ::-1], weights, side_px=side_px)
    return np.asarray((first + second) / 2, np.float32)


def doubt(found: Floats) -> float:
    """How much of a map is neither marked nor spared for sure, beside what it marks; 0 and up."""
    unsure = float(np.count_nonzero((found > SURE) & (found < 1 - SURE)))
    return unsure / max(1.0, float(np.count_nonzero(found > 0.5)))


def salient(rgb: Pixels, weights: Weights, *, side_px: int = SIDE_PX) -> Floats:
    """How much each place belongs to the subject, 0 .. 1; float32 ndarray of shape (side, side).

    The map covers the whole of `rgb`, whatever its proportions: enlarge it with
    ``cv2.resize(map, (width, height), interpolation=cv2.INTER_LINEAR)``.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
        A picture or a crop of one.
    weights : Weights
        Of a model of the family "u2net".
    side_px : int
        How large the network sees it; the one it was trained for when left out.

    Notes
    -----
    Qin, Zhang, Huang, Dehghan, Zaiane, Jagersand: "U2-Net: Going deeper with nested U-structure
    for salient object detection", Pattern Recognition 2020. As there, colours are divided by the
    brightest channel of the picture and the map is stretched to 0 .. 1, but not one that shows
    nothing, as on a plain picture.
    """
    (found,) = net(weights).run(_blob(rgb, side_px), [FUSED])
    raw = found[0, 0]
    low, top = float(raw.min()), max(float(raw.max()), LEAST_TOP)
    return np.asarray((raw - low) / (top - low), np.float32)


def _blob(rgb: Pixels, side_px: int) -> Floats:
    import cv2

    small = cv2.resize(rgb, (side_px, side_px), interpolation=cv2.INTER_AREA).astype(np.float32)
    small /= max(float(small.max()), 1.0)
    return np.ascontiguousarray(((small - MEAN) / DEVIATION).transpose(2, 0, 1)[None])
