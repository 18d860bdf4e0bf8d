"""`sky`: the sky by where it is, its light, its colour and its calm, without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from automask.colours.cielab import lab_of
from automask.segmentation import graphcut
from automask.segmentation.sky import REDUCED_PX, sky_area
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image, Pixels

BAND_PX = 9  # in which the border is found anew
# A picture against the light: the darkest of the sky is that much lighter than most of the rest
AGAINST_LIGHT, LIGHTER = 25.0, 0.9  # lightness; of the way from the rest to that darkest
LACE_PX = 7  # sky between twigs, narrower than this, is left to the tree

Floats = NDArray[Any]


@STRATEGIES.register("sky")
@dataclass(frozen=True)
class Sky(PixelStrategy):
    """The daylight sky, blue or clouded, where it reaches the top of the picture.

    It looks for light, smooth areas of sky colour that hang from the top edge, and takes the
    likeliest, if it is likely enough; against the light all that is as light as it and hangs
    together with it counts as well. That is a rule of thumb, not recognition: it misses the sky at
    sunset and at night and parts of a hazy one, and it can take a pale wall, snow or water at the
    top of the picture for sky.
    """

    group: ClassVar[str] = "things"
    example: ClassVar[str] = "sky:shrink(2px)"
    reducible: ClassVar[bool] = True

    def select(self, image: Image) -> Bits:
        """The pixels of the sky; its border follows the picture's edges."""
        small = image.reduced(REDUCED_PX)
        lab = _cielab(small)
        found = sky_area(lab)
        if not found.any():
            return np.zeros(image.shape, bool)
        area = _lit(lab[..., 0], found)
        return graphcut.enlarged(_cut(small, found) if area is None else area, image.rgb)


def _cielab(rgb: Pixels) -> Floats:
    """The picture in CIELAB, float32 of its shape; OpenCV's needs tables that take long to make."""
    return np.ascontiguousarray(lab_of(rgb.reshape(-1, 3)).T).reshape(rgb.shape)


def _lit(light: Floats, found: Bits) -> Bits | None:
    """The light area that holds the sky, in a picture against the light; None in any other.

    There what is as light as the sky is sky as well, whatever its colour: the paler part above the
    horizon, and what trees and roofs divide.
    """
    import cv2

    if found.all():
        return None
    darkest, rest = float(np.percentile(light[found], 5)), float(np.percentile(light[~found], 75))
    if darkest - rest < AGAINST_LIGHT:
        return None
    area = (light >= rest + LIGHTER * (darkest - rest)).astype(np.uint8)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (LACE_PX, LACE_PX))
    opened = cv2.morphologyEx(np.pad(area, LACE_PX, mode="edge"), cv2.MORPH_OPEN, disk)
    inner = np.ascontiguousarray(opened[LACE_PX:-LACE_PX, LACE_PX:-LACE_PX])
    count, parts = cv2.connectedComponents(inner)
    holds_sky = np.bincount(parts[found], minlength=count) > 0
    holds_sky[0] = False
    return np.asarray(holds_sky[parts]) if holds_sky.any() else None


def _cut(rgb: Pixels, found: Bits) -> Bits:
    """The area with its border found anew by GrabCut, in a narrow band (Rother et al. 2004)."""
    import cv2

    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (BAND_PX, BAND_PX))
    area = found.astype(np.uint8)
    labels = np.where(cv2.dilate(area, disk), graphcut.PROBABLY_BACKGROUND, 0).astype(np.uint8)
    labels[found] = graphcut.PROBABLY_OBJECT
    labels[cv2.erode(area, disk).view(bool)] = graphcut.SURE_OBJECT
    return graphcut.cut(rgb, labels, 1)
