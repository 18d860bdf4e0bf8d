"""`person`: found by a detector, or by faces, and cut out by a portrait network."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, TypeAlias

import numpy as np

from automask import weights
from automask.errors import ModelError
from automask.kinds import Share
from automask.networks.boxes import Detections, overlaps
from automask.networks.faces import MODELS as FACES
from automask.networks.faces import faces
from automask.networks.nanodet import detect
from automask.networks.net import Floats
from automask.networks.portrait import person_map
from automask.networks.u2net import subject_map
from automask.segmentation import people
from automask.segmentation.people import Evidence, Person, View
from automask.strategies.base import STRATEGIES, Strategy
from automask.types import Bits, Box, Image, Region, reading_order
from automask.weights import Weights

log = logging.getLogger("automask")

_Judged: TypeAlias = tuple[list[Person], tuple[Weights, ...]]
_Found: TypeAlias = tuple[list[Region], tuple[Weights, ...]]
"""What was found, and the models that ran for it."""

DETECTORS, SUBJECTS = ("nanodet_plus", "nanodet_g"), ("u2netp",)
PERSON, ANIMALS = 0, range(14, 24)  # COCO's numbers of the classes: from bird to giraffe
SAME_PLACE = 0.75  # overlap of boxes above which a person and an animal are one of the two
WORKING_PX = 640  # longer side of the copy on which people are told apart

SURE = 0.25  # score of a box
DOUBTFUL, SURE_FACE, FILLED = 0.15, 0.8, 0.15  # a box that only counts with a face, and not empty
WORTH, TAKEN = 0.02, 0.5  # of the picture, of the box: a doubtful one is large and not a sure one's
HOLLOW, HOLLOW_SCORE = 0.10, 0.5  # a box that holds less of a person counts only above this score
FACE_SCORES = {"yunet": 0.65, "centerface": 0.5}  # from which on a face alone stands for a person
# A standing person around a face, in widths and heights of it: sideways, up and down from its box
BESIDE, ABOVE, BELOW = 1.7, 0.6, 5.5
TWO_VIEWS = 4  # of the largest people; the rest, smaller, is seen once

# Fitted by logistic regression to pictures with people drawn by hand, each half tried on the other
BOXES = Evidence(-0.279, 0.521, 0, 0.384, (-0.576, -0.606, -0.066, 0.079, 0.524, 0.357), 0.2)
BOXES_FAST = Evidence(0.389, 0.410, 0, 0.562, (-1.329, -1.012, -0.085, 0.167, 0.577, 0.296), 0.2)
HEADS = Evidence(0.926, 0.367, 0.449, -0.289, (-0.385, -0.213, 0.005, -0.114, 0.137, 0.109), 0.3)
HEADS_FAST = Evidence(1.28, 0.753, 0, -1.193, (-0.183, 0.267, 0.388, -0.21, 0.035, -0.12), 0.3)


@STRATEGIES.register("person")
@dataclass(frozen=True)
class PersonStrategy(Strategy):
    """People, one region each.

    A detector finds them and a portrait network cuts each of them out; `fast` looks at all of them
    at once. Where no detector is to be had, people are found by their faces, which misses those
    who look away, and a warning says so.
    """

    score: Share | None = None
    model: str | None = None
    fast: bool = False
    group: ClassVar[str] = "things"
    example: ClassVar[str] = "person - face"
    needs: ClassVar[str] = "a person segmentation model"
    models: ClassVar[tuple[str, ...]] = ("selfie", "pphumanseg")

    def find(self, image: Image) -> list[Region]:
        """The people in reading order; the detector runs first, and alone where there is nobody."""
        found, _ = self._once(image)
        return [copy(region) for region in found]  # theirs, whatever they do to it

    def weights(self) -> tuple[Weights, ...]:
        """Those of the detector or of what stands in for it, and of the portrait network."""
        return tuple(found for found in (*self._finders(), self._portrait()) if found)

    def took_part(self, image: Image) -> tuple[Weights, ...]:
        """The detector; what was asked about its doubts; what cut out people, where it had any."""
        _, used = self._once(image)
        return used

    def _portrait(self) -> Weights:
        return weights.choose(self.models, self.model, of=self.name)

    def _finders(self) -> tuple[Weights | None, ...]:
        """A detector and, for boxes in doubt, one of faces; else one of faces and the subject."""
        first = weights.to_be_had(DETECTORS) or weights.to_be_had(FACES) or self._asked_for()
        if first.model.family == "nanodet":
            doubts = self.score is None and not self.fast
            return (first, weights.to_be_had(FACES)) if doubts else (first,)
        return (first,) if self.fast else (first, weights.to_be_had(SUBJECTS))

    def _asked_for(self) -> Weights:
        """A detector, which is not to be had.

        Raises
        ------
        ModelError
            It names all that `person` needs, so that nobody fetches one after the other.
        """
        try:
            return weights.choose((*DETECTORS, *FACES), of=self.name)
        except ModelError as error:
            pull = f"automask models pull {DETECTORS[0]} {self.model or self.models[0]}"
            raise ModelError(f"{error} In all person needs {pull}.") from None

    def _once(self, image: Image) -> _Found:
        return image.once(("people", self), lambda: self._find(image))

    def _find(self, image: Image) -> _Found:
        if self.model not in (None, *self.models):
            self._portrait()  # says so, before anything is fetched
        first, *rest = self._finders()
        assert first is not None  # noqa: S101  (the others are optional, the first is not)
        second = rest[0] if rest else None
        if first.model.family == "nanodet":
            found, used = self._by_boxes(image, first, second)
        else:
            _say_weaker()
            found, used = self._by_faces(image, first, second)
        return _regions(found, image), used

    def _by_boxes(self, image: Image, detector: Weights, heads: Weights | None) -> _Judged:
        least = SURE if self.score is None else self.score
        things = detect(image, detector, quick=self.fast)
        seen = things.of(PERSON, min(DOUBTFUL if heads else least, least))
        sure = (seen.scores >= least) & ~_rather_animals(seen, things)
        kept, used = sure, [detector]
        if heads and (asked := _in_doubt(image, seen, sure)):
            kept = sure.copy()
            kept[[i for i in asked if _has_face(image, seen.boxes[i], heads)]] = True
            used.append(heads)
        boxes, scores, sure = seen.boxes[kept], seen.scores[kept], sure[kept]
        if not len(boxes):
            return [], tuple(used)
        evidence = BOXES_FAST if self.fast else BOXES
        views = self._together(image, boxes) if self.fast else self._each(image, boxes, 0.15)
        found = _judged(image, boxes, scores, views, evidence)
        filled = np.array([_filled(p, box, image) for p, box in zip(found, boxes, strict=True)])
        due = np.where(sure, np.where(scores < HOLLOW_SCORE, HOLLOW, 0), FILLED)
        kept_people = [found[i] for i in np.flatnonzero(filled >= due)]
        return kept_people, (*used, self._portrait())

    def _by_faces(self, image: Image, heads: Weights, subject: Weights | None) -> _Judged:
        least = FACE_SCORES[heads.model.family] if self.score is None else self.score
        seen = faces(image, heads).above(least)
        boxes = np.array([_body(face) for face in seen.boxes], np.float32).reshape(-1, 4)
        height, width = image.shape
        inside = np.clip(boxes, 0, [width, height, width, height])
        shown = np.flatnonzero((inside[:, 2:] - inside[:, :2]).min(axis=1, initial=np.inf) >= 1)
        if not len(shown):
            return [], (heads,)
        views = self._each(image, inside[shown], 0.0)
        evidence = HEADS if subject else HEADS_FAST
        salient = subject_map(image, subject) if subject else None
        found = _judged(image, boxes[shown], seen.scores[shown], views, evidence, salient)
        used = heads, subject, self._portrait()
        return found, tuple(one for one in used if one)

    def _each(self, image: Image, boxes: Floats, margin: float) -> list[list[View]]:
        """Two views of each person, one with more around it; a single one of those in the back."""
        sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        large = set(np.argsort(-sizes, kind="stable")[:TWO_VIEWS].tolist())
        return [
            [self._view(image, people.grown(box, margin, image.shape, square=False))]
            + [self._view(image, people.grown(box, 0.3, image.shape, square=True))] * (i in large)
            for i, box in enumerate(boxes)
        ]

    def _together(self, image: Image, boxes: Floats) -> list[list[View]]:
        """One view of all the people."""
        around = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]
        view = self._view(image, people.grown(around, 0.15, image.shape, square=False))
        return [[view]] * len(boxes)

    def _view(self, image: Image, box: Box) -> View:
        crop = np.ascontiguousarray(image.rgb[box.slices])
        portrait = self._portrait()
        key = "person of a crop", portrait.path, box
        return View(box, image.once(key, lambda: person_map(crop, portrait)))


@lru_cache(1)  # once a process
def _say_weaker() -> None:
    log.warning(
        "person works the weaker way: no detector is to be had, so people are found by their faces "
        "and those who look away are missed. `automask models pull nanodet_plus` fetches one."
    )


def _body(face: Floats) -> list[float]:
    """The box of a standing person who has this face."""
    x0, y0, x1, y1 = face.tolist()
    width, height = x1 - x0, y1 - y0
    return [
        x0 - BESIDE * width,
        y0 - ABOVE * height,
        x1 + BESIDE * width,
        y0 + (1 + BELOW) * height,
    ]


def _rather_animals(people: Detections, found: Detections) -> Bits:
    """Which of the boxes of people are surer to be an animal's."""
    animals = found.where(np.flatnonzero(np.isin(found.classes, ANIMALS)))
    there = overlaps(people.boxes, animals.boxes) >= SAME_PLACE
    surer = animals.scores > people.scores[:, None]
    return np.asarray((there & surer).any(axis=1))


