"""`plate`: the number plates of cars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from automask.kinds import Share
from automask.networks.lpd import LEAST, Floats, plates
from automask.strategies.base import STRATEGIES, Strategy
from automask.types import Bits, Box, Image, Region, reading_order
from automask.weights import Weights, choose

SCORE = 0.8  # as its authors use it


@STRATEGIES.register("plate")
@dataclass(frozen=True)
class Plate(Strategy):
    """Number plates of cars, by their four corners; trained on plates of China.

    Notes
    -----
    LPD-YuNet of OpenCV Zoo sees 320 x 240 pixels, of which a plate has to take about 3 % of the
    width: the picture as a whole and, where it is large, tiles of it. A score below 30 % changes
    nothing.
    """

    score: Share = SCORE
    model: str | None = None
    group: ClassVar[str] = "things"
    example: ClassVar[str] = "plate:grow(2px)"
    needs: ClassVar[str] = "a number plate detection model"
    models: ClassVar[tuple[str, ...]] = ("lpd_yunet",)

    def weights(self) -> tuple[Weights, ...]:
        """The file of the detector."""
        return (choose(self.models, self.model, of=self.name),)

    def find(self, image: Image) -> list[Region]:
        """One region a plate."""
        (weights,) = self.weights()
        found, regions = plates(image, weights), []
        for corners, score in zip(found.corners, found.scores, strict=True):
            if score >= max(self.score, LEAST):
                mask, place = quad(corners, image.shape)
                sure = min(float(score), 1.0)
                regions += Region.of(mask, place, label=self.name, score=sure, source=self.name)
        return reading_order(regions)


def quad(corners: Floats, shape: tuple[int, int]) -> tuple[Bits, tuple[int, int]]:
    """The pixels of an image of `shape` between four `corners`, in any order, and their place.

    >>> mask, place = quad(np.float32([[2, 1], [6, 1], [2, 3], [6, 3]]), (4, 9))
    >>> mask.astype(int).tolist(), place
    ([[1, 1, 1, 1], [1, 1, 1, 1]], (2, 1))
    """
    import cv2

    hull = cv2.convexHull(corners.astype(np.float32))[:, 0].astype(np.float64)
    low, high = np.floor(hull.min(0)).astype(int), np.ceil(hull.max(0)).astype(int)
    box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1])).clipped(shape)
    y, x = np.mgrid[box.slices] + 0.5
    sides = [
        (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])
        for p, q in zip(hull, np.roll(hull, -1, axis=0), strict=True)
    ]
    # A pixel is inside when its centre lies on the same side of every edge.
    inside = np.all(np.array(sides) >= 0, axis=0) | np.all(np.array(sides) <= 0, axis=0)
    return inside & (len(hull) > 2), (box.x0, box.y0)
