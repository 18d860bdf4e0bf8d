"""Filters that change what counts as one region: split, merge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from automask import maskops
from automask.filters.base import FILTERS, Filter, Scene
from automask.types import Region


@FILTERS.register("split")
@dataclass(frozen=True)
class Split(Filter):
    """One region for each connected part of a region; pixels connect across corners too.

    The parts stand where the region stood, in reading order, with its label, score and source.
    """

    group: ClassVar[str] = "group"
    example: ClassVar[str] = "(all - rect(40%, 0, 20%, 100%)):split[1]"
    distributes: ClassVar[bool] = True

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """The parts of all regions."""
        return [part for region in regions for part in _parts(region)]


def _parts(region: Region) -> list[Region]:
    parts = maskops.split(region.mask)
    if len(parts) == 1:
        return [region]
    x, y = region.box.x0, region.box.y0
    return [cut for p in parts for cut in region.reshaped(p.mask, (x + p.box.x0, y + p.box.y0))]


@FILTERS.register("merge")
@dataclass(frozen=True)
class Merge(Filter):
    """All regions as one.

    It keeps a label or source that they all have (else they are empty), and the lowest score.
    """

    group: ClassVar[str] = "group"
    example: ClassVar[str] = "grid(3, 2)[0:2]:merge"
    distributes: ClassVar[bool] = True

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """One region, or none if there is none."""
        if len(regions) < 2:
            return list(regions)
        return Region.of(
            maskops.union(regions, scene.image.shape),
            label=_common(regions, lambda region: region.label),
            score=min(region.score for region in regions),
            source=_common(regions, lambda region: region.source),
        )


def _common(regions: Sequence[Region], text: Callable[[Region], str]) -> str:
    texts = {text(region) for region in regions}
    return texts.pop() if len(texts) == 1 else ""
