"""Did the provider keep to the mask? The drift outside it, and the source pasted back there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automask import maskops
from automask.types import Bits, Pixels, bounding_box

NOISE = 8  # of 255: what a good JPEG changes by itself
NEAR_PX = 3  # seams and the blocks of a JPEG reach this far over the border


@dataclass(frozen=True)
class Drift:
    """How much a result differs from its source where the mask said "keep".

    Parameters
    ----------
    share : float
        The share of the kept pixels that changed by more than coding noise, 0 to 1.
    mean : float
        The mean absolute difference over the kept pixels, of 255.
    """

    share: float
    mean: float

    def __str__(self) -> str:
        return f"{self.share:.2%} of the kept pixels changed (mean difference {self.mean:.2f}/255)"


def drift(source: Pixels, result: Pixels, mask: Bits) -> Drift:
    """How far `result` left `source` outside `mask`, a rim of a few pixels apart.

    Parameters
    ----------
    source, result : uint8 ndarray of shape (H, W, 3)
    mask : bool ndarray of shape (H, W)
    """
    import cv2

    kept = ~maskops.grow(mask, NEAR_PX)
    count = int(np.count_nonzero(kept))
    if not count:
        return Drift(0.0, 0.0)
    # With OpenCV: numpy's own reductions over three channels take twenty times as long.
    difference = cv2.absdiff(source, result)
    alike = cv2.inRange(difference, (0, 0, 0), (NOISE, NOISE, NOISE)).view(bool)
    share = int(np.count_nonzero(kept > alike)) / count
    mean = sum(cv2.mean(difference, kept.view(np.uint8))[:3]) / 3
    return Drift(share, float(mean))


def fitted(result: Pixels, shape: tuple[int, int]) -> Pixels:
    """`result` at the size (H, W) of its source; services round sizes."""
    import cv2

    if result.shape[:2] == shape:
        return result
    shrinks = result.shape[0] > shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    resized: Pixels = cv2.resize(result, (shape[1], shape[0]), interpolation=how)
    return resized


def paste_back(source: Pixels, result: Pixels, mask: Bits, feather_px: float = 3.0) -> Pixels:
    """`result` inside `mask` and `source` outside it, joined by a soft seam.

    The seam lies inside the mask, so that every kept pixel is the source's own, bit for bit.

    Parameters
    ----------
    source, result : uint8 ndarray of shape (H, W, 3)
    mask : bool ndarray of shape (H, W)
    feather_px : float
        The width of the seam in pixels.
    """
    import cv2

    box = bounding_box(mask)
    out = source.copy()
    if box is None:
        return out
    around = box.padded(1, mask.shape)
    inside = np.ascontiguousarray(mask[around.slices]).view(np.uint8)
    # The image's own edge is no border of the mask: pad as if the mask went on there.
    padded = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    weight = np.clip(depth / (feather_px + 1), 0, 1)[..., None].astype(np.float32)
    old, new = source[around.slices], result[around.slices]
    mixed = old + weight * (new.astype(np.float32) - old)
    out[around.slices] = np.round(mixed).astype(np.uint8)
    return out
