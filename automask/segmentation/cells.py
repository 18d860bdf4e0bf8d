"""A picture cut along its edge lines: which pixels an outline encloses, without those lines.

`cells` gives every pixel to exactly one cell. An edge line is one pixel wide and lies on one side
of an edge or the other, so its pixels go to whichever neighbour they look like: that is what puts
the border of a cell where the picture has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from automask.segmentation.strips import strips
from automask.types import Box, Pixels

Labels = NDArray[np.int32]
AROUND = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]


@dataclass(frozen=True, eq=False)
class Cells:
    """The parts that edge lines divide a picture into.

    Parameters
    ----------
    labels : int32 ndarray of shape (H, W)
        The number of each pixel's cell, from 1.
    boxes : int ndarray of shape (cells + 1, 4)
        x0, y0, x1, y1 of each cell; that of number 0 means nothing.
    """

    labels: Labels
    boxes: NDArray[np.int64]

    def box(self, number: int) -> Box:
        """The box of a cell."""
        return Box(*self.boxes[number].tolist())

    def at_border(self, number: int) -> bool:
        """Whether a cell reaches the border of the picture."""
        x0, y0, x1, y1 = self.box(number)
        height, width = self.labels.shape
        return x0 == 0 or y0 == 0 or x1 == width or y1 == height

    def large(self, area_px: float) -> list[int]:
        """The numbers of the cells whose boxes have at least `area_px` pixels."""
        sides = self.boxes[:, 2:] - self.boxes[:, :2]
        found = np.flatnonzero(sides.prod(axis=1) >= area_px)
        return [number for number in found.tolist() if number]


def cells(rgb: Pixels, lines: Pixels, gap_px: float, sharp: Pixels | None = None) -> Cells:
    """The cells of a picture.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    lines : uint8 ndarray of shape (H, W)
        Not 0 on an edge.
    gap_px : float
        How wide a gap in a line is bridged, up to a twentieth of the longer side.
    sharp : uint8 ndarray of shape (H', W', 3), optional
        The same picture in more pixels: the cells then have its size and follow its edges.
    """
    import cv2

    labels = _spread(_seeds(lines, gap_px), lines)
    labels = _settled(labels, cv2.medianBlur(rgb, 3))  # no odd pixels, every edge where it was
    if sharp is not None and sharp.shape != rgb.shape:
        labels = _sharpened(labels, sharp)
    return Cells(labels, _boxes(labels))


def _seeds(lines: Pixels, gap_px: float) -> Labels:
    """What the lines part when they are drawn wider by half a gap on each side; 0 on them."""
    import cv2

    reach = max(1, min(round(gap_px / 2), max(lines.shape) // 40))
    wide = cv2.dilate(lines, _disk(reach))
    # Lines so dense that they became a solid patch: the patch is a thing, not a line.
    solid = cv2.erode(wide, _disk(2 * reach + 1))
    free = cv2.compare(wide, solid, cv2.CMP_EQ)
    count, labels = cv2.connectedComponents(free, connectivity=4)
    return cast("Labels", labels) if count > 1 else np.ones(lines.shape, np.int32)


def _disk(radius_px: int) -> Any:
    import cv2

    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius_px + 1, 2 * radius_px + 1))


def _sharpened(labels: Labels, sharp: Pixels) -> Labels:
    """`labels` in the pixels of `sharp`, their borders where it has them."""
    import cv2

    sure = labels.copy()
    numbers = labels.astype(np.float32)  # exact: a picture has fewer cells than 2 ** 24
    sure[cv2.morphologyEx(numbers, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0] = 0
    large = np.empty(sharp.shape[:2], np.int32)
    across = _nearest(labels.shape[1], sharp.shape[1])
    down = _nearest(labels.shape[0], sharp.shape[0])
    margin = 4 * -(-sharp.shape[0] // labels.shape[0]) + 8  # more than an unsure border is wide
    for rows, wider, inner in strips(sharp.shape[0], margin):
        seeds = sure[down[wider]].take(across, axis=1)
        large[rows] = _flooded(seeds, cv2.medianBlur(sharp[wider], 3))[inner]
    return large


def _nearest(few: int, many: int) -> NDArray[np.intp]:
    """The index among `few` that lies at each of `many` in the same span."""
    return ((np.arange(many) + 0.5) * few / many).astype(np.intp)


def _spread(seeds: Labels, lines: Pixels) -> Labels:
    """`seeds` grown evenly until they meet, over lines last; 0 on lines where two meet."""
    import cv2

    labels = _watershed(seeds, cv2.merge([lines * 255] * 3))  # a relief that is high on lines
    meeting = cv2.dilate((labels <= 0).view(np.uint8), np.ones((3, 3), np.uint8))
    labels[meeting & lines > 0] = 0
    return labels


def _flooded(seeds: Labels, rgb: Pixels) -> Labels:
    """`seeds` with its zeros filled from around them, over like colours first."""
    return _settled(_watershed(seeds, rgb), rgb)


def _watershed(seeds: Labels, relief: Pixels) -> Labels:
    """`seeds` grown over low steps of `relief` first; -1 where two meet.

    F. Meyer, "Color image segmentation", Proc. IPA 1992, as OpenCV has it.
    """
    import cv2

    labels, padded = _framed(seeds), _framed(relief)  # OpenCV leaves a frame of one pixel undone
    return np.ascontiguousarray(cv2.watershed(padded, labels)[1:-1, 1:-1])


def _framed(array: Any) -> Any:
    import cv2

    return cv2.copyMakeBorder(array, 1, 1, 1, 1, cv2.BORDER_REPLICATE)


def _settled(labels: Labels, rgb: Pixels) -> Labels:
    """`labels` with each pixel that has none given that of its most alike neighbour."""
    labels, rgb = _framed(labels), _framed(rgb)
    labels[[0, -1]], labels[:, [0, -1]] = 0, 0  # the frame has nothing to give
    left = labels.size
    while 0 < (now := _settle(labels, rgb)) < left:
        left = now
    return labels[1:-1, 1:-1]


def _settle(labels: Labels, rgb: Pixels) -> int:
    """Give each pixel without a cell that of its most alike neighbour; how many stay without."""
    width = labels.shape[1]
    flat = labels.reshape(-1)  # neighbours are a fixed way apart, also over the frame
    at = np.flatnonzero(labels <= 0)
    at = at[_inside(at, labels.shape)]
    colours = rgb.reshape(-1, 3)
    own = colours.take(at, axis=0).astype(np.int16)
    best, chosen = np.full(len(at), np.iinfo(np.int16).max), np.zeros(len(at), np.int32)
    for dy, dx in AROUND:
        beside = at + (dy * width + dx)
        there = flat.take(beside)
        red, green, blue = np.abs(own - colours.take(beside, axis=0)).T
        far = red + green + blue
        nearer = (there > 0) & (far < best)
        best[nearer], chosen[nearer] = far[nearer], there[nearer]
    flat[at] = chosen
    return int(np.count_nonzero(chosen == 0))


def _inside(at: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which of the flat indices `at` do not lie on the frame of one pixel."""
    y, x = np.divmod(at, shape[1])
    inside: NDArray[np.bool_] = (y > 0) & (y < shape[0] - 1) & (x > 0) & (x < shape[1] - 1)
    return inside


