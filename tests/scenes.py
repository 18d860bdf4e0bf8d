"""Made pictures with a thing whose mask is known."""

import cv2
import numpy as np

ORANGE, BLUE = (226, 120, 40), (52, 84, 130)


def textured(height=240, width=360, colour=BLUE, seed=3):
    """A cloth of one colour with folds and grain, uint8 of shape (height, width, 3)."""
    rng = np.random.default_rng(seed)
    folds = cv2.resize(rng.normal(0, 14, (height // 12 + 2, width // 12 + 2)), (width, height))
    grain = rng.normal(0, 5, (height, width, 3))
    return np.clip(np.array(colour) + folds[..., None] + grain, 0, 255).astype(np.uint8)


def scene(truth, colour=ORANGE, seed=3):
    """`textured` with another cloth where `truth`, bool of shape (H, W), is True."""
    rgb = textured(*truth.shape, seed=seed)
    rgb[truth] = textured(*truth.shape, colour, seed + 1)[truth]
    return cv2.GaussianBlur(rgb, (0, 0), 0.6)


def disc(height=240, width=360, centre=(210, 110), radius_px=52):
    """A round mask, bool of shape (height, width); `centre` is (x, y)."""
    down, across = np.mgrid[:height, :width]
    return (across - centre[0]) ** 2 + (down - centre[1]) ** 2 <= radius_px**2


def bar(height=240, width=360):
    """The mask of a slanting bar, bool of shape (height, width)."""
    mask = np.zeros((height, width), np.uint8)
    cv2.line(mask, (width // 5, height * 3 // 4), (width * 4 // 5, height // 3), 1, height // 6)
    return mask > 0


ODD_SHAPES = [(1, 1), (1, 50), (50, 1), (2, 3), (3, 2), (8, 5), (3, 700), (700, 3), (20, 900)]
