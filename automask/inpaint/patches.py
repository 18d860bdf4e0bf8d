"""Continuing the texture around a hole with patches of it, coarse to fine.

The objective is that of Wexler, Shechtman and Irani, "Space-time completion of video" (PAMI 2007):
every patch that meets the hole should look like some patch outside it. Nearest patches are found as
in Barnes et al., "PatchMatch" (SIGGRAPH 2009), by passing good matches on to neighbours and by
random search; the random numbers are seeded, so the same hole is always filled alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automask.types import Bits, Pixels

SIZE = 7  # of a patch, pixels a side
HALF = SIZE // 2
ROUNDS = 6  # of matching and voting on each level
COARSEST_DEPTH_PX = 3.0  # on the coarsest level the hole is no deeper than this
FEWEST_SOURCES = 50  # with fewer whole patches around there is no texture to continue
SEED = 1

Floats = NDArray[np.float32]
Places = NDArray[np.intp]  # (N, 2): row, column


def continued(rgb: Pixels, hole: Bits, first: Pixels) -> tuple[Pixels, Places]:
    """`rgb` with `hole` filled by patches, and where each pixel's patch came from.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    hole : bool ndarray of shape (H, W)
    first : uint8 ndarray of shape (H, W, 3)
        Any filling to begin with.

    Returns
    -------
    picture : uint8 ndarray of shape (H, W, 3)
    offsets : integer ndarray of shape (H, W, 2)
        Rows and columns from a pixel to its source; 0 where nothing was filled.
    """
    import cv2

    levels = _levels(rgb, hole)
    generator = np.random.default_rng(SEED)
    coarsest = levels[-1][1].shape
    done = cv2.resize(first, (coarsest[1], coarsest[0]), interpolation=cv2.INTER_AREA)
    done, offsets = done.astype(np.float32), None
    for image, gap in reversed(levels):
        if done.shape != image.shape:
            done = cv2.resize(done, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        done = np.where(gap[..., None], done, image).astype(np.float32)
        done, offsets = _level(done, gap, offsets, generator)
    assert offsets is not None  # noqa: S101  (there is always one level)
    return np.clip(np.rint(done), 0, 255).astype(np.uint8), offsets


def depth(hole: Bits) -> float:
    """How far inside `hole`, bool of shape (H, W), its innermost pixel lies, in pixels."""
    import cv2

    return float(cv2.distanceTransform(np.pad(hole, 1).view(np.uint8), cv2.DIST_L2, 3).max())


def touching(hole: Bits) -> Bits:
    """The places whose patch meets `hole`, or the edge of the picture."""
    near = _near(hole)
    near[:HALF] = near[-HALF:] = True
    near[:, :HALF] = near[:, -HALF:] = True
    return near


def shrunk(rgb: NDArray[np.uint8], hole: Bits, size: tuple[int, int]) -> Pixels:
    """`rgb` at `size` (W, H), averaged over known pixels only: what is removed leaves no stain."""
    import cv2

    known = (~hole).astype(np.float32)
    total = cv2.resize(rgb * known[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)[..., None]
    mean = np.rint(total / np.maximum(weight, 1e-3)).clip(0, 255)
    return np.asarray(mean, np.uint8)


def shrunk_hole(hole: Bits, size: tuple[int, int]) -> Bits:
    """The places at `size` (W, H) that hold any part of `hole`."""
    import cv2

    part = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(part > 0)


def _levels(rgb: Pixels, hole: Bits) -> list[tuple[Pixels, Bits]]:
    levels = [(rgb, hole)]
    while depth(levels[-1][1]) > COARSEST_DEPTH_PX and min(levels[-1][1].shape) > 4 * SIZE:
        image, gap = levels[-1]
        size = image.shape[1] // 2, image.shape[0] // 2
        less = shrunk_hole(gap, size)
        if np.count_nonzero(~touching(less)) < FEWEST_SOURCES:
            break
        levels.append((shrunk(image, gap, size), less))
    return levels


def _near(hole: Bits) -> Bits:
    import cv2

    square = np.ones((SIZE, SIZE), np.uint8)
    return np.asarray(cv2.dilate(hole.view(np.uint8), square)).view(bool)


def _windows(image: Floats) -> Floats:
    """The patch around every pixel, edges repeated: a view of shape (H, W, 3, SIZE, SIZE)."""
    import cv2

    wide = cv2.copyMakeBorder(image, HALF, HALF, HALF, HALF, cv2.BORDER_REPLICATE)
    return np.lib.stride_tricks.sliding_window_view(wide, (SIZE, SIZE), axis=(0, 1))


def _level(
    done: Floats, hole: Bits, coarse: Places | None, generator: np.random.Generator
) -> tuple[Floats, Places]:
    sources = ~touching(hole)
    places = np.argwhere(_near(hole))
    matches = _first_matches(places, sources, coarse, generator)
    weights = _confidence(hole)[places[:, 0], places[:, 1]]
    for turn in range(ROUNDS):
        search = _Search.start(_windows(done), places, sources, matches)
        search.pass_on((4, 1) if turn == 0 else (1, 1))
        search.look_around(generator)
        done = _voted(done, hole, search, weights)
    offsets = np.zeros((*hole.shape, 2), np.intp)
    offsets[places[:, 0], places[:, 1]] = matches - places
    return done, offsets


def _first_matches(
    places: Places, sources: Bits, coarse: Places | None, generator: np.random.Generator
) -> Places:
    """Random sources, or what the coarser level found where that is a source here too."""
    every = np.argwhere(sources)
    matches = every[generator.integers(len(every), size=len(places))]
    if coarse is None:
        return matches
    at = np.minimum(places // 2, np.array(coarse.shape[:2]) - 1)
    guess = places + 2 * coarse[at[:, 0], at[:, 1]]
    guess = np.clip(guess, 0, np.array(sources.shape) - 1)
    fits = sources[guess[:, 0], guess[:, 1]]
    return np.where(fits[:, None], guess, matches)


@dataclass
class _Search:
    """Looks for a nearer source patch for each of `places`; `matches` is improved in place."""

    windows: Floats
    places: Places
    sources: Bits
    matches: Places
    targets: Floats
    costs: Floats

    @classmethod
    def start(cls, windows: Floats, places: Places, sources: Bits, matches: Places) -> _Search:
        targets = windows[places[:, 0], places[:, 1]]
        found = windows[matches[:, 0], matches[:, 1]]
        return cls(windows, places, sources, matches, targets, _distances(targets, found))

    def pass_on(self, steps: tuple[int, ...]) -> None:
        """Try for each place what its neighbours a few steps away have found."""
        index = np.full(self.sources.shape, -1, np.intp)
        index[self.places[:, 0], self.places[:, 1]] = np.arange(len(self.places))
        for step in steps:
            for shift in ((0, step), (0, -step), (step, 0), (-step, 0)):
                near = self.places + shift
                inside = self._inside(near)
                near = np.where(inside[:, None], near, 0)
                other = np.where(inside, index[near[:, 0], near[:, 1]], -1)
                self.improve(self.matches[other] - shift, other >= 0)

    def look_around(self, generator: np.random.Generator) -> None:
        """Try random sources, at first anywhere and then ever nearer to the best so far."""
        reach = max(self.sources.shape)
        while reach >= 1:
            steps = generator.integers(-reach, reach + 1, size=self.matches.shape)
            self.improve(self.matches + steps, np.ones(len(self.matches), bool))
            reach //= 3

    def improve(self, trial: Places, allowed: Bits) -> None:
        """Take `trial`, (N, 2), where it is allowed, a source, and nearer."""
        usable = allowed & self._inside(trial)
        usable[usable] = self.sources[trial[usable, 0], trial[usable, 1]]
        which = np.flatnonzero(usable & (trial != self.matches).any(axis=1))
        found = self.windows[trial[which, 0], trial[which, 1]]
        costs = _distances(self.targets[which], found)
        better = costs < self.costs[which]
        self.matches[which[better]] = trial[which[better]]
        self.costs[which[better]] = costs[better]

    def _inside(self, places: Places) -> Bits:
        within = (places >= 0) & (places < np.array(self.sources.shape))
        return np.asarray(within.all(axis=1))


def _distances(a: Floats, b: Floats) -> Floats:
    gap = a - b
    return np.asarray(np.einsum("ncij,ncij->n", gap, gap), np.float32)


def _confidence(hole: Bits) -> Floats:
    """The weight of a place's vote: what is near the border is known better (Wexler et al.)."""
    import cv2

    inside = cv2.distanceTransform(np.pad(hole, 1).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.asarray(1.3 ** -np.minimum(inside, 40), np.float32)


def _voted(done: Floats, hole: Bits, search: _Search, weights: Floats) -> Floats:
    """The hole as the weighted mean of what the matches of all patches over it say."""
    import cv2

    wide = cv2.copyMakeBorder(done, HALF, HALF, HALF, HALF, cv2.BORDER_REPLICATE)
    total, sums = np.zeros_like(wide), np.zeros(wide.shape[:2], np.float32)
    spread = max(float(np.percentile(search.costs, 75)), 1.0)
    votes = np.exp(-search.costs / (2 * spread)) * weights
    to_rows, to_columns = search.places.T
    from_rows, from_columns = search.matches.T
    for row in range(SIZE):
        for column in range(SIZE):
            there = wide[from_rows + row, from_columns + column]
            total[to_rows + row, to_columns + column] += votes[:, None] * there
            sums[to_rows + row, to_columns + column] += votes
    inner = slice(HALF, -HALF), slice(HALF, -HALF)
    mean = total[inner] / np.maximum(sums[inner], 1e-9)[..., None]
    return np.where(hole[..., None], mean, done).astype(np.float32)
