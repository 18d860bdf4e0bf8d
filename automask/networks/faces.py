"""Faces of an image, by any of the networks that find them; run once an image."""

from __future__ import annotations

from automask.networks import centerface
from automask.networks.landmarks import Faces
from automask.networks.yunet import yunet
from automask.types import Image, Pixels
from automask.weights import Weights

MODELS = ("yunet", "centerface")
"""The models that find faces, the best first."""

LEAST = 0.3
"""The score from which on `faces` gives a face; what is below is nothing for any purpose."""

SCORES = {"yunet": 0.6, "centerface": 0.45}
"""The score from which on something is a face, by the family of the model."""

YUNET_PX = 960  # longer side of the picture that YuNet sees: small pictures are enlarged to it


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
    if weights.model.family == "centerface":
        seen = _at(image.rgb, centerface.SIDE_PX)
        found = centerface.run(weights, seen, LEAST)
    else:
        import cv2

        seen = _at(image.rgb, YUNET_PX)
        found = yunet(weights).run(cv2.cvtColor(seen, cv2.COLOR_RGB2BGR), LEAST)
    return found.scaled(image.width / seen.shape[1], image.height / seen.shape[0])


def _at(rgb: Pixels, long_side_px: int) -> Pixels:
    """The picture with its longer side `long_side_px`, enlarged or reduced."""
    import cv2

    height, width = rgb.shape[:2]
    scale = long_side_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    seen: Pixels = cv2.resize(rgb, size, interpolation=how)
    return seen
