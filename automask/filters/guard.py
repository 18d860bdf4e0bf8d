"""Filters that let regions pass or ask for a person: expect, limit.

A guard that is not met raises `NeedsReview`, which is a decision and not a failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from automask import maskops
from automask.arguments import written
from automask.errors import ArgumentError, NeedsReview
from automask.filters.base import FILTERS, Filter, Scene
from automask.kinds import AreaRange, LengthRange, NumberRange
from automask.types import Image, Region
from automask.values import Range, format_number

NEXT = "look at the image, or change the rule."


@FILTERS.register("expect")
@dataclass(frozen=True)
class Expect(Filter):
    """All regions, if there are this many; otherwise the image goes to review."""

    count: NumberRange
    group: ClassVar[str] = "guard"
    example: ClassVar[str] = "grid(3, 2):expect(6)"
    reducible: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _check_whole(self, self.count)

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:  # noqa: ARG002
        """The regions as they are.

        Raises
        ------
        NeedsReview
            If their number is out of the range.
        """
        if not self.count.holds(len(regions)):
            raise NeedsReview(f"expect({written(self)}) found {_regions(len(regions))}; {NEXT}")
        return list(regions)


@FILTERS.register("limit")
@dataclass(frozen=True)
class Limit(Filter):
    """All regions, if their common area, count, width and height are in range; else a review.

    `area` is that of all pixels selected (in px, or in percent of the image), `width` and
    `height` those of the box around them (in px, or in percent of the image's shorter side).
    """

    area: AreaRange | None = None
    count: NumberRange | None = None
    width: LengthRange | None = None
    height: LengthRange | None = None
    group: ClassVar[str] = "guard"
    example: ClassVar[str] = "ellipse(20%, 20%, 40%, 50%):limit(area=1%..40%)"

    def __post_init__(self) -> None:
        if not any((self.area, self.count, self.width, self.height)):
            raise ArgumentError(
                "limit() limits nothing; give area, count, width or height, such as "
                "limit(area=1%..40%)."
            )
        if self.count:
            _check_whole(self, self.count)

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions as they are.

        Raises
        ------
        NeedsReview
            If a measure is out of its range.
        """
        if self.count and not self.count.holds(len(regions)):
            raise self._review(_regions(len(regions)))
        if self.area:
            self._check_area(regions, scene.image)
        box = maskops.box_around(regions)
        for name, wanted, length_px in (
            ("width", self.width, box.width),
            ("height", self.height, box.height),
        ):
            if wanted and not wanted.of(scene.image.shorter).holds(length_px):
                size = _measured(length_px, scene.image.shorter)
                raise self._review(f"a selection with a {name} of {size}")
        return list(regions)

    def irreducible(self) -> str:
        """A count is one of regions, and small ones may be gone."""
        return f"{self.name} counts regions." if self.count else ""

    def _check_area(self, regions: Sequence[Region], image: Image) -> None:
        whole_px = image.height * image.width
        area_px = int(maskops.union(regions, image.shape).sum())
        if self.area and not self.area.of(whole_px).holds(area_px):
            raise self._review(f"a selection with an area of {_measured(area_px, whole_px)}")

    def _review(self, found: str) -> NeedsReview:
        return NeedsReview(f"limit({written(self)}) found {found}; {NEXT}")


def _check_whole(guard: Filter, count: Range) -> None:
    ends = [end for end in (count.lo, count.hi) if end is not None]
    if not all(end >= 0 and end == int(end) for end in ends):
        raise ArgumentError(
            f"{guard.name}({written(guard)}) counts regions; give whole numbers, such as 1..3."
        )


def _regions(count: int) -> str:
    return f"{count} region" + ("" if count == 1 else "s")


def _measured(value_px: int, whole_px: int) -> str:
    percent = float(format(100 * value_px / whole_px, ".4g"))
    return f"{value_px}px ({format_number(percent)}%)"
