"""GrabCut on a reduced crop, with the edge brought back to full resolution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.segmentation.snap import snap_edge
from automask.types import Bits, Pixels

# OpenCV's labels of a GrabCut mask; odd = object
SURE_BACKGROUND, SURE_OBJECT, PROBABLY_BACKGROUND, PROBABLY_OBJECT = 0, 1, 2, 3

COMPONENTS = 5  # Gaussians of a colour model: fixed by OpenCV, as in the paper
FEWEST_SEEDS_PX = 10
WORKING_PX = 30_000  # pixels of the reduced crop: a cut's time grows faster than its pixels
# Smoothing of the reduced crop that mixes no colours across an edge: Tomasi and Manduchi 1998
BILATERAL_PX, BILATERAL_COLOURS, BILATERAL_SIGMA_PX = 5, 30, 1.5
MARGIN_SHARE = 0.25  # of the crop's side: background seen around the undecided part


def grabcut_reduced(
    rgb: Pixels,
    seeds: Pixels | Bits,
    *,
    iterations: int = 2,
    tidy: Callable[[Bits], Bits] | None = None,
) -> Bits:
    """Mask of the object that the seeds point at; bool ndarray of shape (H, W).

    GrabCut (Rother, Kolmogorov, Blake: "GrabCut: interactive foreground extraction using iterated
    graph cuts", SIGGRAPH 2004) runs on the part of the picture that is not surely background,
    reduced to `WORKING_PX`; then `snap_edge` brings the edge back to full resolution. The result
    depends on the input alone: the colour models are not started from random numbers.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    seeds : uint8 or bool ndarray of shape (h, w), of the proportions of the picture
        GrabCut labels (0 surely background, 1 surely object, 2 and 3 probably), or a mask (True
        probably object, the rest probably background). A small one saves time.
    iterations : int
        Rounds of colour model and cut.
    tidy : callable, optional
        Applied to the reduced mask, where it is cheap, before the edge is brought back.
    """
    labels = _labels(seeds)
    mask = np.zeros(rgb.shape[:2], bool)
    box = _undecided_box(labels, rgb.shape[:2])
    if box is None:
        return mask
    top, bottom, left, right = box
    crop = rgb[top:bottom, left:right]
    reduced = _cut(crop, _view(labels, box, rgb.shape[:2]), iterations)
    mask[top:bottom, left:right] = enlarged(tidy(reduced) if tidy else reduced, crop)
    return mask


def _labels(seeds: Pixels | Bits) -> Pixels:
    """GrabCut labels of seeds of either kind; uint8 ndarray of their shape."""
    labels = np.where(seeds, PROBABLY_OBJECT, PROBABLY_BACKGROUND) if seeds.dtype == bool else seeds
    return labels.astype(np.uint8, copy=False)


def cut(rgb: Pixels, labels: Pixels, iterations: int = 3) -> Bits:
    """Mask of the object by GrabCut at the size of `rgb`; bool ndarray of shape (H, W).

    Labels with too few seeds of one kind to learn colours from come back as they are.
    """
    import cv2

    inside: Bits = (labels & 1) == 1
    if min(inside.sum(), (~inside).sum()) < FEWEST_SEEDS_PX or min(labels.shape) < 3:
        return inside
    result = labels.copy()
    background, object_ = colour_model(rgb[~inside]), colour_model(rgb[inside])
    # GC_EVAL goes on from the given models; the other modes start them from random numbers
    cv2.grabCut(rgb, result, (0, 0, 0, 0), background, object_, iterations, cv2.GC_EVAL)
    return np.asarray((result & 1) == 1)


def enlarged(mask: Bits, rgb: Pixels) -> Bits:
    """A mask of a reduced copy at the size of `rgb`, its border on the picture's edges.

    Parameters
    ----------
    mask : bool ndarray of shape (h, w), of the proportions of the picture
    rgb : uint8 ndarray of shape (H, W, 3)
    """
    import cv2

    height, width = rgb.shape[:2]
    if mask.shape == (height, width):
        return mask
    soft = cv2.resize(mask.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_LINEAR)
    return snap_edge(rgb, soft > 127, radius_px=round(max(height, width) / max(mask.shape)) + 1)


def colour_model(pixels: Pixels) -> NDArray[Any]:
    """Gaussian mixture of colours, laid out as OpenCV's GrabCut has it; shape (1, 65).

    The clusters come from splitting the one with the greatest spread across its main axis, as
    Orchard and Bouman ("Color quantization of images", 1991) do, so no random number is used.

    Parameters
    ----------
    pixels : uint8 ndarray of shape (n, 3), n > 0
    """
    clusters = [_Cluster.of(pixels.astype(np.float64))]
    while len(clusters) < COMPONENTS:
        widest = int(np.argmax([cluster.spread for cluster in clusters]))
        halves = clusters[widest].halves()
        if not halves:
            break
        clusters[widest : widest + 1] = halves
    model = np.zeros((3 + 9 + 1, COMPONENTS))
    weight, mean, spread = np.split(model.ravel(), [COMPONENTS, 4 * COMPONENTS])
    for i, cluster in enumerate(clusters):
        weight[i] = len(cluster.points) / len(pixels)
        mean[3 * i : 3 * i + 3] = cluster.mean
        spread[9 * i : 9 * i + 9] = (cluster.covariance + np.eye(3)).ravel()
    return np.concatenate([weight, mean, spread])[None]


@dataclass(frozen=True, eq=False)
class _Cluster:
    """Colours, float64 of shape (n, 3), with what is known of them: each is measured once.

    `axis` is the direction in which they spread most, `spread` the sum of their squares along it.
    """

    points: NDArray[Any]
    mean: NDArray[Any]
    covariance: NDArray[Any]
    axis: NDArray[Any]
    spread: float

    @classmethod
    def of(cls, points: NDArray[Any]) -> _Cluster:
        """The cluster of these colours."""
        mean = points.mean(0)
        gaps = points - mean
        covariance = gaps.T @ gaps / len(points)
        values, axes = np.linalg.eigh(covariance)
        return cls(points, mean, covariance, axes[:, -1], float(values[-1]) * len(points))

    def halves(self) -> list[_Cluster]:
        """The colours on either side of the mean along `axis`; none if they are all alike."""
        side = (self.points - self.mean) @ self.axis > 0
        if self.spread <= 0 or side.all() or not side.any():
            return []
        return [_Cluster.of(self.points[side]), _Cluster.of(self.points[~side])]


def _undecided_box(labels: Pixels, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Top, bottom, left, right in the picture of what is not surely background, with a margin."""
    bounds = []
    for axis in (0, 1):
        found = np.flatnonzero((labels != SURE_BACKGROUND).any(1 - axis))
        if not len(found):
            return None
        margin = MARGIN_SHARE * (found[-1] + 1 - found[0]) + 1
        scale = shape[axis] / labels.shape[axis]
        bounds.append(max(0, int((found[0] - margin) * scale)))
        bounds.append(min(shape[axis], int((found[-1] + 1 + margin) * scale)))
    top, bottom, left, right = bounds
    return top, bottom, left, right


def _view(labels: Pixels, box: tuple[int, int, int, int], shape: tuple[int, ...]) -> Pixels:
    """The labels of a box of the picture, at the labels' own resolution."""
    spans = []
    for axis, (start, stop) in enumerate((box[:2], box[2:])):
        scale = labels.shape[axis] / shape[axis]
        first = min(int(start * scale), labels.shape[axis] - 1)
        spans.append(slice(first, max(first + 1, round(stop * scale))))
    return labels[spans[0], spans[1]]


def _cut(crop: Pixels, labels: Pixels, iterations: int) -> Bits:
    """Mask of the object in the crop reduced to `WORKING_PX`."""
    import cv2

    height, width = crop.shape[:2]
    scale = min(1.0, (WORKING_PX / (height * width)) ** 0.5)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    small = cv2.bilateralFilter(small, BILATERAL_PX, BILATERAL_COLOURS, BILATERAL_SIGMA_PX)
    return cut(small, cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST), iterations)
