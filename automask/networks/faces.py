"""Faces of an image, by any of the networks that find them; run once an image."""

from __future__ import annotations

from collections.abc import Callable

from automask.images.halves import halved
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
# larger ones at a larger size too, for small faces; and all at a glance, for close-ups.
USUAL_PX, LARGE_PX = 800, 1920  # longer sides
MUCH_LARGER = 1.6
GLANCE_PX, CLOSE_PX = 96, 320
CLOSE_UP = 0.375  # of the longer side: of these two sizes only faces at least so wide count
SOFT_PX = 0.5  # sigma; from 1 on it finds fewer faces
SEEN_PX = 17  # of the usual size: so wide a face is seen there too, if only as a doubtful one
OVERLAP = 0.3  # of the boxes of one face that two levels found

See = Callable[[Pixels], Faces]  # the faces of a copy of a picture, in pixels of the picture


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
    family, rgb, long_side_px = weights.model.family, image.rgb, max(image.shape)

    def see(copy: Pixels) -> Faces:
        found = _RUN[family](weights, copy, LEAST)
        return found.scaled(image.width / copy.shape[1], image.height / copy.shape[0])

    if family == "centerface":
        return see(_at(rgb, centerface.SIDE_PX))
    large = Faces.none()
    if long_side_px > USUAL_PX * MUCH_LARGER:
        rgb = _at(rgb, min(long_side_px, LARGE_PX))
        large = see(_softened(rgb))
    rgb = _at(rgb, USUAL_PX)
    usual = see(_softened(rgb))
    large = _seconded(large, usual, SEEN_PX * long_side_px / USUAL_PX)
    close = _close_ups(see, rgb, CLOSE_UP * long_side_px)
    return joined(large, usual, close).distinct(OVERLAP)


def _seconded(large: Faces, usual: Faces, least_px: float) -> Faces:
    """The faces of the large size without wide ones that the usual size does not see at all.

    What looks like a face only from so near that it fills the view, as a patch on a suit, is none.
    """
    narrow = large.widths < least_px
    return large[narrow | (overlaps(large.boxes, usual.boxes) > OVERLAP).any(axis=1)]


def _close_ups(see: See, rgb: Pixels, least_px: float) -> Faces:
    """The faces of `rgb` that are at least so wide.

    A glance at a very small copy tells whether there are any, in a tenth of the time, and knows
    soft ones too, of which it is sure more often. The larger copy has their landmarks: there the
    glance is off by up to a tenth of the face.
    """
    glance = see(_at(rgb, GLANCE_PX)).wide(least_px)
    if not len(glance):
        return glance
    close = see(_at(rgb, CLOSE_PX)).wide(least_px)
    return joined(close, glance.placed_as(close, OVERLAP))


def _softened(rgb: Pixels) -> Pixels:
    """The copy with less of what is one pixel wide: noise and grain, which cost small faces."""
    import cv2

    soft: Pixels = cv2.GaussianBlur(rgb, (0, 0), SOFT_PX)
    return soft


def _yunet(weights: Weights, rgb: Pixels, least: float) -> Faces:
    import cv2

    return yunet(weights).run(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), least)


_RUN: dict[str, Callable[[Weights, Pixels, float], Faces]] = {
    "yunet": _yunet,
    "centerface": centerface.run,
}


def _at(rgb: Pixels, long_side_px: int) -> Pixels:
    """The picture with its longer side `long_side_px`, enlarged or reduced.

    A detector finds as much in it as in one step by the mean of areas.
    """
    import cv2

    rgb = halved(rgb, long_side_px)
    height, width = rgb.shape[:2]
    scale = long_side_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    seen: Pixels = cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR)
    return seen
