"""Regions that come from another picture: a mask file, or what differs from an earlier version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from automask.errors import ImageError
from automask.images.load import load
from automask.kinds import Share
from automask.segmentation.strips import strips
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image, Pixels

LAB_UNITS = np.array([100 / 255, 1, 1], np.float32)  # of OpenCV's 8 bits, in CIELAB's own
BLUR_PX = 0.7
MARGIN = 6  # rows that the blur, the neighbours and the vote of a pixel reach


@STRATEGIES.register("mask")
@dataclass(frozen=True)
class MaskFile(PixelStrategy):
    """The light pixels of a mask file or, where it is transparent anywhere, its opaque ones.

    Parameters
    ----------
    path : str
        A picture, seen from the working folder, of the image's size.
    fit : bool
        Whether a mask of another size and the same shape is resized (nearest pixel).

    Notes
    -----
    A file with transparent pixels is taken as a cut-out: what it shows is selected. Services that
    repaint the transparent part want the opposite, which is ``!mask("file.png")``.
    """

    path: str
    fit: bool = False
    group: ClassVar[str] = "files"
    example: ClassVar[str] = 'mask("mask.png"):grow(4px)'

    def select(self, image: Image) -> Bits:
        """The pixels above 127, of alpha or of luma.

        Raises
        ------
        ImageError
            If there is no such picture, or one of another size.
        """
        file = _load(self.path)
        selected: Bits = _values(file) > 127
        if file.shape == image.shape:
            return selected
        if not self.fit or not _alike(file.shape, image.shape):
            raise ImageError(self._misfit(file, image))
        return _resized(selected, image.shape)

    def _misfit(self, file: Image, image: Image) -> str:
        sizes = f"The mask {self.path} has {_size(file)} pixels, the image {_size(image)}"
        if _alike(file.shape, image.shape):
            return f"{sizes}; mask({self.path!r}, fit=true) resizes it."
        return f"{sizes}, another shape; give a mask of the image's size."


@STRATEGIES.register("diff")
@dataclass(frozen=True)
class Diff(PixelStrategy):
    """The pixels that differ from another picture of the same size by more than a tolerance.

    Parameters
    ----------
    path : str
        The other picture, seen from the working folder.
    tol : float
        How much may differ, as a share of the distance between black and white.

    Notes
    -----
    The distance is CIE 1976's Euclidean one in CIELAB. So that a file saved as JPEG again does not
    differ all over, both pictures are blurred by less than a pixel, a pixel is compared with the
    range of the 3 x 3 pixels around it in the other picture (its edges may lie a pixel away), and
    a vote of 5 x 5 pixels drops specks. Lines two pixels wide survive that, single pixels do not.
    """

    path: str
    tol: Share = 0.06
    group: ClassVar[str] = "files"
    example: ClassVar[str] = 'diff("before.png", tol=10%)'

    def select(self, image: Image) -> Bits:
        """The pixels that differ.

        Raises
        ------
        ImageError
            If there is no such picture, or one of another size.
        """
        other = _load(self.path)
        if other.shape != image.shape:
            raise ImageError(
                f"The picture {self.path} has {_size(other)} pixels, the image {_size(image)}; "
                "diff compares pixel by pixel, so give a picture of the image's size."
            )
        differs = np.empty(image.shape, bool)
        for rows, wider, inner in strips(image.height, MARGIN):
            differs[rows] = _differs(image.rgb[wider], other.rgb[wider], self.tol)[inner]
        return differs


def _load(path: str) -> Image:
    return load(Path(path))  # a Path is a file, never an address or the standard input


def _size(image: Image) -> str:
    return f"{image.width} x {image.height}"


def _values(file: Image) -> Pixels:
    return file.gray if file.alpha is None or file.alpha.min() == 255 else file.alpha


def _alike(left: tuple[int, int], right: tuple[int, int]) -> bool:
    """Whether two sizes have one aspect ratio, but for the rounding of a side."""
    return abs(left[0] * right[1] - left[1] * right[0]) <= max(*left, *right)


def _resized(mask: Bits, shape: tuple[int, int]) -> Bits:
    import cv2

    size = shape[1], shape[0]
    large = cv2.resize(mask.view(np.uint8), size, interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(large).view(np.bool_)


def _differs(left: Pixels, right: Pixels, tol: float) -> Bits:
    import cv2

    a, b = (_softened_lab(rgb) for rgb in (left, right))
    apart = cv2.max(_beyond(a, b), _beyond(b, a)) * LAB_UNITS
    far = (np.einsum("hwc,hwc->hw", apart, apart) > (100 * tol) ** 2).view(np.uint8)
    return np.asarray(cv2.medianBlur(far, 5)).view(np.bool_)


def _softened_lab(rgb: Pixels) -> Any:
    import cv2

    return cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), (0, 0), BLUR_PX)


def _beyond(values: Any, others: Any) -> Any:
    """How far each value lies outside the range of the 3 x 3 pixels around it in `others`."""
    import cv2

    around = np.ones((3, 3), np.uint8)
    above = cv2.subtract(values, cv2.dilate(others, around))
    return cv2.max(above, cv2.subtract(cv2.erode(others, around), values))
