"""CIELAB of sRGB colours, in floating point: D65, 2 degree observer, L* 0 to 100."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# Linear sRGB (IEC 61966-2-1) to CIE XYZ relative to its D65 white, so that white is (1, 1, 1).
_XYZ = np.array(
    [
        [0.4339493, 0.3762098, 0.1898409],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0177566, 0.1094680, 0.8727754],
    ],
    np.float32,
)


def lab_of(rgb: NDArray[np.uint8]) -> Floats:
    """CIELAB of sRGB colours: uint8 ndarray of shape (N, 3) in, float32 of shape (3, N) out.

    >>> lab_of(np.array([[255, 0, 0], [0, 0, 255]], np.uint8)).round().tolist()
    [[53.0, 32.0], [80.0, 79.0], [67.0, -108.0]]
    """
    return _lab(_XYZ @ _linear_codes().take(rgb.T))


def lab_of_grid(levels: NDArray[np.float64]) -> Floats:
    """CIELAB of every mixture of red, green and blue `levels` on the scale 0 to 255.

    Parameters
    ----------
    levels : float ndarray of shape (n,)

    Returns
    -------
    float32 ndarray of shape (3, n, n, n)
        Its first axis is L*, a*, b*, the others are red, green and blue.
    """
    red, green, blue = _XYZ.T[:, :, None] * _linear(levels).astype(np.float32)
    mixed = red[:, :, None, None] + green[:, None, :, None] + blue[:, None, None, :]
    return _lab(mixed.reshape(3, -1)).reshape(mixed.shape)


@cache
def _linear_codes() -> Floats:
    return _linear(np.arange(256.0)).astype(np.float32)


def _linear(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """The light 0 to 1 of sRGB levels 0 to 255 (IEC 61966-2-1)."""
    share = level / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _lab(xyz: Floats) -> Floats:
    """CIELAB (CIE 15:2004) of XYZ relative to white, both of shape (3, N)."""
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])
