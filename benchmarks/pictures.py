"""The pictures that are measured on: a sample photo in more pixels, and squares in rows."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

SAMPLE = Path(__file__).parent.parent / "samples" / "coffee.jpg"


def photo(megapixels: float, folder: Path) -> Path:
    """A JPEG of a sample enlarged to about so many megapixels, with a camera's noise."""
    path = folder / f"photo-{megapixels:g}mp.jpg"
    small = cv2.imread(str(SAMPLE))
    scale = (megapixels * 1e6 / (small.shape[0] * small.shape[1])) ** 0.5
    large = cv2.resize(small, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 3, large.shape)
    noisy = np.clip(large + noise, 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), noisy, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return path


def squares(count: int, side_px: int = 8) -> np.ndarray:
    """RGB with `count` red squares in 100 columns, each with as much grey around it."""
    rows, columns = -(-count // 100), min(count, 100)
    rgb = np.full((rows * 2 * side_px, columns * 2 * side_px, 3), 200, np.uint8)
    for i in range(count):
        y, x = (2 * side_px * n + side_px // 2 for n in divmod(i, columns))
        rgb[y : y + side_px, x : x + side_px] = (210, 25, 35)
    return rgb


def one_square(like: np.ndarray) -> np.ndarray:
    """RGB of the same size with one red square of as many pixels."""
    rgb = np.full_like(like, 200)
    side = int((like.shape[0] * like.shape[1] / 4) ** 0.5)
    rgb[20 : 20 + side, 20 : 20 + side] = (210, 25, 35)
    return rgb
