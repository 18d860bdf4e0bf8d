"""From boxes of people and soft maps of them to masks, one a person, none over another.

Each place near a box is judged by a logistic model: what the maps of the person say there, and
where it lies in the box, for a person fills the middle of it and not the corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automask import maskops
from automask.types import Bits, Box

Floats = NDArray[Any]

HARDLY = 0.01  # log-odds
LEAST = 0.01  # shares are kept this far from 0 and 1, where their log-odds have no end
SPECK_SHARE = 0.005  # of a person: smaller parts, and holes, are noise
NESTED, LESS_SURE = 0.85, 0.75  # share of a window, of a score, by which one is a part of another


class View(NamedTuple):
    """A soft map of a part of the picture: shares 0 .. 1, of any size, over the whole of `box`."""

    box: Box
    shares: Floats


@dataclass(frozen=True)
class Evidence:
    """What each thing that is known of a place weighs, in log-odds.

    Parameters
    ----------
    start : float
        Before anything is known.
    views : float
        The weight of the mean of the log-odds that the views of the person give.
    subject : float
        The weight of the log-odds that it belongs to the subject of the picture.
    inside : float
        In the box itself.
    shape : tuple of six floats
        Of x**2, y**2, y, x**2 * y, x**4 (5 at most), y**4 (5 at most), where x and y go from -1 to
        1 across and down the box.
    reach : float
        How far outside of the box a person may be, in shares of its sides.
    """

    start: float
    views: float
    subject: float
    inside: float
    shape: tuple[float, float, float, float, float, float]
    reach: float


class Person(NamedTuple):
    """The log-odds that each place of `window` belongs to a person, and how sure one is there."""

    window: Box
    odds: Floats
    score: float


def log_odds(shares: Floats) -> Floats:
    """Logarithm of p / (1 - p), of shares that are not quite 0 or 1."""
    kept = np.clip(shares, LEAST, 1 - LEAST)
    return np.asarray(np.log(kept / (1 - kept)))


def grown(box: Sequence[float], share: float, shape: tuple[int, int], *, square: bool) -> Box:
    """The box with `share` of its sides more on each side, as a square if wanted, in the image.

    Parameters
    ----------
    box : (x0, y0, x1, y1)
        In pixels.
    share : float
    shape : (H, W)
        Of the image.
    square : bool
    """
    x0, y0, x1, y1 = box
    half_x, half_y = (0.5 + share) * (x1 - x0), (0.5 + share) * (y1 - y0)
    if square:
        half_x = half_y = max(half_x, half_y)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    left, top = max(0, int(x - half_x)), max(0, int(y - half_y))
    right, bottom = int(np.ceil(x + half_x)), int(np.ceil(y + half_y))
    return Box(left, top, right, bottom).clipped(shape)


def judged(
    box: Sequence[float],
    views: Sequence[View],
    evidence: Evidence,
    shape: tuple[int, int],
    *,
    score: float = 1.0,
    subject: Floats | None = None,
) -> Person:
    """The person in `box`: log-odds above 0 where one is more likely than not.

    Parameters
    ----------
    box : (x0, y0, x1, y1)
        In pixels of the image; it may reach outside of it.
    views : sequence of View
        Soft maps of the person, in pixels of the image.
    evidence : Evidence
        How they are weighed.
    shape : (H, W)
        Of the image.
    score : float
        How sure it is that there is somebody, 0 to 1.
    subject : float ndarray of shape (h, w), optional
        The soft map of the whole picture, 0 to 1, if the evidence has a weight for it.
    """
    window = grown(box, evidence.reach, shape, square=False)
    odds = evidence.start + _of_place(box, window, evidence)
    odds += evidence.views * np.mean([_seen(view, window) for view in views], axis=0)
    if subject is not None:
        whole = View(Box(0, 0, shape[1], shape[0]), subject)
        odds += evidence.subject * _seen(whole, window)
    return Person(window, _without_noise(odds), score)


def _without_noise(odds: Floats) -> Floats:
    """Log-odds in which specks count as not of the person, and pinholes as hardly of the person."""
    mask = odds > 0
    swept = maskops.swept(mask, SPECK_SHARE * np.count_nonzero(mask))
    return np.where(mask & ~swept, -HARDLY, np.where(swept & ~mask, HARDLY, odds))


def _of_place(box: Sequence[float], window: Box, evidence: Evidence) -> Floats:
    """What the place alone says; float32 ndarray of the window's shape."""
    x0, y0, x1, y1 = box
    x = (np.arange(window.x0, window.x1) + 0.5 - (x0 + x1) / 2) / max((x1 - x0) / 2, 0.5)
    y = (np.arange(window.y0, window.y1) + 0.5 - (y0 + y1) / 2) / max((y1 - y0) / 2, 0.5)
    x, y = x[None].astype(np.float32), y[:, None].astype(np.float32)
    across, down, slope, narrowing, edge_x, edge_y = evidence.shape
    of_x = across * x**2 + edge_x * np.minimum(x**4, 5)
    of_y = down * y**2 + slope * y + edge_y * np.minimum(y**4, 5)
    inside = evidence.inside * ((abs(x) < 1) & (abs(y) < 1))
    return np.asarray(of_x + of_y + narrowing * x**2 * y + inside, np.float32)


