"""Strategies that know where, not what: rect, ellipse, polygon, border, grid, all, none.

In them "%" of an x or a width is of the image's width, of a y or a height of its height.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from automask.errors import ArgumentError
from automask.kinds import Count, Length, SignedLength
from automask.strategies.base import STRATEGIES, Strategy
from automask.types import Box, Image, Region
from automask.values import Quantity


@dataclass(frozen=True)
class _Placed(Strategy):
    """A shape in a rectangle whose top left corner is (x, y)."""

    x: SignedLength
    y: SignedLength
    w: Length
    h: Length
    group: ClassVar[str] = "shape"

    def edges(self, shape: tuple[int, int]) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) in pixels of an image of `shape` (H, W), not rounded and not clipped."""
        height, width = shape
        x, y = self.x.of(width), self.y.of(height)
        return x, y, x + self.w.of(width), y + self.h.of(height)

    def is_outside(self, shape: tuple[int, int]) -> bool:
        """Whether no pixel of an image of `shape` can be in the rectangle."""
        x0, y0, x1, y1 = self.edges(shape)
        return x0 >= shape[1] or y0 >= shape[0] or x1 <= 0 or y1 <= 0


@STRATEGIES.register("rect")
@dataclass(frozen=True)
class Rect(_Placed):
    """The rectangle with its top left corner at (x, y), w wide and h high."""

    example: ClassVar[str] = "rect(0, 80%, 100%, 20%)"
    reducible: ClassVar[bool] = True

    def find(self, image: Image) -> list[Region]:
        """The rectangle, cut to the image."""
        x0, y0, x1, y1 = (round(edge) for edge in self.edges(image.shape))
        return _filled(Box(x0, y0, x1, y1).clipped(image.shape), self.name)


@STRATEGIES.register("ellipse")
@dataclass(frozen=True)
class Ellipse(_Placed):
    """The ellipse that touches the four sides of that rectangle."""

    example: ClassVar[str] = "ellipse(25%, 25%, 50%, 50%)"
    reducible: ClassVar[bool] = True

    def find(self, image: Image) -> list[Region]:
        """The pixels whose centres lie in the ellipse."""
        x0, y0, x1, y1 = self.edges(image.shape)
        if min(x1 - x0, y1 - y0) < 1e-6:  # thinner than any pixel's centre
            return []
        across = _normalised(image.width, x0, x1)
        down = _normalised(image.height, y0, y1)
        return Region.of(down[:, None] + across <= 1, label=self.name, source=self.name)


@STRATEGIES.register("polygon")
@dataclass(frozen=True)
class Polygon(Strategy):
    """The polygon with corners x1, y1, x2, y2, ...: three corners or more, even-odd filled."""

    corners: tuple[SignedLength, ...]
    group: ClassVar[str] = "shape"
    example: ClassVar[str] = "polygon(10%, 10%, 90%, 20%, 50%, 90%)"
    reducible: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if len(self.corners) < 6 or len(self.corners) % 2:
            raise ArgumentError(
                f"polygon() got {len(self.corners)} numbers; it takes x and y of each corner, "
                "three corners or more."
            )

    def find(self, image: Image) -> list[Region]:
        """The filled polygon, cut to the image."""
        import cv2

        points = zip(self.corners[::2], self.corners[1::2], strict=True)
        # Corner (0, 0) is the outer corner of the first pixel, whose centre is at (.5, .5).
        xy = [(x.of(image.width) - 0.5, y.of(image.height) - 0.5) for x, y in points]
        limit = 4 * max(image.shape)  # keeps OpenCV's fixed point numbers from running over
        fixed = np.clip(np.array(xy), -limit, limit) * 256
        canvas = np.zeros(image.shape, np.uint8)
        cv2.fillPoly(canvas, [np.round(fixed).astype(np.int32)], 1, shift=8)
        return Region.of(canvas.view(bool), label=self.name, source=self.name)


@STRATEGIES.register("border")
@dataclass(frozen=True)
class Border(Strategy):
    """The frame of the image, as wide as said on each side."""

    width: Length = Quantity(5, "%")
    group: ClassVar[str] = "shape"
    example: ClassVar[str] = "border(8px)"
    reducible: ClassVar[bool] = True

    def find(self, image: Image) -> list[Region]:
        """One region: the frame."""
        width_px = round(self.width.of(image.shorter))
        mask = np.ones(image.shape, bool)
        mask[width_px : image.height - width_px, width_px : image.width - width_px] = False
        if not width_px:
            return []
        return Region.of(mask, label=self.name, source=self.name)


@STRATEGIES.register("grid")
@dataclass(frozen=True)
class Grid(Strategy):
    """The image cut into columns and rows, one region a cell; `grid(3, 2)[4]` is one of them."""

    cols: Count
    rows: Count
    group: ClassVar[str] = "shape"
    example: ClassVar[str] = "grid(3, 2)[0]"
    reducible: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not (1 <= self.cols <= 1000 and 1 <= self.rows <= 1000):
            raise ArgumentError(
                f"grid({self.cols}, {self.rows}) is out of reach; give 1 to 1000 columns and rows."
            )

    def find(self, image: Image) -> list[Region]:
        """The cells that have pixels, row by row."""
        xs = np.linspace(0, image.width, self.cols + 1).round().astype(int).tolist()
        ys = np.linspace(0, image.height, self.rows + 1).round().astype(int).tolist()
        cells = [Box(x0, y0, x1, y1) for y0, y1 in pairwise(ys) for x0, x1 in pairwise(xs)]
        return [region for cell in cells for region in _filled(cell, self.name)]


@STRATEGIES.register("all")
@dataclass(frozen=True)
class All(Strategy):
    """The whole image."""

    group: ClassVar[str] = "shape"
    example: ClassVar[str] = "all - border(8px)"
    reducible: ClassVar[bool] = True

    def find(self, image: Image) -> list[Region]:
        """One region: every pixel."""
        return _filled(Box(0, 0, image.width, image.height), self.name)


@STRATEGIES.register("none")
@dataclass(frozen=True)
class Nothing(Strategy):
    """Nothing; useful as a last fallback."""

    group: ClassVar[str] = "shape"
    example: ClassVar[str] = "none ?? all"
    reducible: ClassVar[bool] = True

    def find(self, image: Image) -> list[Region]:  # noqa: ARG002
        """No region."""
        return []


def _filled(box: Box, name: str) -> list[Region]:
    if not box.area:
        return []
    return [Region(np.ones((box.height, box.width), bool), box, name, 1.0, name)]


def _normalised(length: int, lo: float, hi: float) -> NDArray[Any]:
    """Squared distance of each pixel centre from the middle of lo..hi, 1 at its ends."""
    return (((np.arange(length) + 0.5) - (lo + hi) / 2) / ((hi - lo) / 2)) ** 2
