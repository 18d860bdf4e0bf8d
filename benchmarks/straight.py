"""The shortest OpenCV scripts that do what a rule does, to measure the rule against."""

from __future__ import annotations

import cv2
import numpy as np

# About what color("red") selects, as a box in OpenCV's 8-bit CIELAB.
RED = (60, 168, 158), (140, 210, 215)


def largest_red_grown(path: str) -> np.ndarray:
    """What ``color("red"):largest:grow(8px)`` means, bool of shape (H, W)."""
    image = cv2.imread(path)
    red = cv2.inRange(cv2.cvtColor(image, cv2.COLOR_BGR2LAB), *RED)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(red)
    largest = labels == 1 + np.argmax(stats[1:, cv2.CC_STAT_AREA])
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17))
    return cv2.dilate(largest.view(np.uint8), disk).view(bool)


def red(path: str) -> np.ndarray:
    """What ``color("red")`` means, bool of shape (H, W)."""
    image = cv2.imread(path)
    return cv2.inRange(cv2.cvtColor(image, cv2.COLOR_BGR2LAB), *RED).view(bool)
