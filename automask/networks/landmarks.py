"""Faces as numbers: boxes, scores and five landmarks each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.networks.boxes import overlaps

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Faces:
    """What a face detector found in a picture, the surest first.

    Coordinates are pixels of the picture, pixel centres at halves; they may lie outside of it.

    Parameters
    ----------
    boxes : float32 ndarray of shape (n, 4)
        x0, y0, x1, y1, about from the hairline to the chin and from cheek to cheek.
    scores : float32 ndarray of shape (n,)
        0 to 1.
    points : float32 ndarray of shape (n, 5, 2)
        x and y of the eye on the left of the picture, that on the right, the tip of the nose, the
        corner of the mouth on the left, that on the right (of an upright face).
    """

    boxes: Floats
    scores: Floats
    points: Floats

    @classmethod
    def of(cls, boxes: Any, scores: Any, points: Any) -> Faces:
        """Faces of anything that converts to arrays of n boxes, scores and landmarks."""
        return cls(
            np.asarray(boxes, np.float32).reshape(-1, 4),
            np.asarray(scores, np.float32).reshape(-1),
            np.asarray(points, np.float32).reshape(-1, 5, 2),
        )

    @classmethod
    def none(cls) -> Faces:
        """No face at all."""
        return cls.of([], [], [])

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, which: Any) -> Faces:
        return Faces(self.boxes[which], self.scores[which], self.points[which])

    @property
    def widths(self) -> Floats:
        """How wide each face is; of shape (n,)."""
        return self.boxes[:, 2] - self.boxes[:, 0]

    def above(self, score: float) -> Faces:
        """The faces with at least this score."""
        return self[self.scores >= score]

    def wide(self, least_px: float) -> Faces:
        """The faces at least so wide."""
        return self[self.widths >= least_px]

    def scaled(self, across: float, down: float) -> Faces:
        """The same faces in a picture `across` times as wide and `down` times as high."""
        by = np.array([across, down], np.float32)
        return Faces(self.boxes * np.tile(by, 2), self.scores, self.points * by)

    def placed_as(self, other: Faces, overlap: float) -> Faces:
        """The same faces and scores, where `other` has them.

        Each has the box and the landmarks of the one of `other` that it overlaps most, its own
        where it overlaps none by more than `overlap`.
        """
        if not len(other):
            return self
        shared = overlaps(self.boxes, other.boxes)
        nearest, same = shared.argmax(axis=1), shared.max(axis=1) > overlap
        boxes = np.where(same[:, None], other.boxes[nearest], self.boxes)
        points = np.where(same[:, None, None], other.points[nearest], self.points)
        return Faces(boxes, self.scores, points)

    def distinct(self, overlap: float) -> Faces:
        """The faces, the surest first, without those that overlap a surer one by more.

        Parameters
        ----------
        overlap : float
            Intersection over union of two boxes, 0 to 1.
        """
        order = np.argsort(-self.scores, kind="stable")
        kept: list[int] = []
        while len(order):
            best, order = order[0], order[1:]
            kept.append(int(best))
            order = order[overlaps(self.boxes[best : best + 1], self.boxes[order])[0] <= overlap]
        return self[kept]


def joined(*found: Faces) -> Faces:
    """All faces of several lists, in one."""
    return Faces(*(np.concatenate([getattr(f, name) for f in found]) for name in _PARTS))


_PARTS = ("boxes", "scores", "points")
