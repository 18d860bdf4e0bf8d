"""`saliency`: what stands out from its surroundings, without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from automask.segmentation import saliency
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image

REDUCED_PX = 640  # longer side: enough for the map, and a copy that other strategies share


@STRATEGIES.register("saliency")
@dataclass(frozen=True)
class Saliency(PixelStrategy):
    """What stands out by its colour and is not cut off by the picture's edge; no model needed.

    Two measures of how little an area belongs to the edge of the picture, manifold ranking (Yang
    et al. 2013) and the minimum barrier distance (Zhang et al. 2015), are averaged, and GrabCut
    (Rother et al. 2004) finds the outline. Nothing is found where nothing differs visibly, nor in
    halves, stripes or an even shade.
    """

    group: ClassVar[str] = "what stands out"
    example: ClassVar[str] = "saliency:largest"
    reducible: ClassVar[bool] = True

    def select(self, image: Image) -> Bits:
        """The pixels of what stands out."""
        score = saliency.saliency_map(image.reduced(REDUCED_PX))
        return saliency.cut_out(image.rgb, score)
