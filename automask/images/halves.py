"""Pictures made smaller by halves."""

from __future__ import annotations

from automask.types import Pixels


def halved(rgb: Pixels, long_side_px: int) -> Pixels:
    """The picture in half its size, again and again while its longer side is not below a length.

    OpenCV takes means of four pixels in a seventh of the time that it takes over parts of pixels.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    long_side_px : int
        The longer side of what comes back is at least this, and less than twice; that of a smaller
        picture is its own.
    """
    import cv2

    while max(rgb.shape[:2]) >= 2 * long_side_px:
        height, width = (max(1, side // 2) for side in rgb.shape[:2])
        even = rgb[: 2 * height, : 2 * width]
        rgb = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
    return rgb
