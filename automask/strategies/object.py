"""`object`: things with a name, such as cars and dogs, found by a detector."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from automask import vocabulary
from automask.arguments import written
from automask.errors import ArgumentError
from automask.kinds import Share
from automask.strategies.base import STRATEGIES, Strategy
from automask.types import Bits, Box, Image, Region, reading_order
from automask.values import quote

if TYPE_CHECKING:
    from automask.networks.boxes import Detections
    from automask.weights import Weights

LEAST_SCORE = 0.25
SAME_THING = 0.6  # overlap of boxes above which two of one label are one thing
SAME_PLACE = 0.8  # and two of different labels, where every label is asked for
CROPS = ("u2netp",)
MARGIN = 0.2  # of the longer side of the box: what the crop shows around it
CROP_PX = 192  # as which the network sees the crop: closer, it marks parts of the thing
LEAST_SUBJECT = 0.4
SMALLEST_PX = 32  # shorter side of a box whose outline a crop can show


@STRATEGIES.register("object")
@dataclass(frozen=True)
class Object(Strategy):
    """Things with a name, such as "car" or "dog", one region each.

    The 80 things of the COCO data set, by their label, other words for it (sofa, automobile) or the
    plural; without a label, all of them. `score` is how sure the detector has to be: 25 % unless
    given. For anything else, write a phrase.

    Notes
    -----
    NanoDet looks at the picture and at its mirror image, and what both say is averaged; YOLOX,
    which finds more and takes several times as long, is used with ``model="yolox_s"``. From a box
    to a mask: EfficientSAM where its file is on this machine; otherwise U-2-Net on the box's crop,
    and the superellipse in the box where that keeps less than 30 % of it or the box is small;
    GrabCut where U-2-Net cannot be had.
    """

    label: str | None = None
    score: Share | None = field(default=None, kw_only=True)
    model: str | None = field(default=None, kw_only=True)
    group: ClassVar[str] = "things"
    example: ClassVar[str] = 'object("car"):largest'
    needs: ClassVar[str] = "an object detection model"
    models: ClassVar[tuple[str, ...]] = ("nanodet_plus", "yolox_s", "nanodet_g")

    def __post_init__(self) -> None:
        if self.label is not None and vocabulary.label_of(self.label) is None:
            raise ArgumentError(_unknown(self.label))

    def written(self) -> str:
        """``object("car", score=25%)``: the label stands first, without a name."""
        label = "" if self.label is None else quote(self.label)
        named = written(replace(self, label=None))
        inner = ", ".join(part for part in (label, named) if part)
        return f"object({inner})" if inner else "object"

    def find(self, image: Image) -> list[Region]:
        """One region each, with its label and score, in reading order."""
        detector, cutter = self._detector(), _cutter()
        found = self._chosen(_detected(image, detector))
        boxes = found.rounded(image.shape)
        regions: list[Region] = []
        for box, number, score in zip(boxes, found.classes, found.scores, strict=True):
            mask, place = _cut_out(image, box, cutter)
            regions += Region.of(
                mask,
                (place.x0, place.y0),
                label=vocabulary.labels()[number],
                score=min(1.0, float(score)),
                source=self.name,
            )
        return reading_order(regions)

    def weights(self) -> tuple[Weights, ...]:
        """The detector, and what makes masks of its boxes where that is a model."""
        cutter = _cutter()
        return (self._detector(), *([] if cutter is None else [cutter]))

    def took_part(self, image: Image) -> tuple[Weights, ...]:
        """The detector, and what makes masks where a box was large enough to be looked at."""
        detector, cutter = self._detector(), _cutter()
        boxes = self._chosen(_detected(image, detector)).rounded(image.shape)
        if cutter is not None and any(_is_looked_at(box, cutter) for box in boxes):
            return detector, cutter
        return (detector,)

    def _detector(self) -> Weights:
        from automask import weights

        return weights.choose(self.models, self.model, of=self.name)

    def _chosen(self, found: Detections) -> Detections:
        """The detections that are asked for, each thing once."""
        from automask.networks.boxes import thinned

        least = LEAST_SCORE if self.score is None else self.score
        if self.label is None:
            things = thinned(found.of(None, least), SAME_THING)
            return thinned(things, SAME_PLACE, of_a_class=False)
        label = vocabulary.label_of(self.label)
        number = vocabulary.labels().index(str(label))
        return thinned(found.of(number, least), SAME_THING)


def _unknown(label: str) -> str:
    near = [name for name in vocabulary.nearest(label) if label.strip()]
    offer = f"did you mean {' or '.join(map(quote, near))}? " if near else ""
    if not label.strip():
        return (
            'object() needs the name of a thing, such as object("dog"); object alone is them all.'
        )
    return (
        f"object knows 80 things, such as car and dog, and not {quote(label)}; {offer}"
        f"{'F' if near else 'f'}or anything else write a phrase: {quote(label)} alone."
    )


def _detected(image: Image, detector: Weights) -> Detections:
    from automask.networks import nanodet, yolox

    if detector.model.family == "yolox":
        return yolox.detect(image, detector)
    return nanodet.detect(image, detector, mirrored=True)


def _cutter() -> Weights | None:
    """The model that makes masks of boxes: of the sharpest only what is here already."""
    from automask import weights
    from automask.networks import efficientsam

    return efficientsam.here() or weights.to_be_had(CROPS)


def _is_looked_at(box: Box, cutter: Weights) -> bool:
    """Whether the cutter sees the box; a crop of a small one shows U-2-Net no outline."""
    return cutter.model.family == "efficientsam" or min(box.width, box.height) >= SMALLEST_PX


def _cut_out(image: Image, box: Box, cutter: Weights | None) -> tuple[Bits, Box]:
    """The mask of the thing in `box`, and the part of the image that it covers."""
    from automask.segmentation import boxed

    if cutter is not None and cutter.model.family == "efficientsam":
        key = "thing in a box", cutter.path, box
        return boxed.kept(image.once(key, lambda: _segmented(image, box, cutter))), box
    if min(box.width, box.height) < SMALLEST_PX:
        return boxed.rounded(box.width, box.height), box
    return (boxed.cut_out(image.rgb, box) if cutter is None else _subject(image, box, cutter)), box


def _segmented(image: Image, box: Box, cutter: Weights) -> Bits:
    """What EfficientSAM sees in the box; bool of shape (box.height, box.width)."""
    from automask.networks import efficientsam

    return efficientsam.in_box(image, box, cutter)[box.slices].copy()


def _subject(image: Image, box: Box, cutter: Weights) -> Bits:
    """What stands out in the crop around the box; bool of shape (box.height, box.width)."""
    import cv2

    from automask.networks import u2net
    from automask.segmentation import boxed
    from automask.segmentation.snap import snap_edge

    margin_px = round(MARGIN * max(box.width, box.height))
    around = box.padded(margin_px, image.shape)
    crop = np.ascontiguousarray(image.rgb[around.slices])
    key = "subject of a crop", cutter.path, around
    small = image.once(key, lambda: u2net.salient(crop, cutter, side_px=CROP_PX))
    size = around.width, around.height
    soft = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
    radius_px = round(max(size) / CROP_PX)
    mask = snap_edge(crop, soft > LEAST_SUBJECT, radius_px)
    x, y = box.x0 - around.x0, box.y0 - around.y0
    return boxed.kept(mask[y : y + box.height, x : x + box.width])
