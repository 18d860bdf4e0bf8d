"""Filters that pick regions by what they are like: largest, leftmost, best, top, sort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from automask.filters.base import FILTERS, Filter, Scene
from automask.types import Region


@FILTERS.register("largest")
@dataclass(frozen=True)
class Largest(Filter):
    """The region with the most pixels."""

    group: ClassVar[str] = "pick"
    example: ClassVar[str] = "grid(3, 2):largest"

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """The largest region; the first of them where several are."""
        return [max(regions, key=lambda r: r.area)] if regions else []
