"""`skin`: the pixels that are more likely human skin than anything else, by colour alone.

M. J. Jones and J. M. Rehg, "Statistical color models with application to skin detection", IJCV
46(1), 2002: two mixtures of sixteen Gaussians over RGB with diagonal covariances, which they
fitted to nearly a billion labelled pixels of photos from the web.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from automask.colours.cells import levels_of_cells, look_up
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image

# Each row: the mean of red, green and blue; their variances; the weight of the Gaussian.
_SKIN = (
    (73.53, 29.94, 17.76, 765.4, 121.44, 112.8, 0.0294),
    (249.71, 233.94, 217.49, 39.94, 154.44, 396.05, 0.0331),
    (161.68, 116.25, 96.95, 291.03, 60.48, 162.85, 0.0654),
    (186.07, 136.62, 114.4, 274.95, 64.6, 198.27, 0.0756),
    (189.26, 98.37, 51.18, 633.18, 222.4, 250.69, 0.0554),
    (247.0, 152.2, 90.84, 65.23, 691.53, 609.92, 0.0314),
    (150.1, 72.66, 37.76, 408.63, 200.77, 257.57, 0.0454),
    (206.85, 171.09, 156.34, 530.08, 155.08, 572.79, 0.0469),
    (212.78, 152.82, 120.04, 160.57, 84.52, 243.9, 0.0956),
    (234.87, 175.43, 138.94, 163.8, 121.57, 279.22, 0.0763),
    (151.19, 97.74, 74.59, 425.4, 73.56, 175.11, 0.11),
    (120.52, 77.55, 59.82, 330.45, 70.34, 151.82, 0.0676),
    (192.2, 119.62, 82.32, 152.76, 92.14, 259.15, 0.0755),
    (214.29, 136.08, 87.24, 204.9, 140.17, 270.19, 0.05),
    (99.57, 54.33, 38.06, 448.13, 90.18, 151.29, 0.0667),
    (238.88, 203.08, 176.91, 178.38, 156.27, 404.99, 0.0749),
)
_OTHER = (
    (254.37, 254.41, 253.82, 2.77, 2.81, 5.46, 0.0637),
    (9.39, 8.09, 8.52, 46.84, 33.59, 32.48, 0.0516),
    (96.57, 96.95, 91.53, 280.69, 156.79, 436.58, 0.0864),
    (160.44, 162.49, 159.06, 355.98, 115.89, 591.24, 0.0636),
    (74.98, 63.23, 46.33, 414.84, 245.95, 361.27, 0.0747),
    (121.83, 60.88, 18.31, 2502.24, 1383.53, 237.18, 0.0365),
    (202.18, 154.88, 91.04, 957.42, 1766.94, 1582.52, 0.0349),
    (193.06, 201.93, 206.55, 562.88, 190.23, 447.28, 0.0649),
    (51.88, 57.14, 61.55, 344.11, 191.77, 433.4, 0.0656),
    (30.88, 26.84, 25.32, 222.07, 118.65, 182.41, 0.1189),
    (44.97, 85.96, 131.95, 651.32, 840.52, 963.67, 0.0362),
    (236.02, 236.27, 230.7, 225.03, 117.29, 331.95, 0.0849),
    (207.86, 191.2, 164.12, 494.04, 237.69, 533.52, 0.0368),
    (99.83, 148.11, 188.17, 955.88, 654.95, 916.7, 0.0389),
    (135.06, 131.92, 123.1, 350.35, 130.3, 388.43, 0.0943),
    (135.96, 103.89, 66.88, 806.44, 642.2, 350.36, 0.0477),
)


@STRATEGIES.register("skin")
@dataclass(frozen=True)
class Skin(PixelStrategy):
    """Pixels of the colour of human skin, light to dark; also wood, sand or fur of that colour.

    A pixel is skin where the skin model of Jones and Rehg (2002) gives its colour a higher density
    than their model of everything else.
    """

    group: ClassVar[str] = "colour"
    example: ClassVar[str] = "skin:largest"
    reducible: ClassVar[bool] = True

    def select(self, image: Image) -> Bits:
        """The pixels that look like skin."""
        return look_up(image, _table())


@cache
def _table() -> Bits:
    """Whether the middle of each cell is skin, bool of shape (32768,)."""
    likelier: Bits = _density(_SKIN) > _density(_OTHER)
    return likelier


def _density(gaussians: tuple[tuple[float, ...], ...]) -> NDArray[np.float64]:
    """The density of the mixture at the middle of each cell, shape (32768,)."""
    rows = np.array(gaussians)
    mean, variance, weight = rows[:, :3, None], rows[:, 3:6, None], rows[:, 6]
    along = np.exp(-np.square(levels_of_cells() - mean) / (2 * variance)) / np.sqrt(variance)
    red, green, blue = along.transpose(1, 0, 2)
    density: NDArray[np.float64] = np.einsum(
        "n,nr,ng,nb->rgb", weight, red, green, blue, optimize=True
    )
    return density.reshape(-1)
