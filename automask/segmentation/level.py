"""Where to cut a soft mask."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]

TRUST = 0.85  # of the log-odds that a map shows: networks are surer than they are right
LOWEST, HIGHEST = 0.3, 0.5  # of the map
STEPS = 256


def best_level(soft: Floats) -> float:
    """The level of a soft mask above which lies what overlaps the thing best, as far as one knows.

    Where the mask is taken for how likely each pixel is a part of the thing, the intersection of
    the thing with any choice of pixels is expected to be the sum of what was chosen, and the union
    their number and the sum of the rest. The surer a mask is, the higher is the best level.

    Parameters
    ----------
    soft : float32 ndarray of shape (H, W)
        0 to 1.

    Returns
    -------
    float
        `LOWEST` to `HIGHEST`.

    Notes
    -----
    Nowozin, "Optimal decisions from probabilistic models: the intersection-over-union case",
    CVPR 2014.
    """
    steps = np.minimum(soft.ravel() * STEPS, STEPS - 1).astype(np.uint8)
    number = np.bincount(steps, minlength=STEPS)[::-1]  # from the surest down
    level = ((np.arange(STEPS) + 0.5) / STEPS)[::-1]
    chance = 1 / (1 + (1 / level - 1) ** TRUST)
    chosen, taken = np.cumsum(number * chance), np.cumsum(number)
    expected = chosen / (taken + chosen[-1] - chosen)
    return float(np.clip(level[expected.argmax()], LOWEST, HIGHEST))
