"""Superpixels and the graph of their neighbourhoods, in numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.types import Bits

Floats = NDArray[Any]
Integers = NDArray[Any]

COMPACTNESS = 10.0  # CIELAB units that one superpixel's width of distance weighs: Achanta 2012
ROUNDS = 4  # of k-means; the paper's 10 take longer and do not find salient things better


@dataclass(frozen=True)
class RegionGraph:
    """Superpixels of an image with what saliency measures ask of them.

    Parameters
    ----------
    labels : int ndarray of shape (H, W)
        The superpixel number of each pixel, 0 to n - 1.
    colour_distance : float ndarray of shape (n, n)
        The CIELAB distances of the mean colours.
    adjacent : bool ndarray of shape (n, n)
        True where two superpixels touch.
    sides : tuple of four int ndarrays
        The superpixels on the top, bottom, left and right side.
    """

    labels: Integers
    colour_distance: Floats
    adjacent: Bits
    sides: tuple[Integers, ...]

    @property
    def size(self) -> int:
        """Number of superpixels."""
        return len(self.adjacent)

    @property
    def on_border(self) -> Bits:
        """True for each superpixel that touches the edge of the picture; shape (n,)."""
        flags = np.zeros(self.size, bool)
        flags[np.concatenate(self.sides)] = True
        return flags

    def mean(self, values: Floats) -> Floats:
        """Mean of a (H, W) map over each superpixel; shape (n,)."""
        return _means(self.labels.ravel(), values.reshape(-1, 1), self.size)[:, 0]


def superpixels(lab: Floats, count: int) -> Integers:
    """Label image of about `count` compact regions of even colour; int ndarray of shape (H, W).

    The method is SLIC (Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel
    methods", PAMI 2012): k-means in colour and place, where each pixel considers only the nine
    seeds around its own grid cell. Small stray parts are left where they are, since only mean
    values of the regions are used.

    Parameters
    ----------
    lab : float32 ndarray of shape (H, W, 3)
        CIELAB with L* of 0 to 100.
    count : int
        The wanted number of regions; no more than the number of pixels are made.
    """
    height, width = lab.shape[:2]
    step = max(1.0, float(np.sqrt(height * width / count)))
    rows, cols = max(1, round(height / step)), max(1, round(width / step))
    points = _points(lab, COMPACTNESS / step)
    candidates = _candidates(height, width, rows, cols)
    labels = candidates[4]
    for _ in range(ROUNDS):
        labels = _nearest(points, _means(labels, points, rows * cols), candidates)
    return np.unique(labels, return_inverse=True)[1].reshape(height, width)


def region_graph(lab: Floats, labels: Integers) -> RegionGraph:
    """Graph of the superpixels `labels` of the CIELAB image `lab` (float32, (H, W, 3))."""
    flat, count = labels.ravel(), int(labels.max()) + 1
    colours = _means(flat, lab.reshape(-1, 3), count)
    sides = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    return RegionGraph(
        labels,
        _distances(colours),
        _adjacency(labels, count),
        tuple(np.unique(side) for side in sides),
    )


def _points(lab: Floats, place_weight: float) -> Floats:
    """Colour and weighted place of each pixel; shape (H * W, 5)."""
    height, width = lab.shape[:2]
    place = np.mgrid[:height, :width].reshape(2, -1).T * place_weight
    return np.hstack([lab.reshape(-1, 3), place]).astype(np.float32)


def _candidates(height: int, width: int, rows: int, cols: int) -> list[Integers]:
    """The nine seeds near each pixel, as nine arrays of shape (H * W,); the fifth is its own."""
    row = (np.arange(height) * rows // height)[:, None]
    col = (np.arange(width) * cols // width)[None]
    shifts = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return [
        (np.clip(row + dy, 0, rows - 1) * cols + np.clip(col + dx, 0, cols - 1)).ravel()
        for dy, dx in shifts
    ]


def _nearest(points: Floats, seeds: Floats, candidates: list[Integers]) -> Integers:
    """For each point the candidate seed nearest to it; shape (H * W,)."""
    best = np.full(len(points), np.inf, np.float32)
    labels = candidates[0].copy()
    for candidate in candidates:
        gap = points - seeds[candidate]
        distance = np.einsum("ij,ij->i", gap, gap)
        closer = distance < best
        np.copyto(best, distance, where=closer)
        np.copyto(labels, candidate, where=closer)
    return labels


def _means(labels: Integers, values: Floats, count: int) -> Floats:
    """Mean of the rows of `values` under each label; infinite where a label is not used."""
    counts = np.bincount(labels, minlength=count)
    sums = [np.bincount(labels, column, count) for column in values.T]
    means = np.stack(sums, axis=1) / np.maximum(counts, 1)[:, None]
    means[counts == 0] = np.inf
    return means.astype(np.float32)


def _distances(points: Floats) -> Floats:
    """Euclidean distance of each pair of rows; shape (n, n)."""
    gaps = points[:, None] - points[None]
    return np.asarray(np.sqrt(np.einsum("ijk,ijk->ij", gaps, gaps)))


def _adjacency(labels: Integers, count: int) -> Bits:
    """True where two labels touch, corners included; shape (count, count), symmetric."""
    touching = np.zeros((count, count), bool)
    touching[labels[:, 1:], labels[:, :-1]] = True
    touching[labels[1:], labels[:-1]] = True
    touching[labels[1:, 1:], labels[:-1, :-1]] = True
    touching[labels[1:, :-1], labels[:-1, 1:]] = True
    touching |= touching.T
    np.fill_diagonal(touching, False)
    return touching
