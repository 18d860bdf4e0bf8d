"""`phrase`: what words describe, by a model that was trained on pictures and their captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from automask import maskops, weights
from automask.arguments import written
from automask.errors import ArgumentError, ModelError
from automask.kinds import Share
from automask.networks import clipseg
from automask.networks.net import Floats
from automask.strategies.base import STRATEGIES, Strategy
from automask.types import Image, Region
from automask.values import quote
from automask.weights import Weights

THRESHOLD = 0.4
TOKENS = "clip_tokens"
ALL = "In all a phrase needs pip install 'automask[phrase]' and automask models pull {} {}."


@STRATEGIES.register("phrase")
@dataclass(frozen=True)
class Phrase(Strategy):
    """What a phrase describes; a quoted string alone means the same.

    A phrase that automask's vocabulary covers is compiled into a rule of other strategies before it
    comes here (`automask check` prints it), unless a threshold or a model is given.

    Parameters
    ----------
    text : str
    threshold : float, optional
        How sure the model has to be of a pixel; 40 % when left out. Less takes more.
    model : str, optional

    Notes
    -----
    CLIPSeg sees the picture at 352 x 352 pixels: what is smaller than a hundredth of its width is
    lost, and borders are soft. ``:refine`` moves them to the picture's edges.
    """

    text: str
    threshold: Share | None = None
    model: str | None = None
    group: ClassVar[str] = "words"
    example: ClassVar[str] = '"red car"'
    needs: ClassVar[str] = "an open-vocabulary model"
    models: ClassVar[tuple[str, ...]] = ("clipseg",)

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ArgumentError("A phrase cannot be empty; write what to look for.")

    def written(self) -> str:
        """The bare quoted string where there is nothing but the text."""
        alone = self.threshold is None and self.model is None
        return quote(self.text) if alone else f"phrase({written(self)})"

    def weights(self) -> tuple[Weights, ...]:
        """The network and its tokenizer.

        Raises
        ------
        ModelError
            If one of them is not here; the message names all that is needed, libraries too, so that
            nobody fetches one after the other.
        """
        try:
            return weights.choose(self.models, self.model, of="phrase"), weights.get(TOKENS)
        except ModelError as error:
            raise ModelError(f"{error} {ALL.format(self.models[0], TOKENS)}") from None

    def find(self, image: Image) -> list[Region]:
        """The connected parts of what the phrase describes; the score is how sure the model is."""
        heat = _enlarged(clipseg.heat_maps(image, [self.text], *self.weights())[self.text], image)
        least = THRESHOLD if self.threshold is None else self.threshold
        parts = maskops.split(heat >= least, label=self.text, source=self.name)
        return [
            Region(p.mask, p.box, p.label, _mean(heat[p.box.slices][p.mask]), p.source)
            for p in parts
        ]

    @classmethod
    def together(cls, image: Image, strategies: Sequence[Strategy]) -> None:
        """Compute what several phrases need in one run of each model."""
        by_model: dict[str | None, list[str]] = {}
        for strategy in strategies:
            if isinstance(strategy, Phrase):
                by_model.setdefault(strategy.model, []).append(strategy.text)
        for model, texts in by_model.items():
            clipseg.heat_maps(image, texts, *cls(texts[0], model=model).weights())


def _enlarged(heat: Floats, image: Image) -> Floats:
    import cv2

    size = image.width, image.height
    return np.asarray(cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _mean(values: Floats) -> float:
    return min(float(values.mean(dtype=np.float64)), 1.0)