def _in_doubt(image: Image, seen: Detections, sure: Bits) -> list[int]:
    """The numbers of the boxes that a face would decide: not sure, large, and nobody's yet."""
    result = []
    for i in np.flatnonzero(~sure):
        box, (width, height) = seen.boxes[i], np.maximum(seen.boxes[i][2:] - seen.boxes[i][:2], 1)
        if width * height < WORTH * image.height * image.width:
            continue
        common = np.minimum(seen.boxes[sure][:, 2:], box[2:])
        common = np.maximum(common - np.maximum(seen.boxes[sure][:, :2], box[:2]), 0)
        if (common.prod(axis=1) < TAKEN * width * height).all():
            result.append(int(i))
    return result


def _has_face(image: Image, box: Floats, heads: Weights) -> bool:
    """Whether a face that is beyond doubt lies in the upper half of the box."""
    found = faces(image, heads).above(SURE_FACE).boxes
    x, y = (found[:, 0] + found[:, 2]) / 2, (found[:, 1] + found[:, 3]) / 2
    middle = (box[1] + box[3]) / 2
    return bool(((box[0] < x) & (x < box[2]) & (box[1] < y) & (y < middle)).any())


def _scale(image: Image) -> tuple[float, float]:
    """Pixels of the copy on which people are told apart for one of the image, across and down."""
    factor = min(1.0, WORKING_PX / max(image.shape))
    width, height = (max(1, round(side * factor)) for side in (image.width, image.height))
    return width / image.width, height / image.height


