"""`point`: the thing at a place in the picture, without a model or with one that is here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from automask.kinds import Length
from automask.segmentation.graphcut import enlarged
from automask.segmentation.point import part_at, thing_at
from automask.strategies.base import STRATEGIES, Strategy
from automask.strategies.flood import pixel_at
from automask.types import Bits, Image, Region

if TYPE_CHECKING:
    from automask.weights import Weights

REDUCED_PX = 160  # longer side of the copy on which the thing is found


@STRATEGIES.register("point")
@dataclass(frozen=True)
class Point(Strategy):
    """The thing at (x, y), in one piece; no model needed.

    It starts from the surface of one colour around the point, and GrabCut (Rother et al. 2004)
    decides how far the thing goes beyond it. A thing of several colours may come back in part:
    ``point(50%, 30%) | point(50%, 60%)`` adds another part. A point outside a picture selects
    nothing there, so that one rule can go over pictures of many sizes; where nothing else is
    selected either, that is said.

    Where the file of EfficientSAM is on this machine (``automask models pull efficientsam_ti``), it
    says what the thing is, in all its colours; the mask's record names it. With
    ``model="efficientsam_ti"`` it always does, and is fetched if it is not here.
    """

    x: Length
    y: Length
    model: str | None = field(default=None, kw_only=True)
    group: ClassVar[str] = "what stands out"
    example: ClassVar[str] = "point(50%, 40%):grow(2px)"

    def __post_init__(self) -> None:
        if self.model is not None:
            from automask.networks import efficientsam

            efficientsam.check_pin(self.model, of=self.name)

    def find(self, image: Image) -> list[Region]:
        """One region; none where the point lies outside the image."""
        if self.is_outside(image.shape):
            return []
        x, y = pixel_at(self.x, image.width), pixel_at(self.y, image.height)
        held = self._model()
        return Region.of(_thing(image, x, y, held), label=self.name, source=self.name)

    def is_outside(self, shape: tuple[int, int]) -> bool:
        """Whether an image of `shape` has no such pixel."""
        return pixel_at(self.x, shape[1]) >= shape[1] or pixel_at(self.y, shape[0]) >= shape[0]

    def weights(self) -> tuple[Weights, ...]:
        """EfficientSAM, where it is here or pinned."""
        held = self._model()
        return () if held is None else (held,)

    def took_part(self, image: Image) -> tuple[Weights, ...]:
        """EfficientSAM, where it is here and the point lies in the image."""
        return () if self.is_outside(image.shape) else self.weights()

    def _model(self) -> Weights | None:
        from automask.networks import efficientsam

        return efficientsam.held(self.model)


def _thing(image: Image, x: int, y: int, held: Weights | None) -> Bits:
    """The thing at a pixel, at the size of the image; bool of shape (H, W)."""
    if held is not None:
        from automask.networks import efficientsam

        found = efficientsam.at_point(image, x + 0.5, y + 0.5, held)
        if found[y, x]:
            return part_at(found, x, y)
    return _alike(image, x, y)


def _alike(image: Image, x: int, y: int) -> Bits:
    """The thing at a pixel by its colours, at the size of the image; bool of shape (H, W)."""
    small = image.reduced(REDUCED_PX)
    rows, columns = (
        np.arange(length) * reduced // length
        for length, reduced in zip(image.shape, small.shape[:2], strict=True)
    )
    found = thing_at(small, int(columns[x]), int(rows[y]))
    mask = enlarged(found, image.rgb)
    if not mask[y, x]:  # the pixel lies on the other side of the edge that the mask moved to
        mask = found[rows[:, None], columns]
    return part_at(mask, x, y)
