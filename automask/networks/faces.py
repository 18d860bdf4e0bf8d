"""Faces of an image, by any of the networks that find them; run once an image."""

from __future__ import annotations

from collections.abc import Callable

from automask.networks import centerface
from automask.networks.boxes import overlaps
from automask.networks.landmarks import Faces, joined
from automask.networks.yunet import yunet
from automask.types import Image, Pixels
from automask.weights import Weights

MODELS = ("yunet", "centerface")
"""The models that find faces, the best first."""

LEAST = 0.3
"""The score from which on `faces` gives a face; what is below is nothing for any purpose."""

SCORES = {"yunet": 0.65, "centerface": 0.45}
"""The score from which on something is a face, by the family of the model."""

# YuNet finds faces of about 10 to 400 px. So it sees every picture at one size, also enlarged; much
# larger ones at a larger size too, for small faces; and all at a small size, for close-ups.
USUAL_PX, LARGE_PX, SMALL_PX = 800, 1920, 320  # longer sides
MUCH_LARGER = 1.6
CLOSE_UP_PX = 120  # of the small size only faces at least so wide count: it is wrong on others
SEEN_PX = 17  # of the usual size: so wide a face is seen there too, if only as a doubtful one
OVERLAP = 0.3  # of the boxes of one face that two levels found


def faces(image: Image, weights: Weights) -> Faces:
    """Every face of `image` with a score of `LEAST` or more, in its pixels, the surest first.

    It is computed once for an image and a model, whoever asks; `Faces.above` cuts it.

    Parameters
    ----------
    image : Image
    weights : Weights
        Of one of `MODELS`.
    """
    return image.once(("faces", weights.record), lambda: _found(image, weights))


def _found(image: Image, weights: Weights) -> Faces:
    family = weights.model.family
    found, seen = [], image.rgb
    for side_px in [centerface.SIDE_PX] if family == "centerface" else _sizes(max(image.shape)):
        seen = _at(seen, side_px)
        here = _RUN[family](weights, seen, LEAST)
        if side_px == SMALL_PX:
            here = here[here.boxes[:, 2] - here.boxes[:, 0] >= CLOSE_UP_PX]
        found.append(here.scaled(image.width / seen.shape[1], image.height / seen.shape[0]))
    if len(found) > 2:
        found[0] = _seconded(found[0], found[1], SEEN_PX * max(image.shape) / USUAL_PX)
    return joined(*found).distinct(OVERLAP)


def _seconded(large: Faces, usual: Faces, least_px: float) -> Faces:
    """The faces of the large size without wide ones that the usual size does not see at all.

    What looks like a face only from so near that it fills the view, as a patch on a suit, is none.
    """
    narrow = large.boxes[:, 2] - large.boxes[:, 0] < least_px
    return large[narrow | (overlaps(large.boxes, usual.boxes) > OVERLAP).any(axis=1)]


def _sizes(long_side_px: int) -> list[int]:
    """The longer sides at which YuNet sees a picture, the greatest first: each is made of the last.

    >>> _sizes(400), _sizes(1400), _sizes(4000)
    ([800, 320], [1400, 800, 320], [1920, 800, 320])
    """
    large = [min(long_side_px, LARGE_PX)] if long_side_px > USUAL_PX * MUCH_LARGER else []
    return [*large, USUAL_PX, SMALL_PX]


def _yunet(weights: Weights, rgb: Pixels, least: float) -> Faces:
    import cv2

    return yunet(weights).run(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), least)


_RUN: dict[str, Callable[[Weights, Pixels, float], Faces]] = {
    "yunet": _yunet,
    "centerface": centerface.run,
}


def _at(rgb: Pixels, long_side_px: int) -> Pixels:
    """The picture with its longer side `long_side_px`, enlarged or reduced.

    It is halved for as long as that goes, which takes a seventh of the time of one step by the
    mean of areas; a detector finds as much in it.
    """
    import cv2

    while max(rgb.shape[:2]) >= 2 * long_side_px:
        height, width = (max(1, side // 2) for side in rgb.shape[:2])
        even = rgb[: 2 * height, : 2 * width]
        rgb = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
    height, width = rgb.shape[:2]
    scale = long_side_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    seen: Pixels = cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR)
    return seen
