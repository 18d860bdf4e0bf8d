"""The sky in a small copy of a picture: what could be it, and how likely each of that is to be it.

What hangs from the top edge down to the first strong edge is taken for a sky, as in Shen and Wang,
"Sky region detection in a single image for autonomous ground robot navigation" (2013); its colour,
as it changes with the height, then finds the rest. That is done for several ideas of what colours a
sky has. Which of the areas is one, if any, is weighed, not ruled: one threshold met by a hair does
not decide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automask.types import Bits

REDUCED_PX = 240  # longer side of the copy that the figures below are of
FEWEST_PX = 16  # of that copy: fewer say nothing about a colour
TOP_PX = 4  # rows that count as the top edge, or as the bottom one
CALM = 3.0  # CIELAB units a pixel of that copy; above it lies texture or an edge
DARKEST_BLUE, BLUEST_CLOUD = 35.0, -4.0  # lightness of a daylight sky, 0 .. 100; b*
PURPLE, PURPLER = 12.0, 0.75  # a* of a blue at most, or that share of how blue it is
HAZE_CHROMA = 20.0
LEAST_SHARE, LEAST_TOP_SHARE = 0.012, 0.10  # of the picture, of its top edge
LIKE = 3.5  # standard deviations from the colour at a height
NOISE = 9.0, 4.0, 4.0  # CIELAB variance that the most even sky has as well
EVEN = 0.1  # CIELAB units a pixel: no area is more even than that

Floats = NDArray[Any]


class Clouds(NamedTuple):
    """What counts as a cloud's colour: a grey that is lighter than most of what it shines on.

    `median` is the share of the picture's median lightness that it has at least.
    """

    chroma: float
    darkest: float
    median: float
    greenest: float
    blue_too: bool


# A usual sky; one that is most of the picture or of a tinted one; a white one above blue hills
CLOUDS = (
    Clouds(13.0, 50.0, 1.0, -16.0, blue_too=True),
    Clouds(16.0, 45.0, 0.85, -18.0, blue_too=True),
    Clouds(13.0, 85.0, 1.0, -16.0, blue_too=False),
)


class Signs(NamedTuple):
    """What tells a sky from a wall, a ceiling, water or snow; and what each of that weighs.

    Lightness, a* and b* are those of CIELAB, of the mean colour of the area; shares are 0 .. 1.
    """

    texture: float  # logarithm of how much the colour changes inside, CIELAB units a pixel
    lighter: float  # than three quarters of the rest of the picture, in lightness
    rest: float  # how far those three quarters reach above the middle of the rest, in lightness
    bottom: float  # share of the bottom edge
    pink: float  # a*
    uneven: float  # standard deviation of the lightness
    share: float  # square root of the share of the picture
    top: float  # square of the share of the top edge
    blue: float  # -b* times `share`: a large area has to be blue
    slope: float  # square of what a whole height would add to the lightness


# Fitted to 247 pictures, 48 of them with sky, each in 17 variants of size, crop, colour, quality
WEIGHTS = Signs(-0.8, 0.04, -0.099, -6.1, -0.13, -0.28, 1.3, 2.5, 0.23, 0.00025)
BIAS = -1.8
LIKELY, SURE = 0.33, 0.6  # what an area needs to be a sky, and to be taken without another look


def sky_area(lab: Floats) -> Bits:
    """The sky roughly, all False if there is none; bool ndarray of shape (H, W).

    Parameters
    ----------
    lab : float32 ndarray of shape (H, W, 3), CIELAB of a copy of `REDUCED_PX` or less.
    """
    smooth = _change(lab, 2.0)
    best, found = LIKELY, np.zeros(lab.shape[:2], bool)
    for area in _areas(lab):
        chance = likelihood(signs(lab, smooth, area))
        if chance >= best:
            best, found = chance, area
        if chance >= SURE:
            break
    return found


def likelihood(of: Signs) -> float:
    """How likely an area with these signs is a sky, 0 .. 1 (logistic regression)."""
    total = BIAS + sum(weight * sign for weight, sign in zip(WEIGHTS, of, strict=True))
    return 1 / (1 + math.exp(-max(min(total, 50.0), -50.0)))


def signs(lab: Floats, change: Floats, area: Bits) -> Signs:
    """What is to be seen of an area, of which some pixels are set.

    Parameters
    ----------
    lab : float32 ndarray of shape (H, W, 3), CIELAB.
    change : float32 ndarray of shape (H, W), how much the colour changes at a pixel.
    area : bool ndarray of shape (H, W).
    """
    inside, rest = lab[area], lab[..., 0][~area]
    light, a, b = (float(mean) for mean in inside.mean(axis=0))
    middle, upper = np.percentile(rest, (50, 75)).tolist() if rest.size else (light, light)
    share = math.sqrt(area.mean())
    return Signs(
        texture=math.log(float(np.median(change[_inner(area)])) + EVEN),
        lighter=light - upper,
        rest=upper - middle,
        bottom=float(area[-TOP_PX:].any(axis=0).mean()),
        pink=a,
        uneven=float(inside[:, 0].std()),
        share=share,
        top=float(area[:TOP_PX].any(axis=0).mean()) ** 2,
        blue=-b * share,
        slope=min(_slope(inside[:, 0], area) ** 2, 1e4),
    )


def _inner(area: Bits) -> Bits:
    """The area without its border, if that leaves anything."""
    import cv2

    inner = cv2.erode(area.astype(np.uint8), np.ones((5, 5), np.uint8)).view(bool)
    return inner if inner.any() else area


def _slope(light: Floats, area: Bits) -> float:
    """How much lighter an area becomes from the top of the picture to its bottom."""
    height = np.nonzero(area)[0] / len(area)
    away = height - height.mean()
    # sums, for `@` wakes the threads of BLAS, which spin for longer than this takes
    return float((away * light).sum()) / max(float((away**2).sum()), 1e-4 * len(away))


def _areas(lab: Floats) -> Iterator[Bits]:
    """What could be the sky, for each idea of its colours."""
    change = _change(lab, 1.0)
    for clouds in CLOUDS:
        coloured = _sky_coloured(lab, clouds)
        seed = _hanging((change < CALM) & coloured)
        if seed.sum() < FEWEST_PX:
            continue
        area = _grown(lab, change, coloured, seed)
        if area.mean() >= LEAST_SHARE:
            yield area


def _change(lab: Floats, sigma_px: float) -> Floats:
    """Length of the colour gradient of the blurred picture; shape (H, W).

    In CIELAB units a pixel of a copy of `REDUCED_PX`: a smaller picture changes as much in fewer.
    """
    import cv2

    smooth = cv2.GaussianBlur(lab, (0, 0), sigma_px)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    length = np.sqrt((across**2 + down**2) @ np.ones(3, np.float32))
    return np.asarray(length * np.float32(max(length.shape) / REDUCED_PX))


def _sky_coloured(lab: Floats, clouds: Clouds) -> Bits:
    """Where the colour is a sky's: a blue, or a light grey."""
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    least = max(clouds.darkest, clouds.median * float(np.median(light)))
    coloured = (_chroma(lab) < clouds.chroma) & (light > least)
    if clouds.blue_too:
        blue = (b < BLUEST_CLOUD) & (a < np.maximum(PURPLE, -PURPLER * b)) & (a > 0.6 * b - 4)
        coloured |= blue & (light > DARKEST_BLUE)
    return np.asarray(coloured & (a > clouds.greenest))


