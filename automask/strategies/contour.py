"""Shapes found by their outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from automask.kinds import Area, Length, Share
from automask.segmentation.cells import Cells, cells
from automask.segmentation.outline import Kind, likeness
from automask.strategies.base import STRATEGIES, Strategy
from automask.strategies.edges import Edges, edge_lines
from automask.types import Bits, Box, Image, Pixels, Region, reading_order
from automask.values import Quantity

WORKING_PX = 1600  # the long side beyond which outlines are looked for in a smaller picture
LINE_PX = 5  # what is thinner on average, in the picture that was looked at, is a line, not a shape
SAME = 0.9  # the overlap from which two outlines are the two sides of one line


@STRATEGIES.register("contour")
@dataclass(frozen=True)
class Contour(Strategy):
    """Shapes with a closed outline, filled, one region each; a shape inside another is its own.

    Parameters
    ----------
    kind : str
        any, circle, ellipse, triangle, square, rectangle (both at any angle), quad (four corners).
    min : Quantity
        The smallest area of a shape.
    gap : Quantity
        How wide a gap in an outline is bridged; raise it when a plain shape is not found.
    like : float
        How much a shape must overlap the nearest figure of its kind.
    sensitivity : float
        How faint an outline may be, as in `edges`.

    Notes
    -----
    The picture is cut along the lines of `edges`; each part with its holes filled is a shape, and
    so is each hole of a part. The two sides of one line count once, as the outer one, and
    what is thinner than five pixels is a line itself. What the border of the image cuts off is not
    closed. The score is the likeness to `kind`.
    """

    kind: Kind = "any"
    min: Area = Quantity(0.1, "%")
    gap: Length = Quantity(0.6, "%")
    like: Share = 0.9
    sensitivity: Share = 0.5
    group: ClassVar[str] = "shape"
    example: ClassVar[str] = "contour(circle):largest"

    def find(self, image: Image) -> list[Region]:
        """The shapes, in reading order."""
        least_px = max(1.0, self.min.of(image.height * image.width))
        line_px = LINE_PX * max(1.0, max(image.shape) / WORKING_PX)
        found = distinct(shapes(self._cells(image), least_px, line_px))
        return reading_order([told for region in found for told in self._judged(region)])

    def _cells(self, image: Image) -> Cells:
        small = image.reduced(WORKING_PX)
        scale = min(small.shape[:2]) / image.shorter
        smooth_px = Edges().smooth.of(image.shorter) * scale
        lines = edge_lines(small, self.sensitivity, smooth_px)
        return cells(small, lines, self.gap.of(image.shorter) * scale, image.rgb)

    def _judged(self, region: Region) -> list[Region]:
        """The region with its label and score, if it is of the kind that is looked for."""
        score = 1.0 if self.kind == "any" else likeness(region.mask, self.kind)
        if self.kind != "any" and score < self.like:
            return []
        return [Region(region.mask, region.box, self.name, score, self.name, area=region.area)]


def shapes(found: Cells, least_px: float, line_px: float) -> list[Region]:
    """The filled cells that the border does not cut, and the holes of every cell.

    Parameters
    ----------
    found : Cells
    least_px : float
        The smallest area of a shape.
    line_px : float
        The smallest mean width of a shape.
    """
    kept: list[Region] = []
    for number in found.large(least_px):
        box, cut = found.box(number), found.at_border(number)
        cell = (found.labels[box.slices] == number).view(np.uint8)
        for outline, is_hole in _outlines(cell):
            if (is_hole or not cut) and _width_px(outline) >= line_px:
                kept += _filled(outline, is_hole, cell, box)
    return [region for region in kept if region.area >= least_px]


def _outlines(cell: Pixels) -> list[tuple[Any, bool]]:
    """The outlines of `cell`, and whether each is that of a hole."""
    import cv2

    outlines, tree = cv2.findContours(cell, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return [(o, parent >= 0) for o, parent in zip(outlines, tree[0, :, 3].tolist(), strict=True)]


def _width_px(outline: Any) -> float:
    """The mean width of what `outline` encloses: that of a long rectangle as large and as long."""
    import cv2

    half_way_px = cv2.arcLength(outline, closed=True) / 2
    # The outline joins the centres of pixels, and so leaves out half a pixel on either side.
    return 1 + float(cv2.contourArea(outline) / max(half_way_px, 1))


def _filled(outline: Any, is_hole: bool, cell: Pixels, box: Box) -> list[Region]:
    """What `outline`, in a crop with `box`, encloses."""
    import cv2

    x, y, width, height = cv2.boundingRect(outline)
    canvas = np.zeros((height, width), np.uint8)
    cv2.drawContours(canvas, [outline], -1, 1, cv2.FILLED, offset=(-x, -y))
    if is_hole:  # its outline runs on the pixels around it
        canvas &= 1 - cell[y : y + height, x : x + width]
    return Region.of(canvas.view(np.bool_), (box.x0 + x, box.y0 + y))


def distinct(found: Sequence[Region]) -> list[Region]:
    """`found`, the largest first, without those that are nearly the same as a larger one."""
    kept: list[Region] = []
    for region in sorted(found, key=lambda r: -r.area):
        if not any(_same(other, region) for other in kept):
            kept.append(region)
    return kept


def _same(large: Region, small: Region) -> bool:
    if small.area < SAME * large.area:  # most pairs are told apart without looking at a pixel
        return False
    common = large.box.overlap(small.box)
    if common.area < SAME * large.area:
        return False
    both = int(np.count_nonzero(_part(large, common) & _part(small, common)))
    return both >= SAME * (large.area + small.area - both)


def _part(region: Region, box: Box) -> Bits:
    """The mask of `region` in `box`, which lies inside its own."""
    x, y = region.box.x0, region.box.y0
    return region.mask[box.y0 - y : box.y1 - y, box.x0 - x : box.x1 - x]