def _copy_shape(image: Image) -> tuple[int, int]:
    across, down = _scale(image)
    return round(image.height * down), round(image.width * across)


def _judged(
    image: Image,
    boxes: Floats,
    scores: Floats,
    views: Sequence[Sequence[View]],
    evidence: Evidence,
    subject: Floats | None = None,
) -> list[Person]:
    """People of the copy, from boxes and views of the image."""
    scale = np.tile(_scale(image), 2)
    small = [[View(_placed(v.box, scale), v.shares) for v in of_one] for of_one in views]
    return [
        people.judged(
            (box * scale).tolist(),
            of_one,
            evidence,
            _copy_shape(image),
            score=float(score),
            subject=subject,
        )
        for box, of_one, score in zip(boxes, small, scores, strict=True)
    ]


def _placed(box: Box, scale: Floats) -> Box:
    x0, y0, x1, y1 = map(int, np.rint(np.array(box) * scale))
    return Box(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))


def _filled(person: Person, box: Floats, image: Image) -> float:
    """The person's pixels as a share of the box."""
    scale = np.tile(_scale(image), 2)
    x0, y0, x1, y1 = box * scale
    return float((person.odds > 0).sum() / max(1.0, (x1 - x0) * (y1 - y0)))


def _regions(found: Sequence[Person], image: Image) -> list[Region]:
    across, down = _scale(image)
    regions: list[Region] = []
    for person in people.apart(found, _copy_shape(image)):
        mask, box = people.enlarged(person, (1 / across, 1 / down), image.shape)
        if mask.any():
            offset = box.x0, box.y0
            regions += Region.of(
                mask, offset, label="person", score=min(1.0, person.score), source="person"
            )
    return reading_order(regions)
