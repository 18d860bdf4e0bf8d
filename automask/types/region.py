"""A part of an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.types.arrays import Bits, read_only
from automask.types.box import Box, bounding_box


class Region:
    """A part of an image: a mask crop and its place, a label, a score and what found it.

    The box is exactly as large as the selected pixels need; a region has at least one.

    Parameters
    ----------
    mask : bool ndarray of shape (box.height, box.width)
    box : Box
        Where the crop lies in the image.
    label : str
        What it is, in words; the name of the strategy when it knows no more.
    score : float
        How sure the source is, 0 to 1.
    source : str
        The strategy that found it.

    Notes
    -----
    Use `Region.of` for a mask that may be larger than its pixels need, or empty, and
    `Region.labelled` for the parts of a label image: those cut their mask when it is asked for,
    and keep that image as `labels` (None for other regions) with their own number as `value`.
    """

    __slots__ = ("_area", "_mask", "box", "label", "labels", "score", "source", "value")

    def __init__(
        self,
        mask: Bits | None,
        box: Box,
        label: str = "",
        score: float = 1.0,
        source: str = "",
        *,
        area: int | None = None,
    ) -> None:
        self._mask = None if mask is None else read_only(mask)
        self.labels: NDArray[Any] | None = None
        self.value = 0
        self._area = area
        self.box = box
        self.label = label
        self.score = score
        self.source = source

    @classmethod
    def of(
        cls,
        mask: Bits,
        offset: tuple[int, int] = (0, 0),
        *,
        label: str = "",
        score: float = 1.0,
        source: str = "",
    ) -> list[Region]:
        """A list with the region of `mask`, trimmed to its pixels; an empty list if it has none.

        Parameters
        ----------
        mask : bool ndarray of shape (h, w)
        offset : (x, y)
            Where the crop's top left pixel lies in the image.
        """
        box = bounding_box(mask)
        if box is None:
            return []
        x, y = offset
        placed = Box(box.x0 + x, box.y0 + y, box.x1 + x, box.y1 + y)
        return [cls(mask[box.slices], placed, label, score, source)]

    @classmethod
    def labelled(
        cls, labels: NDArray[Any], value: int, box: Box, area: int, *, label: str, source: str
    ) -> Region:
        """The region of the pixels of `labels`, of shape (H, W), that equal `value`."""
        region = cls(None, box, label, 1.0, source, area=area)
        region.labels, region.value = labels, value
        return region

    @property
    def mask(self) -> Bits:
        """The selected pixels inside the box: read-only bool of shape (box.height, box.width)."""
        if self._mask is None:
            assert self.labels is not None  # noqa: S101  (one of the two is always there)
            self._mask = read_only(self.labels[self.box.slices] == self.value)
        return self._mask

    @property
    def area(self) -> int:
        """Selected pixels."""
        if self._area is None:
            self._area = int(np.count_nonzero(self.mask))
        return self._area

    @property
    def centroid(self) -> tuple[float, float]:
        """The mean place of the selected pixels as (x, y); pixel centres lie at halves."""
        mask = self.mask
        across, down = mask.sum(0), mask.sum(1)
        x = float(across @ np.arange(mask.shape[1])) / self.area
        y = float(down @ np.arange(mask.shape[0])) / self.area
        return self.box.x0 + x + 0.5, self.box.y0 + y + 0.5

    def reshaped(self, mask: Bits, offset: tuple[int, int]) -> list[Region]:
        """The region with another mask (see `Region.of`): label, score and source stay."""
        return Region.of(mask, offset, label=self.label, score=self.score, source=self.source)

    def __reduce__(self) -> tuple[type[Region], tuple[Any, ...]]:
        return type(self), (self.mask, self.box, self.label, self.score, self.source)

    def __repr__(self) -> str:
        return (
            f"Region({self.label!r}, score={self.score:.3g}, box={tuple(self.box)}, "
            f"area={self.area}, source={self.source!r})"
        )


def reading_order(regions: Sequence[Region]) -> list[Region]:
    """`regions` by the top of the box, then its left, then the higher score."""
    return sorted(regions, key=lambda r: (r.box.y0, r.box.x0, -r.score))