def _chroma(lab: Floats) -> Floats:
    return np.hypot(lab[..., 1], lab[..., 2])


def _hanging(calm: Bits) -> Bits:
    """The parts of `calm`, without threads, that take a share of the top edge."""
    import cv2

    opened = cv2.morphologyEx(calm.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, parts = cv2.connectedComponents(opened, connectivity=4)
    at_top = np.bincount(parts[:TOP_PX].max(axis=0), minlength=count) / calm.shape[1]
    kept = at_top >= LEAST_TOP_SHARE
    kept[0] = False
    return np.asarray(kept[parts])


def _grown(lab: Floats, change: Floats, coloured: Bits, seed: Bits) -> Bits:
    """The seed, what hangs together with it and has its colour, and gaps above the horizon."""
    import cv2

    alike = _alike(lab, seed) & coloured
    # towards the horizon a sky turns lighter and a little warmer than any model of its top says
    paler = lab[..., 0] > np.median(lab[seed][:, 0])
    haze = paler & (_chroma(lab) < HAZE_CHROMA) & (change < 2 * CALM)
    _, parts = cv2.connectedComponents((alike | seed | haze).astype(np.uint8), connectivity=8)
    joined = (np.bincount(parts[seed], minlength=parts.max() + 1) > 0)[parts]
    lowest = np.flatnonzero(joined.any(axis=1)).max()
    above = np.arange(len(lab)) < 0.9 * lowest
    return np.asarray(joined | (alike & above[:, None]))


def _alike(lab: Floats, seed: Bits) -> Bits:
    """Where the colour is that of the seed, which changes evenly with the height."""
    rows = np.arange(len(lab), dtype=np.float32) / len(lab)
    height = np.broadcast_to(rows[:, None], seed.shape)[seed]
    inside, middle = lab[seed], height.mean()
    mean, away = inside.mean(axis=0), height - middle
    slope = away @ inside / max(float(away @ away), 1e-9)  # the line of least squares
    rest = lab - (mean + (rows[:, None, None] - middle) * slope)
    spread = np.cov(rest[seed].T) + np.diag(NOISE)
    # the squared distance in standard deviations is the squared length after this turn
    turn = np.linalg.cholesky(np.linalg.inv(spread)).astype(np.float32)
    return np.asarray((rest @ turn) ** 2 @ np.ones(3, np.float32) < LIKE**2)
