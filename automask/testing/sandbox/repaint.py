"""How the sandbox paints: OpenCV's inpainting under a visible tint, and pictures made up."""

from __future__ import annotations

import colorsys
import hashlib
import struct
import zlib

import numpy as np

from automask.types import Bits, Pixels

WORK_SIDE_PX = 160  # the filling is smooth, so a small picture of it will do and is quick
RADIUS_PX = 3.0
TINT = 0.45  # share of the tint in what was repainted: nobody takes it for a photo


def filled(rgb: Pixels, mask: Bits) -> Pixels:
    """`rgb` with `mask` filled by `cv2.inpaint` (Navier-Stokes) at a reduced size.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    mask : bool ndarray of shape (H, W)

    Returns
    -------
    uint8 ndarray of shape (H, W, 3)
        A new array; pixels outside the mask are those of `rgb`, bit for bit.
    """
    import cv2

    height, width = mask.shape
    scale = min(1.0, WORK_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    hole = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    if not hole.all():
        small = cv2.inpaint(small, hole.view(np.uint8), RADIUS_PX, cv2.INPAINT_NS)
    soft = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(mask[..., None], soft, rgb)


def tinted(rgb: Pixels, mask: Bits, tint: tuple[int, int, int], share: float = TINT) -> Pixels:
    """`rgb` with a `share` (0..1) of the colour `tint` mixed into what `mask` selects."""
    import cv2

    every = np.arange(256)[:, None] * (1 - share) + np.array(tint) * share
    mixed = cv2.LUT(rgb, np.rint(every).astype(np.uint8)[None])
    out = rgb.copy()
    cv2.copyTo(mixed, mask.view(np.uint8), out)
    return out


def colour(words: str) -> tuple[int, int, int]:
    """A strong colour for `words`, always the same one."""
    hue = hashlib.sha256(words.encode()).digest()[0] / 256
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.9, 0.95)
    return round(red * 255), round(green * 255), round(blue * 255)


def png(rgb: Pixels) -> bytes:
    """`rgb` as a PNG without compression: ten times as quick, and it goes no further than here.

    The layout is that of the PNG specification (W3C, third edition): signature, IHDR, IDAT, IEND.
    """
    height, width = rgb.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with its filter: 0, none
    rows[:, 1:] = rgb.reshape(height, 3 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 0)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return b"".join([struct.pack(">I", len(content)), kind, content, struct.pack(">I", check)])


def imagined(words: str, size: tuple[int, int]) -> Pixels:
    """A made-up picture of `size` (W, H): discs on a shaded ground, decided by `words`."""
    import cv2

    generator = np.random.default_rng(list(words.encode()))
    width, height = size
    corners = generator.integers(60, 230, (2, 2, 3), np.uint8)
    canvas = cv2.resize(corners, size, interpolation=cv2.INTER_LINEAR)
    for _ in range(6):
        centre = int(generator.integers(width)), int(generator.integers(height))
        radius = int(generator.uniform(0.06, 0.22) * min(size))
        shade = [int(value) for value in generator.integers(0, 256, 3)]
        cv2.circle(canvas, centre, max(radius, 1), shade, -1, cv2.LINE_AA)
    return np.asarray(canvas, np.uint8)
