"""`face`, `eyes`, `mouth`: what one detector of faces and landmarks gives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from automask.kinds import Share
from automask.networks import faces
from automask.segmentation.face import Placed, eye_ovals, face_mask, mouth_oval
from automask.strategies.base import STRATEGIES, Strategy
from automask.types import Image, Region, reading_order
from automask.weights import Weights, choose

Landmarks = NDArray[np.float32]


@dataclass(frozen=True)
class OfFaces(Strategy):
    """A strategy that gives something of each face.

    Parameters
    ----------
    score : float, optional
        How sure the detector has to be, 0 to 1.
    model : str, optional
        The one to use of `models`.
    """

    score: Share | None = None
    model: str | None = None
    group: ClassVar[str] = "things"
    needs: ClassVar[str] = "a face detection model"
    models: ClassVar[tuple[str, ...]] = faces.MODELS

    def weights(self) -> tuple[Weights, ...]:
        """The file of the detector."""
        return (choose(self.models, self.model, of=self.name),)

    def find(self, image: Image) -> list[Region]:
        """The regions of all faces, in reading order."""
        (weights,) = self.weights()
        least = faces.SCORES[weights.model.family] if self.score is None else self.score
        found = faces.faces(image, weights).above(least)
        regions = []
        for box, points, score in zip(found.boxes, found.points, found.scores, strict=True):
            for mask, place in self.parts(image, box, points):
                sure = min(max(float(score), 0.0), 1.0)
                regions += Region.of(mask, place, label=self.name, score=sure, source=self.name)
        return reading_order(regions)

    @abstractmethod
    def parts(self, image: Image, box: Landmarks, points: Landmarks) -> Iterable[Placed]:
        """Masks and places of what is given of one face; `points` is of shape (5, 2)."""


@STRATEGIES.register("face")
@dataclass(frozen=True)
class Face(OfFaces):
    """Faces, from the hairline to the chin; `:box` gives their boxes.

    One region a face, without hair and ears as far as colours tell; small ones are ovals. Faces
    from about 2 % of the longer side of the picture are found, also with a mask and in profile; in
    a picture on its side or its head less surely, and with eyes and mouth in the wrong place.

    Notes
    -----
    YuNet (Wu et al. 2023) sees the picture at two to four sizes; where it is not to be had,
    CenterFace (Xu et al. 2020) sees it at one. The outline is a superellipse turned with the
    landmarks, which GrabCut (Rother et al. 2004) then brings to the edge of hair and collar.
    """

    example: ClassVar[str] = "face:largest"

    def parts(self, image: Image, box: Landmarks, points: Landmarks) -> Iterable[Placed]:
        """The face."""
        return [face_mask(image.rgb, box, points)]


@STRATEGIES.register("eyes")
@dataclass(frozen=True)
class Eyes(OfFaces):
    """The eyes of each face with their lids, one region an eye.

    Ovals at the detector's landmarks, sized by the distance of the eyes and turned with the face.
    """

    example: ClassVar[str] = "eyes:grow(4px)"

    def parts(self, image: Image, box: Landmarks, points: Landmarks) -> Iterable[Placed]:  # noqa: ARG002
        """The eyes."""
        return [oval.mask(image.shape) for oval in eye_ovals(points)]


@STRATEGIES.register("mouth")
@dataclass(frozen=True)
class Mouth(OfFaces):
    """The mouth of each face.

    An oval between the detector's landmarks at its corners, turned with the face.
    """

    example: ClassVar[str] = "mouth"

    def parts(self, image: Image, box: Landmarks, points: Landmarks) -> Iterable[Placed]:  # noqa: ARG002
        """The lips and what is between them."""
        return [mouth_oval(points).mask(image.shape)]