def _seen(view: View, window: Box) -> Floats:
    """Log-odds of a view in the window; the lowest there are where it shows nothing."""
    import cv2

    result = np.full((window.height, window.width), log_odds(np.zeros(1))[0], np.float32)
    common = view.box.overlap(window)
    if not common.area:
        return result
    # the part of the map that the window needs, without making the rest of it large
    scale = np.array(
        [view.shares.shape[1] / view.box.width, view.shares.shape[0] / view.box.height]
    )
    x = ((np.arange(common.x0, common.x1) + 0.5 - view.box.x0) * scale[0] - 0.5).astype(np.float32)
    y = ((np.arange(common.y0, common.y1) + 0.5 - view.box.y0) * scale[1] - 0.5).astype(np.float32)
    odds = log_odds(np.asarray(view.shares, np.float32)).astype(np.float32)
    across, down = np.meshgrid(x, y)
    part = cv2.remap(odds, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    rows = slice(common.y0 - window.y0, common.y1 - window.y0)
    result[rows, common.x0 - window.x0 : common.x1 - window.x0] = part
    return result


def apart(people: Sequence[Person], shape: tuple[int, int]) -> list[Person]:
    """The people with each pixel left to one of them: where it is likelier to be; the surest first.

    A box inside another one that is much surer often holds the legs, or the head, of the same
    person, and becomes a part of that one.

    Parameters
    ----------
    people : sequence of Person
    shape : (H, W)
        Of the image.
    """
    kept: list[Person] = []
    for person in sorted(people, key=lambda one: -one.score):
        within = [i for i, other in enumerate(kept) if _is_part(person, other)]
        if within:
            kept[within[0]] = _joined(kept[within[0]], person)
        else:
            kept.append(person)
    owner, best = np.full(shape, -1, np.int32), np.zeros(shape, np.float32)
    for i, person in enumerate(kept):
        likelier = person.odds > best[person.window.slices]
        owner[person.window.slices][likelier] = i
        best[person.window.slices][likelier] = person.odds[likelier]
    return [
        p._replace(odds=np.where(owner[p.window.slices] == i, p.odds, -np.inf))
        for i, p in enumerate(kept)
    ]


def _is_part(person: Person, other: Person) -> bool:
    common = person.window.overlap(other.window).area
    return common >= NESTED * person.window.area and person.score < LESS_SURE * other.score


def _joined(a: Person, b: Person) -> Person:
    boxes = np.array([a.window, b.window])
    window = Box(*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())
    odds = np.full((window.height, window.width), -np.inf, np.float32)
    for person in (a, b):
        x, y = person.window.x0 - window.x0, person.window.y0 - window.y0
        part = odds[y : y + person.window.height, x : x + person.window.width]
        np.maximum(part, person.odds, out=part)
    return Person(window, odds, a.score)


def enlarged(
    person: Person, scale: tuple[float, float], shape: tuple[int, int]
) -> tuple[Bits, Box]:
    """The mask of a person of a reduced copy at the size of the image, and its box there.

    Parameters
    ----------
    person : Person
        Of `apart`.
    scale : (float, float)
        Pixels of the image for one of the copy, across and down.
    shape : (H, W)
        Of the image.
    """
    import cv2

    soft = 1 / (1 + np.exp(-np.clip(person.odds, -30, 30)))
    soft[person.odds == -np.inf] = 0
    x0, y0, x1, y1 = person.window
    box = Box(
        round(x0 * scale[0]), round(y0 * scale[1]), round(x1 * scale[0]), round(y1 * scale[1])
    ).clipped(shape)
    if not box.area:
        return np.zeros((0, 0), bool), box
    size = box.width, box.height
    mask = cv2.resize(soft.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    # what another one in front has cut off; a hole may be that one, and stays
    return mask & maskops.swept(mask, SPECK_SHARE * np.count_nonzero(mask)), box
