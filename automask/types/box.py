"""A rectangle of pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from automask.types.arrays import Bits


class Box(NamedTuple):
    """A rectangle of pixels, half-open: columns x0 to x1 - 1, rows y0 to y1 - 1.

    >>> box = Box(10, 20, 40, 30)
    >>> box.width, box.height, box.area, box.centre
    (30, 10, 300, (25.0, 25.0))
    """

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Columns, in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Rows, in pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> int:
        """Pixels in the box."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box as (x, y)."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def slices(self) -> tuple[slice, slice]:
        """The index of the box in an array of shape (H, W, ...)."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def clipped(self, shape: tuple[int, int]) -> Box:
        """The part of the box inside an image of shape (H, W); of no area if outside."""
        x0, y0 = min(max(self.x0, 0), shape[1]), min(max(self.y0, 0), shape[0])
        x1, y1 = min(max(self.x1, x0), shape[1]), min(max(self.y1, y0), shape[0])
        return Box(x0, y0, x1, y1)

    def padded(self, margin_px: int, shape: tuple[int, int]) -> Box:
        """The box with `margin_px` more on each side, inside an image of shape (H, W)."""
        x0, y0, x1, y1 = self
        return Box(x0 - margin_px, y0 - margin_px, x1 + margin_px, y1 + margin_px).clipped(shape)

    def overlap(self, other: Box) -> Box:
        """The common part of two boxes; of no area where they are apart."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Box(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))


def bounding_box(mask: Bits) -> Box | None:
    """The smallest box around the True pixels of `mask`, bool of shape (H, W); None if empty.

    >>> import numpy as np
    >>> mask = np.zeros((4, 7), bool); mask[1:3, 2:6] = True
    >>> bounding_box(mask)
    Box(x0=2, y0=1, x1=6, y1=3)
    """
    import cv2

    if not mask.size:
        return None
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(mask).view(np.uint8))
    return Box(x, y, x + width, y + height) if width and height else None
