"""Filters that pick regions by how they compare: largest, leftmost, best, top, sort.

Where regions are equal, the first of them in order is picked. Places are those of centroids.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from automask.errors import ArgumentError
from automask.filters.base import FILTERS, Filter, Scene
from automask.kinds import Count, Kind, Word
from automask.types import Region

Measure = Literal["area", "score", "width", "height", "x", "y"]

MEASURES: dict[str, Callable[[Region], float]] = {
    "area": lambda region: region.area,
    "score": lambda region: region.score,
    "width": lambda region: region.box.width,
    "height": lambda region: region.box.height,
    "x": lambda region: region.centroid[0],
    "y": lambda region: region.centroid[1],
}


def _descending(value: Any) -> bool:
    words = {"desc": True, "true": True, "yes": True, "asc": False, "false": False, "no": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, (Word, str)) and str(value).lower() in words:
        return words[str(value).lower()]
    raise ValueError


Descending = Annotated[
    bool,
    Kind(
        "desc, or true or false",
        _descending,
        lambda value: "true" if value else "false",
        options=("desc", "true", "false"),
    ),
]


@dataclass(frozen=True)
class _Pick(Filter):
    """Picks the one region of the lowest rank."""

    group: ClassVar[str] = "pick"
    reducible: ClassVar[bool] = False  # specks come first, last, leftmost; smaller they are gone

    @abstractmethod
    def rank(self, region: Region) -> float:
        """What is lowest for the region to pick."""

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """The picked region; the first of them where several are equal."""
        return [min(regions, key=self.rank)] if regions else []


@FILTERS.register("largest")
@dataclass(frozen=True)
class Largest(_Pick):
    """The region with the most pixels."""

    example: ClassVar[str] = "grid(3, 2):largest"
    reducible: ClassVar[bool] = True

    def rank(self, region: Region) -> float:
        """Its pixels, the most first."""
        return -region.area


@FILTERS.register("smallest")
@dataclass(frozen=True)
class Smallest(_Pick):
    """The region with the fewest pixels."""

    example: ClassVar[str] = "(all | rect(10%, 10%, 30%, 20%)):smallest"

    def rank(self, region: Region) -> float:
        """Its pixels, the fewest first."""
        return region.area


@FILTERS.register("leftmost")
@dataclass(frozen=True)
class Leftmost(_Pick):
    """The region whose centroid is farthest to the left."""

    example: ClassVar[str] = "grid(3, 2):leftmost"

    def rank(self, region: Region) -> float:
        """The x of its centroid."""
        return region.centroid[0]


@FILTERS.register("rightmost")
@dataclass(frozen=True)
class Rightmost(_Pick):
    """The region whose centroid is farthest to the right."""

    example: ClassVar[str] = "grid(3, 2):rightmost"

    def rank(self, region: Region) -> float:
        """The x of its centroid, the greatest first."""
        return -region.centroid[0]


@FILTERS.register("topmost")
@dataclass(frozen=True)
class Topmost(_Pick):
    """The region whose centroid is highest up in the image."""

    example: ClassVar[str] = "grid(3, 2):topmost"

    def rank(self, region: Region) -> float:
        """The y of its centroid."""
        return region.centroid[1]


@FILTERS.register("bottommost")
@dataclass(frozen=True)
class Bottommost(_Pick):
    """The region whose centroid is lowest down in the image."""

    example: ClassVar[str] = "grid(3, 2):bottommost"

    def rank(self, region: Region) -> float:
        """The y of its centroid, the greatest first."""
        return -region.centroid[1]


@FILTERS.register("best")
@dataclass(frozen=True)
class Best(_Pick):
    """The region with the highest score."""

    example: ClassVar[str] = "grid(3, 2):best"

    def rank(self, region: Region) -> float:
        """Its score, the highest first."""
        return -region.score


@FILTERS.register("centermost")
@dataclass(frozen=True)
class Centermost(Filter):
    """The region whose centroid is nearest to the middle of the image."""

    group: ClassVar[str] = "pick"
    example: ClassVar[str] = "grid(3, 3):centermost"
    reducible: ClassVar[bool] = False

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The picked region; the first of them where several are as near."""
        middle = scene.image.width / 2, scene.image.height / 2

        def distance(region: Region) -> float:
            x, y = region.centroid
            return (x - middle[0]) ** 2 + (y - middle[1]) ** 2

        return [min(regions, key=distance)] if regions else []


@FILTERS.register("first")
@dataclass(frozen=True)
class First(Filter):
    """The first region in order."""

    group: ClassVar[str] = "pick"
    example: ClassVar[str] = "grid(3, 2):first"
    reducible: ClassVar[bool] = False

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """The first region."""
        return list(regions[:1])


@FILTERS.register("last")
@dataclass(frozen=True)
class Last(Filter):
    """The last region in order."""

    group: ClassVar[str] = "pick"
    example: ClassVar[str] = "grid(3, 2):last"
    reducible: ClassVar[bool] = False

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """The last region."""
        return list(regions[-1:])


@FILTERS.register("top")
@dataclass(frozen=True)
class Top(Filter):
    """The k regions with the greatest area, score, width, height, x or y; the greatest first."""

    k: Count
    by: Measure = "area"
    group: ClassVar[str] = "pick"
    example: ClassVar[str] = "grid(3, 2):top(2)"

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ArgumentError(f"top({self.k}) picks nothing; give 1 or more.")

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """At most k regions, sorted."""
        return sorted(regions, key=MEASURES[self.by], reverse=True)[: self.k]

    def irreducible(self) -> str:
        """Specks have no large area, but they may be the leftmost."""
        return "" if self.by == "area" else f"{self.name} by {self.by} needs the whole picture."


@FILTERS.register("sort")
@dataclass(frozen=True)
class Sort(Filter):
    """All regions in order of area, score, width, height, x or y; the lowest first, or last."""

    by: Measure
    desc: Descending = False
    group: ClassVar[str] = "pick"
    example: ClassVar[str] = "grid(3, 2):sort(x)[0:2]"
    distributes: ClassVar[bool] = True
    keeps_count: ClassVar[bool] = True

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """The regions in their new order; equal ones keep the old one."""
        return sorted(regions, key=MEASURES[self.by], reverse=self.desc)
