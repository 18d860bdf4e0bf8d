"""`sky`: the sky by where it is, its light, its colour and its calm, without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from automask.colours.cielab import lab_of
from automask.segmentation import graphcut
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image, Pixels

REDUCED_PX = 240  # longer side of the copy on which the sky is found
FEWEST_PX = 16  # of that copy: fewer say nothing about a colour
TOP_PX = 4  # rows that count as the top edge, or as the bottom one
CALM = 3.0  # CIELAB units a pixel of that copy; above it lies texture or an edge
DARKEST_BLUE, DARKEST_GREY = 35.0, 60.0  # lightness of a daylight sky, 0 .. 100
BLUEST_CLOUD, CLOUD_CHROMA, HAZE_CHROMA = -4.0, 13.0, 20.0
LEAST_SHARE, LEAST_TOP_SHARE = 0.012, 0.10  # of the picture, of its top edge
LIKE = 3.5  # standard deviations from the colour at a height
NOISE = 9.0, 4.0, 4.0  # CIELAB variance that the most even sky has as well
CLOUDY_TEXTURE, CLEAR_TEXTURE, CLEAR_BLUE = 1.0, 0.5, -12.0
PINK = 1.5  # a* of a grey above which it is paint under a lamp
LOW_CENTRE, LOW_BOTTOM_SHARE = 0.55, 0.30  # of the height, of the bottom edge
BAND_PX = 9  # in which the border is found anew
# A picture against the light: the darkest of the sky is that much lighter than most of the rest
AGAINST_LIGHT, LIGHTER = 25.0, 0.9  # lightness; of the way from the rest to that darkest
LACE_PX = 7  # sky between twigs, narrower than this, is left to the tree

Floats = NDArray[Any]


@STRATEGIES.register("sky")
@dataclass(frozen=True)
class Sky(PixelStrategy):
    """The daylight sky, blue or clouded, where it reaches the top of the picture.

    It looks for a light, smooth area of sky colour that hangs from the top edge; against the light
    all that is as light as it and hangs together with it counts as well. That is a rule of
    thumb, not recognition: it misses the sky at sunset, at dusk and at night and parts of a hazy
    one, and it can take a pale wall, snow or water at the top of the picture for sky.
    Nothing is found when no area is believable.
    """

    group: ClassVar[str] = "things"
    example: ClassVar[str] = "sky:shrink(2px)"
    reducible: ClassVar[bool] = True

    def select(self, image: Image) -> Bits:
        """The pixels of the sky; its border follows the picture's edges."""
        small = image.reduced(REDUCED_PX)
        lab = _cielab(small)
        found = sky_area(lab)
        if not found.any():
            return np.zeros(image.shape, bool)
        area = _lit(lab[..., 0], found)
        return graphcut.enlarged(_cut(small, found) if area is None else area, image.rgb)


def sky_area(lab: Floats) -> Bits:
    """The sky roughly, all False if none is believable; bool ndarray of shape (H, W).

    What hangs from the top edge down to the first strong edge is taken to be sky, as in Shen and
    Wang, "Sky region detection in a single image for autonomous ground robot navigation" (2013).
    Its colour, as it changes with the height, then finds the rest.

    Parameters
    ----------
    lab : float32 ndarray of shape (H, W, 3), CIELAB of a copy of `REDUCED_PX` or less.
    """
    change, coloured = _change(lab), _sky_coloured(lab)
    seed = _hanging((change < CALM) & coloured)
    if seed.sum() < FEWEST_PX:
        return np.zeros(seed.shape, bool)
    found = _grown(lab, change, coloured, seed)
    return found if _believable(lab, change, found) else np.zeros(seed.shape, bool)


def _cielab(rgb: Pixels) -> Floats:
    """The picture in CIELAB, float32 of its shape; OpenCV's needs tables that take long to make."""
    return np.ascontiguousarray(lab_of(rgb.reshape(-1, 3)).T).reshape(rgb.shape)


def _change(lab: Floats) -> Floats:
    """Length of the colour gradient; shape (H, W).

    In CIELAB units a pixel of a copy of `REDUCED_PX`: a smaller picture changes as much in fewer.
    """
    import cv2

    smooth = cv2.GaussianBlur(lab, (0, 0), 1.0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    length = np.sqrt((across**2 + down**2) @ np.ones(3, np.float32))
    return np.asarray(length * np.float32(max(length.shape) / REDUCED_PX))


def _sky_coloured(lab: Floats) -> Bits:
    """Where the colour is a sky's: a blue, or a light grey."""
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    blue = (b < BLUEST_CLOUD) & (a < 12) & (a > 0.6 * b - 4) & (light > DARKEST_BLUE)
    # clouds are lighter than most of what they shine on
    cloud = (_chroma(lab) < CLOUD_CHROMA) & (light > max(DARKEST_GREY, float(np.median(light))))
    return np.asarray((blue | cloud) & (a > -12))


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


def _believable(lab: Floats, change: Floats, found: Bits) -> bool:
    """Whether an area can be a sky: large, at the top, smooth, no pink, not all of a grey one."""
    import cv2

    at_top = found[:TOP_PX].any(axis=0).mean()
    at_bottom = found[-TOP_PX:].any(axis=0).mean()
    inner = cv2.erode(found.astype(np.uint8), np.ones((5, 5), np.uint8)).view(bool)
    if found.mean() < LEAST_SHARE or at_top < LEAST_TOP_SHARE or not inner.any():
        return False
    texture = float(np.median(change[inner]))
    _, a, b = lab[found].mean(axis=0)
    if a > PINK and b > BLUEST_CLOUD:
        return False
    centre = np.nonzero(found)[0].mean() / len(found)
    if centre <= LOW_CENTRE and at_bottom <= LOW_BOTTOM_SHARE:
        return texture < CLOUDY_TEXTURE
    # only a clear blue may fill the picture: a grey that does is a wall, snow or fog
    return texture < CLEAR_TEXTURE and bool(b < CLEAR_BLUE)


def _lit(light: Floats, found: Bits) -> Bits | None:
    """The light area that holds the sky, in a picture against the light; None in any other.

    There what is as light as the sky is sky as well, whatever its colour: the paler part above the
    horizon, and what trees and roofs divide.
    """
    import cv2

    if found.all():
        return None
    darkest, rest = float(np.percentile(light[found], 5)), float(np.percentile(light[~found], 75))
    if darkest - rest < AGAINST_LIGHT:
        return None
    area = (light >= rest + LIGHTER * (darkest - rest)).astype(np.uint8)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (LACE_PX, LACE_PX))
    opened = cv2.morphologyEx(np.pad(area, LACE_PX, mode="edge"), cv2.MORPH_OPEN, disk)
    inner = np.ascontiguousarray(opened[LACE_PX:-LACE_PX, LACE_PX:-LACE_PX])
    count, parts = cv2.connectedComponents(inner)
    holds_sky = np.bincount(parts[found], minlength=count) > 0
    holds_sky[0] = False
    return np.asarray(holds_sky[parts]) if holds_sky.any() else None


def _cut(rgb: Pixels, found: Bits) -> Bits:
    """The area with its border found anew by GrabCut, in a narrow band (Rother et al. 2004)."""
    import cv2

    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (BAND_PX, BAND_PX))
    area = found.astype(np.uint8)
    labels = np.where(cv2.dilate(area, disk), graphcut.PROBABLY_BACKGROUND, 0).astype(np.uint8)
    labels[found] = graphcut.PROBABLY_OBJECT
    labels[cv2.erode(area, disk).view(bool)] = graphcut.SURE_OBJECT
    return graphcut.cut(rgb, labels, 1)
