"""The face, the eyes and the mouth in a picture, from a detector's box and five landmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.images.halves import halved
from automask.maskops import fill
from automask.segmentation.graphcut import (
    PROBABLY_BACKGROUND,
    PROBABLY_OBJECT,
    SURE_BACKGROUND,
    SURE_OBJECT,
    cut,
    enlarged,
)
from automask.types import Bits, Box, Pixels

Numbers = NDArray[Any]
Placed = tuple[Bits, tuple[int, int]]  # a mask, and where in the picture its top left pixel lies

# The outline, in half widths and half heights of a detector's box: it goes higher, to the hairline.
BESIDE, ABOVE, BELOW = 0.04, 0.11, 0.02
NARROWING = 0.1  # the chin is narrower than the forehead, by this share each way from the middle
POWER = 2.15  # of the superellipse: 2 is an ellipse, more is squarer

# What a cut may change, in radii of the outline. Hair falls over the forehead and the temples, so
# less of them is sure than of cheeks and chin, where what a cut leaves out is a beard or a shadow.
SURE_ABOVE, SURE_BELOW, POSSIBLE = 0.7, 0.85, 1.14
EYE_LEVEL, MOUTH_LEVEL = -0.2, 0.3  # between these, in half heights, the one becomes the other
CUT_PX = 104  # longer side of the picture around a face that the cut sees
AROUND = 1.5  # half side of that picture, in half heights of the face
LEAST_CUT_PX, LEAST_CUT_SHARE = 40, 0.08  # a narrower face stays an oval: in pixels, of the picture
OVAL_MARGIN = 0.04  # by which that oval is larger: a detector's boxes of small faces are less exact

RATIO = 1.28  # height to width of a face that its box does not tell
LEAST_RATIO, MOST_RATIO = 1.1, 1.6

# Sizes in distances of the eyes, of which a grown face has about 63 mm
EYE_WIDTH, EYE_HEIGHT = 0.5, 0.26
MOUTH_MARGIN, MOUTH_HEIGHT, MOUTH_LOWER = 0.06, 0.46, 0.08
EYES_TO_MOUTH = 1.05  # from the eyes to the mouth, in distances of the eyes seen from the front


@dataclass(frozen=True)
class Oval:
    """An ellipse at any angle, in pixels of a picture: centre, half axes, turn in radians."""

    x: float
    y: float
    across_px: float
    down_px: float
    turn: float

    def places(self, box: Box, scale: float = 1.0) -> tuple[Numbers, Numbers]:
        """Where the pixels of `box` lie along the two axes, in half axes; two of its shape.

        A `scale` below 1 gives those of the box reduced by it.
        """
        height, width = (max(1, round(n * scale)) for n in (box.height, box.width))
        x = box.x0 - self.x + (np.arange(width) + 0.5) * box.width / width
        y = (box.y0 - self.y + (np.arange(height) + 0.5) * box.height / height)[:, None]
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return (x * cos + y * sin) / self.across_px, (y * cos - x * sin) / self.down_px

    def around(self, times: float, shape: tuple[int, int]) -> Box:
        """The part of an image of `shape` within `times` the longer half axis of the centre."""
        reach = times * max(self.across_px, self.down_px)
        low = math.floor(self.x - reach), math.floor(self.y - reach)
        return Box(*low, math.ceil(self.x + reach), math.ceil(self.y + reach)).clipped(shape)

    def mask(self, shape: tuple[int, int]) -> Placed:
        """Its pixels in an image of `shape`."""
        box = self.around(1, shape)
        across, down = self.places(box)
        return across**2 + down**2 <= 1, (box.x0, box.y0)


def face_oval(box: Numbers, points: Numbers) -> Oval:
    """The ellipse whose bounding box is `box`, turned as the landmarks say.

    Parameters
    ----------
    box : ndarray of shape (4,)
        x0, y0, x1, y1 in pixels.
    points : ndarray of shape (5, 2)
        x and y of the eyes, the nose, the corners of the mouth; the left of each two first.
    """
    x0, y0, x1, y1 = (float(edge) for edge in box)
    width, height = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
    turn = turned(points)
    # Of an ellipse, width^2 + height^2 does not depend on its turn; how they differ does.
    ratio = _ratio((height**2 - width**2) / (height**2 + width**2), math.cos(2 * turn))
    across = math.hypot(width, height) / 2 / math.hypot(1, ratio)
    return Oval((x0 + x1) / 2, (y0 + y1) / 2, across, across * ratio, turn)


def turned(points: Numbers) -> float:
    """How far a face is turned to the right in its plane, in radians, by its landmarks."""
    eyes, mouth = points[1] - points[0], points[3:].mean(0) - points[:2].mean(0)
    return math.atan2(float(eyes[1] - mouth[0]), float(eyes[0] + mouth[1]))


def _ratio(difference: float, upright: float) -> float:
    """Height to width of a face, of the difference of the squared sides of its box."""
    if abs(upright) < 0.5:  # near 45 degrees every box is square
        return RATIO
    share = min(max(difference / upright, _share(LEAST_RATIO)), _share(MOST_RATIO))
    return math.sqrt((1 + share) / (1 - share))


def _share(ratio: float) -> float:
    return (ratio**2 - 1) / (ratio**2 + 1)


def face_mask(rgb: Pixels, box: Numbers, points: Numbers) -> Placed:
    """The pixels of a face: forehead to chin, without hair and ears as far as colours tell.

    It starts from an oval that is narrower at the chin. Of a face that is large enough, GrabCut
    (Rother et al. 2004) then decides about what is near the outline.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    box, points : ndarray
        A detector's, as for `face_oval`.
    """
    oval, shape = face_oval(box, points), rgb.shape[:2]
    wide = 2 * oval.across_px
    if wide < max(LEAST_CUT_PX, LEAST_CUT_SHARE * min(shape)):
        around = oval.around(1.2 * (1 + OVAL_MARGIN), shape)
        return _radius(*oval.places(around)) <= 1 + OVAL_MARGIN, (around.x0, around.y0)
    around = oval.around(AROUND, shape)
    if not around.area:
        return np.zeros((0, 0), bool), (0, 0)
    return _cut(rgb[around.slices], oval, around), (around.x0, around.y0)


def _cut(crop: Pixels, oval: Oval, around: Box) -> Bits:
    """The face in the crop of the picture `around` it, at the size of the crop."""
    import cv2

    across, down = oval.places(around, min(1.0, CUT_PX / max(crop.shape[:2])))
    radius = _radius(across, down)
    towards_chin = np.clip((down - EYE_LEVEL) / (MOUTH_LEVEL - EYE_LEVEL), 0, 1)
    sure = SURE_ABOVE + (SURE_BELOW - SURE_ABOVE) * towards_chin
    labels = np.full(radius.shape, SURE_BACKGROUND, np.uint8)
    labels[radius < POSSIBLE] = PROBABLY_BACKGROUND
    labels[radius < 1] = PROBABLY_OBJECT
    labels[radius < sure] = SURE_OBJECT
    size = radius.shape[1], radius.shape[0]
    small = cv2.resize(halved(crop, max(size)), size, interpolation=cv2.INTER_AREA)
    return enlarged(_one_piece(cut(small, labels, 1)), crop)


def _one_piece(mask: Bits) -> Bits:
    """The largest part of `mask`, its holes filled."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8))
    if count < 2:
        return mask
    return fill(np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))))


