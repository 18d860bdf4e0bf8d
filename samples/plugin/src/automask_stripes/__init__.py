"""A strategy that needs no model and a filter that needs no image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from automask.errors import ArgumentError
from automask.filters.base import FILTERS, Filter, Scene
from automask.kinds import Count, Length
from automask.strategies.base import STRATEGIES, Strategy
from automask.types import Box, Image, Region


@STRATEGIES.register("stripes")
@dataclass(frozen=True)
class Stripes(Strategy):
    """Every other upright stripe of the image, beginning at its left edge."""

    width: Length
    group: ClassVar[str] = "shape"
    example: ClassVar[str] = "stripes(20px)"

    def __post_init__(self) -> None:
        if not self.width.value:
            raise ArgumentError("stripes(0) has no stripes; give a width such as 20px or 10%.")

    def find(self, image: Image) -> list[Region]:
        """One region a stripe, from left to right."""
        width_px = max(1, round(self.width.of(image.width)))
        return [
            self._stripe(Box(x0, 0, min(x0 + width_px, image.width), image.height))
            for x0 in range(0, image.width, 2 * width_px)
        ]

    def _stripe(self, box: Box) -> Region:
        return Region(np.ones((box.height, box.width), bool), box, self.name, 1.0, self.name)


@FILTERS.register("thinned")
@dataclass(frozen=True)
class Thinned(Filter):
    """Only the first of every so many regions."""

    keep: Count = 2
    group: ClassVar[str] = "pick"
    example: ClassVar[str] = "stripes(10px):thinned(3)"

    def __post_init__(self) -> None:
        if self.keep < 1:
            raise ArgumentError(f"thinned({self.keep}) keeps nothing; give 1 or more.")

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """The regions number 0, keep, 2 * keep and so on."""
        return list(regions[:: self.keep])
