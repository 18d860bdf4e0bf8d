"""U-2-Net: how much each place of a picture belongs to what it is a picture of."""

from __future__ import annotations

import numpy as np

from automask import maskops
from automask.networks.net import Floats, net
from automask.types import Box, Image, Pixels, read_only
from automask.weights import Weights

SIDE_PX = 320
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet, RGB, 0 .. 1
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
FUSED = "1959"  # the output that joins the other six
LEAST_TOP = 0.5  # a map that nowhere reaches it shows nothing and is not stretched
SURE = 0.2  # of a map: below it, and above one less that, the network has made up its mind
DOUBT = 0.2  # of what a map marks: as much that is not sure calls for another look
MARKED = 0.4  # of a map: above it lies what a closer look is for
SPECK_SHARE = 0.02  # of what is marked: smaller parts do not widen the closer look
AROUND = 0.25  # of the longer side of what is marked: the surroundings that a closer look needs
MOST = 0.7  # of the picture: a look at more is not closer
KEPT = 0.85  # of what was marked: a closer look that leaves less has lost the thing
FINER = 2  # pixels of a map with a closer look in it to one of the map of the whole


def subject_map(
    image: Image, weights: Weights, *, side_px: int = SIDE_PX, doubting: bool = False
) -> Floats:
    """How much each place of `image` belongs to its subject, 0 .. 1; computed once an image.

    As `salient`, for the whole picture. Where that leaves doubt, a `doubting` caller gets the mean
    of two looks, the second with red and blue changed over: they are seldom wrong in the same
    place. Where even that leaves doubt and what is marked is not most of the picture, it gets the
    mean with a look at that part alone, in a map of `FINER` times as many pixels a side.
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
    both = np.asarray((first + second) / 2, np.float32)
    return both if doubt(both) < DOUBT else looked_closer(image.rgb, both, weights)


def looked_closer(rgb: Pixels, found: Floats, weights: Weights) -> Floats:
    """A map of a picture with a closer look at what it marks; float32 ndarray, square.

    `found` itself where that is nothing or most of the picture, and where the closer look loses it.
    """
    import cv2

    side_px = len(found)
    part = _marked(found, rgb.shape[:2])
    if not 0 < part.area <= MOST * rgb.shape[0] * rgb.shape[1]:
        return found
    closer = salient(rgb[part.slices], weights, side_px=side_px)
    finer = cv2.resize(found, (FINER * side_px,) * 2, interpolation=cv2.INTER_LINEAR)
    here = finer[_scaled(part, finer.shape, rgb.shape[:2]).slices]
    there = cv2.resize(closer, here.shape[::-1], interpolation=cv2.INTER_LINEAR)
    if np.minimum(here, there).sum() < KEPT * here.sum():
        return found
    here += (there - here) / 2
    return np.asarray(finer)


def _marked(found: Floats, shape: tuple[int, int]) -> Box:
    """What a map marks, with its surroundings, as a part of a picture of this shape (H, W)."""
    import cv2

    marked = found > MARKED
    marked = maskops.swept(marked, SPECK_SHARE * np.count_nonzero(marked))
    x, y, width, height = cv2.boundingRect(marked.view(np.uint8))
    box = _scaled(Box(x, y, x + width, y + height), shape, found.shape)
    return box.padded(round(AROUND * max(box.width, box.height)), shape) if width else box


def _scaled(box: Box, shape: tuple[int, ...], of: tuple[int, ...]) -> Box:
    """A box in an array of shape `of` as one in an array of another shape of the same thing."""
    down, across = shape[0] / of[0], shape[1] / of[1]
    return Box(*(round(edge * by) for edge, by in zip(box, (across, down) * 2, strict=True)))


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
