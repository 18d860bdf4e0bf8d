"""`text`: lettering, found by a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from automask import maskops, weights
from automask.kinds import Share
from automask.networks.dbnet import Line
from automask.networks.lettering import MOST_TILES, lines
from automask.strategies.base import STRATEGIES, Strategy
from automask.types import Box, Image, Region, reading_order
from automask.weights import Weights

LEAST_SCORE = 0.65
AREA_PX = 950_000  # of the copy that the network looks at
FAST_AREA_PX = 350_000
SUBPIXEL_BITS = 4  # corners are drawn to a sixteenth of a pixel


@STRATEGIES.register("text")
@dataclass(frozen=True)
class Text(Strategy):
    """Lettering, one region a line or word.

    A region is the whole line, with the ground between its letters. The label is "text", the score
    how sure the network is; `score` (65% when it is not given) is the least that is taken. Small
    letters of a large picture are looked at again, closer. ``fast`` looks once, at a copy of less
    than half the size: a third of the time, and more small letters missed.
    """

    score: Share | None = None
    model: str | None = None
    fast: bool = False
    group: ClassVar[str] = "things"
    example: ClassVar[str] = "text & rect(0, 80%, 100%, 20%)"
    needs: ClassVar[str] = "a text detection model"
    models: ClassVar[tuple[str, ...]] = ("ppocr6_small", "ppocr3_en")

    def find(self, image: Image) -> list[Region]:
        """The lines and words, each with its score."""
        least = LEAST_SCORE if self.score is None else self.score
        look = (FAST_AREA_PX, 0) if self.fast else (AREA_PX, MOST_TILES)
        found = lines(image, self._chosen(), *look)
        regions = [_region(line, image.shape) for line in found if line.score >= least]
        return reading_order([region for some in regions for region in some])

    def weights(self) -> tuple[Weights, ...]:
        """The file of the model."""
        return (self._chosen(),)

    def _chosen(self) -> Weights:
        return weights.choose(self.models, self.model, of=self.name)


def _region(line: Line, shape: tuple[int, int]) -> list[Region]:
    """The pixels of a line in an image of `shape` (H, W): its outline, grown."""
    import cv2

    x0, y0 = np.floor(line.outline.min(axis=0)).astype(int).tolist()
    x1, y1 = np.ceil(line.outline.max(axis=0)).astype(int).tolist()
    box = Box(x0, y0, x1 + 1, y1 + 1).padded(math.ceil(line.grown_px) + 1, shape)
    canvas = np.zeros((box.height, box.width), np.uint8)
    corners = (line.outline - (box.x0, box.y0)) * 2**SUBPIXEL_BITS
    cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], 1, shift=SUBPIXEL_BITS)
    mask = maskops.grow(canvas.view(bool), line.grown_px)
    return Region.of(mask, (box.x0, box.y0), label="text", score=line.score, source="text")