def _boxes(labels: Labels) -> NDArray[np.int64]:
    """The box of each number: of the pixels at which the number changes, which are few."""
    height, width = labels.shape
    boxes = np.zeros((int(labels.max()) + 1, 4), np.int64)
    boxes[:, :2] = width, height
    for _, wider, _ in strips(height, 1):  # the rows that begin and end a strip count as a rim
        ys, xs = np.nonzero(_rim(labels[wider]))
        numbers = labels[wider][ys, xs]
        ys += wider.start
        np.minimum.at(boxes[:, 0], numbers, xs)
        np.minimum.at(boxes[:, 1], numbers, ys)
        np.maximum.at(boxes[:, 2], numbers, xs + 1)
        np.maximum.at(boxes[:, 3], numbers, ys + 1)
    boxes[boxes[:, 2] == 0] = 0
    return boxes


def _rim(labels: Labels) -> NDArray[np.bool_]:
    """The pixels beside one of another number, or at the border."""
    rim = np.zeros(labels.shape, bool)
    rim[[0, -1]], rim[:, [0, -1]] = True, True
    under = labels[1:] != labels[:-1]
    rim[1:] |= under
    rim[:-1] |= under
    beside = labels[:, 1:] != labels[:, :-1]
    rim[:, 1:] |= beside
    rim[:, :-1] |= beside
    return rim
