"""`sharp`: what is in focus, without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image, Pixels

REDUCED_PX = 640  # longer side of the copy that is judged
CRISP = 1.7  # photographs in focus measure 2.3 and more; blurred by 2 px of that copy, 1.6 or less
FAINTEST = 1.2  # detail in grey levels under which nothing counts as sharp
LEAST_GAP = 1.6  # between the detail of what is sharp and what is not, in doublings
WINDOW_SHARE, REACH_SHARE = 1 / 40, 1 / 24  # of the shorter side
MARGIN_SHARE = 0.7  # of the reach: by how much the window of the detail widens what is sharp

Floats = NDArray[Any]


@STRATEGIES.register("sharp")
@dataclass(frozen=True)
class Sharp(PixelStrategy):
    """What is in focus in front of, or behind, what is not.

    Focus shows in fine detail only: a large smooth part of a sharp photo, such as a plain sky, is
    not taken for sharp. A photo with detail all over is sharp as a whole, one that is blurred all
    over has nothing sharp in it.
    """

    group: ClassVar[str] = "what stands out"
    example: ClassVar[str] = "sharp:largest"

    def select(self, image: Image) -> Bits:
        """The pixels in focus."""
        import cv2

        found = sharp_area(image.reduced(REDUCED_PX)).astype(np.uint8) * 255
        size = image.width, image.height
        return np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_LINEAR) > 127)


def sharp_area(rgb: Pixels) -> Bits:
    """What is in focus; bool ndarray of shape (H, W).

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
        Reduced to about `REDUCED_PX`: how crisp a picture is depends on its size.
    """
    import cv2

    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if _crispness(gray) <= CRISP:
        return np.zeros(gray.shape, bool)
    return _split(_detail(gray))


def _crispness(gray: Floats) -> float:
    """How many times more the strongest edges answer to a Laplacian at 1 px than to one at 2 px.

    The contrast cancels out. It tells an evenly blurred picture from an evenly sharp one, which a
    split of the two cannot. The rounding to 8 bits is itself fine detail, hence 1 px and not less.
    """
    import cv2

    fine, coarse = (
        np.abs(cv2.Laplacian(cv2.GaussianBlur(gray, (0, 0), sigma_px), cv2.CV_32F))
        for sigma_px in (1.0, 2.0)
    )
    strong = fine > np.percentile(fine, 98)
    if not strong.any():
        return 0.0
    nearby = cv2.dilate(coarse, np.ones((3, 3), np.uint8))
    return float(fine[strong].mean() / (nearby[strong].mean() + 0.1))


def _detail(gray: Floats) -> Floats:
    """Fine detail around each pixel in doublings (log2 of grey levels); shape (H, W).

    It is the modified Laplacian of Nayar and Nakagawa, "Shape from focus" (PAMI 1994), which is
    LAP2 in Pertuz, Puig, Garcia, "Analysis of focus measure operators for shape-from-focus"
    (Pattern Recognition 2013).
    """
    import cv2

    second = np.array([[-1, 2, -1]], np.float32)
    fine = np.abs(cv2.filter2D(gray, cv2.CV_32F, second))
    fine += np.abs(cv2.filter2D(gray, cv2.CV_32F, second.T))
    window_px = max(3, int(min(gray.shape) * WINDOW_SHARE))
    fine = cv2.GaussianBlur(fine, (0, 0), window_px / 3)
    # the strongest nearby: a plain patch inside a sharp thing counts with its surroundings
    fine = cv2.dilate(fine, np.ones((window_px, window_px), np.uint8))
    return np.asarray(np.log2(cv2.GaussianBlur(fine, (0, 0), window_px / 2) + 0.25))


def _split(detail: Floats) -> Bits:
    """The half of greater detail; everything if there are no two halves, or no pixel if faint."""
    import cv2

    low, high = np.percentile(detail, (1, 99))
    if high < np.log2(FAINTEST + 0.25):
        return np.zeros(detail.shape, bool)
    levels = np.clip((detail - low) / max(high - low, 1e-6) * 255, 0, 255).astype(np.uint8)
    above: Bits = levels > cv2.threshold(levels, 0, 255, cv2.THRESH_OTSU)[0]
    if above.all() or not above.any():
        return np.ones(detail.shape, bool)
    if detail[above].mean() - detail[~above].mean() < LEAST_GAP:
        return np.ones(detail.shape, bool)
    return _solid(above)


def _solid(mask: Bits) -> Bits:
    """The mask closed and opened, and without the margin that the window of `_detail` gave it."""
    import cv2

    reach_px = max(3, int(min(mask.shape) * REACH_SHARE)) | 1
    disk, margin = (
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side_px, side_px))
        for side_px in (reach_px, int(reach_px * MARGIN_SHARE) | 1)
    )
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, disk)
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, disk)
    return np.asarray(cv2.erode(opened, margin, borderValue=1).view(bool))
