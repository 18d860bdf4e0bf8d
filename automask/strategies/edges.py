"""The image's own edges, as lines one pixel wide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from automask.kinds import Length, Share
from automask.segmentation.strips import strips
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image, Pixels
from automask.values import Quantity

SAMPLE_PX = 200_000  # enough for a threshold
LEAST = 10.0  # Sobel's answer to the steps of one level that rounding makes in a smooth ramp
PLAIN = 84.0  # times 1 / blur: the answer to a step of about 30 levels, an edge anywhere


@STRATEGIES.register("edges")
@dataclass(frozen=True)
class Edges(PixelStrategy):
    """The lines along which brightness or colour changes, one pixel wide.

    Parameters
    ----------
    sensitivity : float
        How faint an edge may be: 50 % is the automatic threshold, each 25 % more halves it.
    smooth : Quantity
        The blur before looking: fine texture below it gives no edges.

    Notes
    -----
    J. Canny, "A Computational Approach to Edge Detection", IEEE PAMI 8 (1986), on the red, green
    or blue channel that changes most at each pixel. The upper threshold is N. Otsu's, "A Threshold
    Selection Method from Gray-Level Histograms", IEEE SMC 9 (1979), on the strength of the
    gradients, kept above three times their median, which is the texture's and the noise's; the
    lower one is 40 % of it.
    """

    sensitivity: Share = 0.5
    smooth: Length = Quantity(0.15, "%")
    group: ClassVar[str] = "shape"
    example: ClassVar[str] = "edges:grow(2px)"

    def select(self, image: Image) -> Bits:
        """The edge pixels."""
        smooth_px = self.smooth.of(image.shorter)
        return edge_lines(image.rgb, self.sensitivity, smooth_px).view(np.bool_)


def edge_lines(rgb: Pixels, sensitivity: float, smooth_px: float) -> Pixels:
    """The edges of a picture, uint8 of shape (H, W), 1 on an edge and 0 elsewhere.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    sensitivity : float
        0 to 1; 0.5 is the automatic threshold.
    smooth_px : float
        The standard deviation of the blur; one pixel at least, without which there is only noise.
    """
    import cv2

    if min(rgb.shape[:2]) < 3:  # nothing has two sides there, and Canny returns another size
        return np.zeros(rgb.shape[:2], np.uint8)
    # Beyond a quarter of the picture nothing is left to see, and the blur takes forever.
    sigma = min(max(smooth_px, 1.0), max(min(rgb.shape[:2]) / 4, 1.0))
    dx, dy = strongest_gradient(rgb, sigma)
    upper = threshold(dx, dy, PLAIN / sigma) * 4 ** (1 - 2 * sensitivity)
    lines = cv2.Canny(dx, dy, 0.4 * upper, upper, L2gradient=True)
    return cast("Pixels", cv2.min(lines, 1, dst=lines))


def strongest_gradient(rgb: Pixels, sigma: float) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Sobel's x and y derivative of the channel that changes most, int16 of shape (H, W) each."""
    dx, dy = (np.empty(rgb.shape[:2], np.int16) for _ in range(2))
    for rows, wider, inner in strips(rgb.shape[0], round(4 * sigma) + 2):
        strip_dx, strip_dy = _strip_gradient(rgb[wider], sigma)
        dx[rows], dy[rows] = strip_dx[inner], strip_dy[inner]
    return dx, dy


def _strip_gradient(rgb: Pixels, sigma: float) -> tuple[Any, Any]:
    import cv2

    best: list[Any] = []  # dx, dy and |dx| + |dy| of the strongest channel so far
    for channel in cv2.split(rgb):
        blurred = cv2.GaussianBlur(channel, (0, 0), sigma)
        dx, dy = (cv2.Sobel(blurred, cv2.CV_16S, *order) for order in ((1, 0), (0, 1)))
        size = cv2.add(cv2.absdiff(dx, 0), cv2.absdiff(dy, 0))
        if best:
            stronger = cv2.compare(size, best[2], cv2.CMP_GT)
            for new, old in zip((dx, dy, size), best, strict=True):
                cv2.copyTo(new, stronger, old)
        else:
            best = [dx, dy, size]
    return best[0], best[1]


def threshold(dx: NDArray[np.int16], dy: NDArray[np.int16], plain: float) -> float:
    """The gradient above which an edge is one, `plain` or less unless the picture is busy."""
    step = max(1, int((dx.size / SAMPLE_PX) ** 0.5))
    sample = np.s_[::step, ::step]
    size = np.hypot(dx[sample].astype(np.float32), dy[sample].astype(np.float32))
    return max(3 * float(np.median(size)), min(_otsu(size), plain), LEAST)


def _otsu(values: NDArray[np.float32]) -> float:
    """The value that splits `values` into two groups, each as alike as can be."""
    counts = np.bincount(np.minimum(values, 1023).astype(np.intp).ravel(), minlength=1024)
    below, sums = np.cumsum(counts), np.cumsum(counts * np.arange(1024))
    total, whole = float(below[-1]), float(sums[-1])
    sides = np.maximum(below * (total - below), 1)
    return float(np.argmax((whole * below - total * sums) ** 2 / sides))
