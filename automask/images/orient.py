"""The eight EXIF orientations: turning a picture upright, and back to how its file holds it.

Source: EXIF 2.32 (CIPA DC-008), tag 274.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = TypeVar("Array", bound=NDArray[Any])

_INVERSE = {6: 8, 8: 6}


def upright(stored: Array, orientation: int) -> Array:
    """A picture as it is to be seen, from the pixels as its file holds them.

    >>> import numpy as np
    >>> upright(np.array([[1, 2, 3], [4, 5, 6]], np.uint8), 6).tolist()  # a quarter turn clockwise
    [[4, 1], [5, 2], [6, 3]]
    """
    import cv2

    if orientation == 1:
        return stored
    pixels: Any = np.ascontiguousarray(stored)
    pixels = pixels.view(np.uint8) if stored.dtype == np.bool_ else pixels
    turned = {
        2: lambda: cv2.flip(pixels, 1),
        3: lambda: cv2.rotate(pixels, cv2.ROTATE_180),
        4: lambda: cv2.flip(pixels, 0),
        5: lambda: cv2.transpose(pixels),
        6: lambda: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
        7: lambda: cv2.flip(cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE), 0),
        8: lambda: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
    }[orientation]()
    result: Array = turned.view(stored.dtype)
    return result


def as_stored(seen: Array, orientation: int) -> Array:
    """The inverse of `upright`: the pixels as the file holds them."""
    return upright(seen, _INVERSE.get(orientation, orientation))
