"""Pictures to the bytes of a file."""

from __future__ import annotations

from typing import Any

import numpy as np

from automask.errors import ArgumentError
from automask.types import Pixels

WEBP_LIMIT_PX = 16383

_PICTURES = {
    ".png": (),
    ".jpg": ("IMWRITE_JPEG_QUALITY", 95, "IMWRITE_JPEG_SAMPLING_FACTOR", 0x111111),  # 4:4:4
    ".webp": ("IMWRITE_WEBP_QUALITY", 95),
    ".tif": (),
    ".bmp": (),
}
_ALIKE = {".jpeg": ".jpg", ".tiff": ".tif"}
_WITH_ALPHA = (".png", ".webp", ".tif")


def encode_pixels(pixels: Pixels, suffix: str) -> bytes:
    """A picture file of `pixels` in the format that `suffix` names, such as ".png".

    Parameters
    ----------
    pixels : uint8 ndarray of shape (H, W), (H, W, 3) in RGB or (H, W, 4) in RGBA order
    suffix : str
        ".png", ".tif" and ".bmp" keep every value; ".jpg" and ".webp" are lossy (quality 95).

    Raises
    ------
    ArgumentError
        If the suffix is of no such format, or of one that has no alpha and there is some.
    """
    import cv2

    ending = _ALIKE.get(suffix.lower(), suffix.lower())
    if ending not in _PICTURES:
        wrong = f"that ends in {suffix}" if suffix else "without an ending"
        raise ArgumentError(
            f"A picture cannot be written to a name {wrong}; choose {', '.join(_PICTURES)}."
        )
    if pixels.shape[2:] == (4,) and ending not in _WITH_ALPHA:
        raise ArgumentError(f"A {ending} file has no transparency, the picture has; choose .png.")
    if ending == ".webp" and max(pixels.shape[:2]) > WEBP_LIMIT_PX:
        raise ArgumentError(f"WebP ends at {WEBP_LIMIT_PX} pixels a side; choose .png.")
    options = [getattr(cv2, o) if isinstance(o, str) else o for o in _PICTURES[ending]]
    _, data = cv2.imencode(ending, _in_opencv_order(pixels), options)
    return bytes(data)


def encode_picture(rgb: Pixels, suffix: str, alpha: Pixels | None = None) -> bytes:
    """`encode_pixels` of `rgb` with `alpha`, which is left out where it hides nothing."""
    if alpha is None or (alpha == 255).all():
        return encode_pixels(rgb, suffix)
    return encode_pixels(np.dstack([rgb, alpha]), suffix)


def _in_opencv_order(pixels: Pixels) -> Any:
    import cv2

    if pixels.ndim == 2:
        return pixels
    code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return cv2.cvtColor(pixels, code)