def _radius(across: Numbers, down: Numbers) -> Numbers:
    """How far out a place is, in half axes of the oval; 1 on the outline."""
    down = (down - (BELOW - ABOVE) / 2) / (1 + (BELOW + ABOVE) / 2)
    width = (1 + BESIDE) * np.maximum(1 - NARROWING * down, 0.1)
    return np.asarray((np.abs(across / width) ** POWER + np.abs(down) ** POWER) ** (1 / POWER))


def eye_ovals(points: Numbers) -> tuple[Oval, Oval]:
    """The two eyes with their lids and lashes, the one on the left first; see `face_oval`."""
    seen, unit = _eye_distances(points)
    # The eyes of a head that looks aside come nearer to one another and get narrower.
    across = max(seen / unit, 0.4) * EYE_WIDTH * unit / 2
    left, right = (
        Oval(float(x), float(y), across, EYE_HEIGHT * unit / 2, turned(points))
        for x, y in points[:2]
    )
    return left, right


def mouth_oval(points: Numbers) -> Oval:
    """The lips; see `face_oval`."""
    unit, turn = _eye_distances(points)[1], turned(points)
    x, y = (float(n) for n in points[3:].mean(0))
    across = float(np.hypot(*(points[4] - points[3]))) / 2 + MOUTH_MARGIN * unit
    oval = Oval(x, y, across, MOUTH_HEIGHT * unit / 2, turn)
    lower = MOUTH_LOWER * unit
    return replace(oval, x=x - math.sin(turn) * lower, y=y + math.cos(turn) * lower)


def _eye_distances(points: Numbers) -> tuple[float, float]:
    """The distance of the eyes as it is seen, and as it would be from the front; in pixels."""
    seen = float(np.hypot(*(points[1] - points[0])))
    down = float(np.hypot(*(points[3:].mean(0) - points[:2].mean(0))))
    return seen, max(seen, down / EYES_TO_MOUTH, 1.0)
