"""What stands out in a picture, found without a learned model.

Two well-known measures of how little a region belongs to the edge of the picture are computed on
superpixels of a small copy and averaged: manifold ranking (Yang 2013), which compares colours, and
minimum barrier distance (Zhang 2015), which looks for a way out. Their faults differ, so the mean
is better than each. Otsu's threshold cuts the mean; GrabCut finishes the cut (`graphcut`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.segmentation.graphcut import (
    PROBABLY_BACKGROUND,
    PROBABLY_OBJECT,
    SURE_BACKGROUND,
    SURE_OBJECT,
    grabcut_reduced,
)
from automask.segmentation.superpixels import RegionGraph, region_graph, superpixels
from automask.types import Bits, Pixels

Floats = NDArray[Any]

WORKING_PX = 30_000  # pixels of the small copy
SUPERPIXELS = 400
VISIBLE_DIFFERENCE = 2.3  # CIELAB distance that is just noticed: Mahy et al. 1994
SURE_BACKGROUND_SHARE = 0.4  # of the threshold
SURE_OBJECT_SHARE = 0.6  # of the way from the threshold to the top
SMALLEST_PART_SHARE = 0.05  # of the largest part of the mask
LARGEST_HOLE_SHARE = 0.02  # of the picture


def cut_out(rgb: Pixels, score: Floats) -> Bits:
    """Mask of what a saliency map points at; bool ndarray of shape (H, W), empty if it is zero.

    The map is cut by the threshold of Otsu ("A threshold selection method from gray-level
    histograms", 1979), which seeds GrabCut (Rother, Kolmogorov, Blake 2004).

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    score : float ndarray of shape (h, w), of the proportions of `rgb`
        0 to 1.
    """
    if not score.any():
        return np.zeros(rgb.shape[:2], bool)
    return grabcut_reduced(rgb, _trimap(score), iterations=1, tidy=without_specks)


def saliency_map(rgb: Pixels) -> Floats:
    """How much each place stands out, 0 .. 1; float32 ndarray of a reduced shape (h, w).

    The map has about `WORKING_PX` pixels and the proportions of the picture. It is zero everywhere
    if no two regions differ visibly, or if a way without a visible change leads from everywhere to
    the edge of the picture: then it shows halves, stripes or a shade, and none is the thing.
    """
    lab = _small_lab(rgb)
    graph = region_graph(lab, superpixels(lab, SUPERPIXELS))
    barrier = graph.mean(minimum_barrier_distance(lab))
    if min(graph.colour_distance.max(), barrier.max()) < VISIBLE_DIFFERENCE:
        return np.zeros(lab.shape[:2], np.float32)
    total = manifold_ranking(graph) + _unit(barrier)
    return _unit(total)[graph.labels].astype(np.float32)


def manifold_ranking(graph: RegionGraph) -> Floats:
    """Saliency of each superpixel by ranking on the graph, 0 .. 1; shape (n,).

    Regions are ranked by how unlike they are to each of the four sides; those above the mean are
    the queries of a second ranking. Yang, Zhang, Lu, Ruan, Yang: "Saliency detection via
    graph-based manifold ranking", CVPR 2013.
    """
    near = _wide_neighbourhood(graph)
    distance = _unit(np.where(near, graph.colour_distance, 0))
    weights = np.where(near, np.exp(-10 * distance), 0)
    ranking = np.linalg.inv(np.diag(weights.sum(1) + 1e-9) - 0.99 * weights)
    np.fill_diagonal(ranking, 0)  # a query says nothing about itself
    unlike: Floats = np.ones(graph.size)
    for side in graph.sides:
        unlike *= 1 - _unit(ranking[:, side].sum(1))
    unlike = _unit(unlike)
    return _unit(ranking @ (unlike > unlike.mean()))


def minimum_barrier_distance(lab: Floats, sweeps: int = 2) -> Floats:
    """Cost of the easiest way from each pixel to the edge of the picture; shape (H, W).

    The cost of a way is the range of values on it, summed over the channels. It is approximated by
    sweeps over the picture, each of which takes a whole row or column at a time. Zhang et al.:
    "Minimum barrier salient object detection at 80 FPS", ICCV 2015.
    """
    distance = np.full(lab.shape, np.inf, np.float32)
    distance[0] = distance[-1] = distance[:, 0] = distance[:, -1] = 0
    highest, lowest = lab.copy(), lab.copy()
    for turn in range(4 * sweeps):
        _sweep(*(np.rot90(plane, turn % 4) for plane in (lab, distance, highest, lowest)))
    return np.asarray(distance.sum(2))


def without_specks(mask: Bits) -> Bits:
    """Mask without parts that are small beside its largest and without small holes; (H, W)."""
    import cv2

    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA] * (np.arange(len(stats)) > 0)
    kept = (area >= max(1, SMALLEST_PART_SHARE * area.max()))[parts]
    _, holes, stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < LARGEST_HOLE_SHARE * mask.size
    small[0] = False
    return np.asarray(kept | small[holes])


def _small_lab(rgb: Pixels) -> Floats:
    """Small, slightly smoothed copy in CIELAB; float32 of shape (h, w, 3)."""
    import cv2

    height, width = rgb.shape[:2]
    scale = min(1.0, (WORKING_PX / (height * width)) ** 0.5)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
    small = cv2.GaussianBlur(small, (0, 0), 0.7)
    return np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))


def _wide_neighbourhood(graph: RegionGraph) -> Bits:
    """Pairs that touch, that touch a common region, or that both lie on the edge; (n, n)."""
    steps = graph.adjacent.astype(np.float32)
    near = graph.adjacent | ((steps @ steps) > 0)
    near[np.ix_(graph.on_border, graph.on_border)] = True
    np.fill_diagonal(near, False)
    return near


def _sweep(values: Floats, distance: Floats, high: Floats, low: Floats) -> None:
    """Carry ways from each row to the next one, in place; all of shape (H, W, channels)."""
    for row in range(1, len(values)):
        top = np.maximum(high[row - 1], values[row])
        bottom = np.minimum(low[row - 1], values[row])
        shorter = (top - bottom) < distance[row]
        np.copyto(distance[row], top - bottom, where=shorter)
        np.copyto(high[row], top, where=shorter)
        np.copyto(low[row], bottom, where=shorter)


def _trimap(score: Floats) -> Pixels:
    """GrabCut labels of a saliency map; uint8 ndarray of the map's shape."""
    import cv2

    threshold = cv2.threshold((score * 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)[0] / 255
    trimap = np.where(score > threshold, PROBABLY_OBJECT, PROBABLY_BACKGROUND)
    trimap[score < SURE_BACKGROUND_SHARE * threshold] = SURE_BACKGROUND
    trimap[score > threshold + SURE_OBJECT_SHARE * (1 - threshold)] = SURE_OBJECT
    return trimap.astype(np.uint8)


def _unit(values: Floats) -> Floats:
    """Values shifted and scaled to 0 .. 1; all zero if they are all equal."""
    span = values.max() - values.min()
    return (values - values.min()) / span if span > 0 else np.zeros_like(values)
