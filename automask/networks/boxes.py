"""Boxes that a detector finds: brought into its square, read off, thinned out, brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from automask.types import Box, Image, Pixels

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes in an image, the surest first.

    Parameters
    ----------
    boxes : float32 ndarray of shape (n, 4)
        (x0, y0, x1, y1) in pixels of the image and inside it, not rounded.
    classes : int ndarray of shape (n,)
        The number of what is in the box.
    scores : float32 ndarray of shape (n,)
        0 to 1, descending.
    """

    boxes: Floats
    classes: Ints
    scores: Floats

    def __len__(self) -> int:
        return len(self.scores)

    def where(self, chosen: NDArray[np.bool_] | Ints) -> Detections:
        """Those that `chosen` says: bool of shape (n,), or their places."""
        return Detections(self.boxes[chosen], self.classes[chosen], self.scores[chosen])

    def of(self, wanted: int | None = None, score: float = 0.0) -> Detections:
        """Those of the class `wanted` (None: of every class) whose score is at least `score`."""
        sure = self.scores >= score
        return self.where(sure if wanted is None else sure & (self.classes == wanted))

    def rounded(self, shape: tuple[int, int]) -> list[Box]:
        """The boxes in whole pixels of an image of shape (H, W), each of at least one pixel."""
        outward = np.concatenate([np.floor(self.boxes[:, :2]), np.ceil(self.boxes[:, 2:])], axis=1)
        return [_filled(Box(*map(int, row)), shape) for row in np.round(outward)]


def _filled(box: Box, shape: tuple[int, int]) -> Box:
    x0, y0 = min(max(box.x0, 0), shape[1] - 1), min(max(box.y0, 0), shape[0] - 1)
    return Box(x0, y0, max(x0 + 1, box.x1), max(y0 + 1, box.y1)).clipped(shape)


class Letterbox(NamedTuple):
    """An image inside a square, or a part of one, its proportions kept, the rest filled.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (side, side, 3), or less of it
    scale : (float, float)
        Pixels of the square for a pixel of the image, across and down.
    left, top : int
        Where the image begins in the square, in pixels.
    """

    rgb: Pixels
    scale: tuple[float, float]
    left: int
    top: int

    @classmethod
    def of(cls, image: Image, side_px: int, fill: int, *, centred: bool) -> Letterbox:
        """`image` in a square of `side_px`, in its middle or at its top left."""
        import cv2

        factor = side_px / max(image.shape)
        width, height = (max(1, round(side * factor)) for side in (image.width, image.height))
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        square = np.full((side_px, side_px, 3), fill, np.uint8)
        left, top = ((side_px - width) // 2, (side_px - height) // 2) if centred else (0, 0)
        square[top : top + height, left : left + width] = cv2.resize(
            image.rgb, (width, height), interpolation=way
        )
        return cls(square, (width / image.width, height / image.height), left, top)

    def trimmed(self, short_px: int) -> Letterbox:
        """The middle of a centred one, `short_px` wide or high, where the image is no larger."""
        side_px = len(self.rgb)
        across, down = (
            short_px if side_px - 2 * gap <= short_px else side_px for gap in (self.left, self.top)
        )
        x, y = (side_px - across) // 2, (side_px - down) // 2
        part = self.rgb[y : y + down, x : x + across]
        return Letterbox(part, self.scale, self.left - x, self.top - y)

    def back(self, boxes: Floats, shape: tuple[int, int]) -> Floats:
        """Boxes of the square, of shape (n, 4), in pixels of the image of shape (H, W)."""
        start, scale = np.tile([self.left, self.top], 2), np.tile(self.scale, 2)
        limit = np.tile([shape[1], shape[0]], 2)
        return np.asarray(np.clip((boxes - start) / scale, 0, limit), np.float32)


def thinned(
    found: Detections, overlap: float, most: int = 300, *, of_a_class: bool = True
) -> Detections:
    """Detections without those that overlap a surer one of their class; the surest first.

    Parameters
    ----------
    found : Detections
        In any order.
    overlap : float
        The intersection over union above which the less sure box goes.
    most : int
        How many stay at most.
    of_a_class : bool
        Whether boxes of different classes let one another be.
    """
    import cv2

    found = found.where(np.argsort(-found.scores, kind="stable")[: 10 * most])
    if not len(found):
        return found
    corners = np.concatenate([found.boxes[:, :2], found.boxes[:, 2:] - found.boxes[:, :2]], axis=1)
    classes = found.classes if of_a_class else np.zeros_like(found.classes)
    kept = cv2.dnn.NMSBoxesBatched(
        corners.astype(np.float64).tolist(),
        found.scores.astype(np.float64).tolist(),
        classes.tolist(),
        0.0,
        overlap,
    )
    return found.where(np.sort(np.asarray(kept, np.intp))[:most])


def agreed(first: Detections, second: Detections, overlap: float = 0.5) -> Detections:
    """What two looks at one picture say together, its score the mean of both; the surest first.

    A box that only one of them saw keeps half of its score; where both saw it, the box is their
    mean, weighted by the scores.
    """
    looks = Detections(
        np.concatenate([first.boxes, second.boxes]),
        np.concatenate([first.classes, second.classes]),
        np.concatenate([first.scores, second.scores]),
    )
    kept = thinned(looks, overlap)
    if not len(kept):
        return kept
    weights, sums = zip(*(_seconded(kept, look, overlap) for look in (first, second)), strict=True)
    total = weights[0] + weights[1]
    boxes = ((sums[0] + sums[1]) / total[:, None]).astype(np.float32)
    order = np.argsort(-total, kind="stable")
    return Detections(boxes, kept.classes, (total / 2).astype(np.float32)).where(order)


def _seconded(kept: Detections, look: Detections, overlap: float) -> tuple[Floats, Floats]:
    """The scores that `look` gives to the boxes of `kept`, and its boxes times them."""
    if not len(look):
        return np.zeros(len(kept), np.float32), np.zeros((len(kept), 4), np.float32)
    alike = overlaps(kept.boxes, look.boxes) * (kept.classes[:, None] == look.classes)
    best = alike.argmax(axis=1)
    found = alike[np.arange(len(kept)), best] >= overlap
    scores = np.where(found, look.scores[best], 0).astype(np.float32)
    return scores, look.boxes[best] * scores[:, None]


def overlaps(some: Floats, others: Floats) -> Floats:
    """Intersection over union of each of n boxes with each of m; float ndarray of shape (n, m)."""
    low = np.maximum(some[:, None, :2], others[None, :, :2])
    high = np.minimum(some[:, None, 2:], others[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (some, others)]
    union = areas[0][:, None] + areas[1] - common
    return np.asarray(common / np.maximum(union, 1e-6), np.float32)
