"""Small pictures on which strategies and filters are tried, those of a contract and your own."""

from __future__ import annotations

from typing import Any

import numpy as np

from automask.types import Image


def pictures() -> dict[str, Image]:
    """Small images that between them have what goes wrong: none is square but the single pixel."""
    rng = np.random.default_rng(20)
    scene = _scene(61, 97)
    see_through = np.zeros(scene.shape[:2], np.uint8)
    see_through[10:50, 20:90] = 255
    return {
        "scene": Image(scene),
        "alpha": Image(scene.copy(), alpha=see_through),
        "noise": Image(rng.integers(0, 256, (23, 41, 3), np.uint8)),
        "gray": Image(np.full((17, 31, 3), 128, np.uint8)),
        "black": Image(np.zeros((40, 24, 3), np.uint8)),
        "white": Image(np.full((24, 40, 3), 255, np.uint8)),
        "pixel": Image(np.array([[[200, 30, 40]]], np.uint8)),
        "row": Image(scene[30:31].copy()),
        "column": Image(scene[:, 40:41].copy()),
        "tiny": Image(rng.integers(0, 256, (2, 3, 3), np.uint8)),
    }


def _scene(height: int, width: int) -> Any:
    """A shaded ground with a red, a green, a white and a black thing on it, and fine noise."""
    down, across = np.mgrid[:height, :width]
    rgb = np.stack([90 + across, 110 + down, 170 - across + down], axis=2).astype(np.float64)
    things = [
        ((down - 18) ** 2 + (across - 24) ** 2 < 11**2, (208, 32, 38)),
        ((abs(down - 40) < 12) & (abs(across - 66) < 17), (40, 160, 60)),
        ((abs(down - 10) < 5) & (abs(across - 80) < 9), (250, 250, 250)),
        ((abs(down - 52) < 6) & (abs(across - 12) < 8), (6, 6, 8)),
    ]
    for where, colour in things:
        rgb[where] = colour
    rgb += np.random.default_rng(4).normal(0, 3, rgb.shape)
    return np.clip(rgb, 0, 255).astype(np.uint8)
