"""`subject` and `background`: what a picture is of, found by a network, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from automask import weights
from automask.networks.u2net import subject_map
from automask.segmentation.level import best_level
from automask.segmentation.snap import cut_at_edges
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image, read_only
from automask.weights import Weights

SEEN_PX = 256  # a second look where it is needed is better than one at 320
REACH = 2.0  # pixels of the map: how far the border may follow the picture's edges


@dataclass(frozen=True)
class _OfSubject(PixelStrategy):
    model: str | None = None
    fast: bool = False
    group: ClassVar[str] = "what stands out"
    needs: ClassVar[str] = "a subject segmentation model"
    models: ClassVar[tuple[str, ...]] = ("u2netp",)

    def weights(self) -> tuple[Weights, ...]:
        """The file of the model."""
        return (weights.choose(self.models, self.model, of=self.name),)

    def _subject(self, image: Image) -> Bits:
        (chosen,) = self.weights()
        key = "subject", chosen.path, self.fast
        return image.once(key, lambda: read_only(self._cut_out(image, chosen)))

    def _cut_out(self, image: Image, chosen: Weights) -> Bits:
        """The pixels of the subject: the network's map, cut where the picture has its edges."""
        import cv2

        seen = subject_map(image, chosen, side_px=SEEN_PX, doubting=not self.fast)
        size = image.width, image.height
        found = cv2.resize(seen, size, interpolation=cv2.INTER_LINEAR)
        radius_px = round(REACH * max(size) / SEEN_PX)
        return cut_at_edges(image.rgb, np.asarray(found), radius_px, best_level(seen))


@STRATEGIES.register("subject")
@dataclass(frozen=True)
class Subject(_OfSubject):
    """The main subject of the picture.

    What the network marks, its border moved to the picture's edges. Nothing is found where nothing
    stands out. Where the network is in doubt it looks again, once or twice, but not with `fast`.
    """

    example: ClassVar[str] = "subject:largest:grow(4px)"

    def select(self, image: Image) -> Bits:
        """The pixels of the subject."""
        return self._subject(image)


@STRATEGIES.register("background")
@dataclass(frozen=True)
class Background(_OfSubject):
    """Everything but the main subject: the same as ``!subject``."""

    example: ClassVar[str] = "background"

    def select(self, image: Image) -> Bits:
        """The pixels outside of the subject."""
        return ~self._subject(image)
