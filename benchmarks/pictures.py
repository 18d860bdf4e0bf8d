"""The pictures that are measured on: a sample photo in more pixels, and squares in rows."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

NAMES = ("astronaut", "cat", "coffee", "rocket")
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


def crops(count: int, folder: Path) -> Path:
    """A folder of JPEGs of one megapixel: parts of the samples, turned, with a camera's noise."""
    if folder.exists():
        return folder
    draw = np.random.default_rng(0)
    noise = draw.normal(0, 3, (2000, 2000, 3)).astype(np.float32)
    samples = [cv2.imread(str(SAMPLE.with_stem(name))) for name in NAMES]
    for number in range(count):
        rgb = _enlarged(samples[number % len(samples)], draw)
        noisy = np.clip(rgb + noise[: rgb.shape[0], : rgb.shape[1]], 0, 255).astype(np.uint8)
        place = folder / f"{number // 100:03}" / f"{number:06}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place), noisy, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return folder


def _enlarged(sample: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """A part of `sample` in one megapixel, the right way round or mirrored."""
    height, width = (int(side * draw.uniform(0.6, 1)) for side in sample.shape[:2])
    y, x = (
        int(draw.uniform(0, s - p)) for s, p in zip(sample.shape, (height, width), strict=False)
    )
    scale = (1e6 / (height * width)) ** 0.5
    part = sample[y : y + height, x : x + width, :]
    large = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return large if draw.random() < 0.5 else large[:, ::-1]


def tiny(count: int, folder: Path) -> Path:
    """A folder of PNGs of 16x12, each with another red square on grey."""
    for number in range(count):
        rgb = np.full((12, 16, 3), 128, np.uint8)
        x, y = number % 12, number // 12 % 8
        rgb[y : y + 4, x : x + 4] = (35, 25, 210 - number % 32)
        place = folder / f"{number // 1000:03}" / f"{number:06}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place), rgb)
    return folder


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
