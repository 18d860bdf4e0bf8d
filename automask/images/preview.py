"""Pictures for people: a mask over its image, and a sheet of several with their titles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from automask.display import printable
from automask.errors import ArgumentError
from automask.types import Bits, Image, Mask, Pixels

TINT = (255, 64, 160)  # rose: rare in photographs, apart from green, sky and skin
LIGHT, DARK = (255, 255, 255), (20, 20, 24)
_TINT_SHARE = 0.30
_OUTSIDE = (0.45, 24.0)  # the share of the grey that stays, and a veil that lifts black


def overlay(image: Image, mask: Mask | Bits) -> Pixels:
    """The image with what is selected tinted and outlined and the rest in faint grey.

    The outline is light with a dark edge, so that it is seen on any picture, and its width goes
    with the size of the picture.

    Returns
    -------
    uint8 ndarray of shape (H, W, 3), in RGB order

    Raises
    ------
    ArgumentError
        If the mask is not of the image's size.
    """
    import cv2

    bits = np.ascontiguousarray(mask.array if isinstance(mask, Mask) else mask)
    if bits.shape != image.shape:
        raise ArgumentError(
            f"The image is {image.width} x {image.height} pixels and the mask {bits.shape[1]} x "
            f"{bits.shape[0]}; a preview needs the image that the mask was made from."
        )
    selected = bits.view(np.uint8)
    canvas: Any = cv2.convertScaleAbs(image.gray, alpha=_OUTSIDE[0], beta=_OUTSIDE[1])
    canvas = cv2.cvtColor(canvas, cv2.COLOR_GRAY2RGB)
    cv2.copyTo(_tinted(image.rgb), selected, canvas)
    width_px = max(1, round(math.hypot(*image.shape) / 700))
    _outline(canvas, selected, width_px)
    return np.asarray(canvas)


def _tinted(rgb: Pixels) -> Any:
    import cv2

    keep = 1 - _TINT_SHARE
    # One table for each channel: faster than blending with a picture of one colour.
    levels = np.arange(256)[:, None] * keep + np.array(TINT) * _TINT_SHARE
    return cv2.LUT(rgb, np.round(levels).astype(np.uint8).reshape(1, 256, 3))


def _outline(canvas: Any, selected: Pixels, width_px: int) -> None:
    """Draw the border into `canvas`: light just inside, dark around it."""
    import cv2

    margin = cv2.copyMakeBorder(selected, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width_px + 1, 2 * width_px + 1))
    core = cv2.erode(margin, disc, borderType=cv2.BORDER_CONSTANT, borderValue=0)[1:-1, 1:-1]
    pixels = canvas.reshape(-1, 3)
    # By number, since a mask of 12 MP is slow here; bool is counted in a tenth of the time.
    pixels[np.flatnonzero((selected - core).view(np.bool_))] = LIGHT
    pixels[np.flatnonzero((cv2.dilate(selected, disc) - selected).view(np.bool_))] = DARK


# --- sheets ------------------------------------------------------------------------------------

PAPER, INK, FAINT = (250, 250, 248), (24, 24, 28), (112, 112, 118)
TILE_PX = 320  # the longer side of a picture on a sheet
_GAP_PX, _LINE_PX, _LETTER_PX = 14, 18, 14


def sheet(items: Sequence[tuple[str, str, Pixels]]) -> Pixels:
    """A contact sheet: each picture scaled down, with a title and a fainter line below it.

    Parameters
    ----------
    items : sequence of (title, subtitle, uint8 RGB ndarray of shape (H, W, 3))
        Pictures may be of several sizes; letters that Pillow's own font lacks become boxes.

    Returns
    -------
    uint8 ndarray of shape (H, W, 3), in RGB order

    Raises
    ------
    ArgumentError
        If there are no items.
    """
    if not items:
        raise ArgumentError("A sheet needs one picture or more; there is none.")
    tiles = [Image(pixels).reduced(TILE_PX) for _, _, pixels in items]
    width, height = max(t.shape[1] for t in tiles), max(t.shape[0] for t in tiles)
    width = max(width, TILE_PX // 2)  # room for a title under a narrow picture
    columns = min(len(items), max(1, round(math.sqrt(len(items) * 1.5 * height / width))))
    captions, placed, y = [], [], _GAP_PX
    for first in range(0, len(items), columns):
        row = range(first, min(first + columns, len(items)))
        tallest = max(tiles[i].shape[0] for i in row)
        for i in row:
            x = _GAP_PX + (i - first) * (width + _GAP_PX)
            placed.append((x, y, tiles[i]))
            captions.append((x, y + tallest + 3, items[i][0], items[i][1]))
        y += tallest + 2 * _LINE_PX + _GAP_PX
    canvas = np.full((y, _GAP_PX + columns * (width + _GAP_PX), 3), PAPER, np.uint8)
    for x, top, tile in placed:
        canvas[top : top + tile.shape[0], x : x + tile.shape[1]] = tile
    return _lettered(canvas, captions, width)


def _lettered(canvas: Pixels, captions: list[tuple[int, int, str, str]], width_px: int) -> Pixels:
    from PIL import Image as Picture
    from PIL import ImageDraw, ImageFont

    font = ImageFont.load_default(_LETTER_PX)
    picture = Picture.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    for x, y, title, subtitle in captions:
        pen.text((x, y), _fitted(title, font, width_px), INK, font)
        pen.text((x, y + _LINE_PX), _fitted(subtitle, font, width_px), FAINT, font)
    return np.asarray(picture)


def _fitted(text: str, font: Any, width_px: int) -> str:
    """As much of `text` as fits into `width_px`, on one line."""
    text = " ".join(printable(text).split())
    text = text[:width_px]  # no letter is narrower than a pixel; measuring a long text is slow
    if _width(font, text) <= width_px:
        return text
    while text and _width(font, text + "...") > width_px:
        text = text[:-1]
    return text + "..."


def _width(font: Any, text: str) -> float:
    return float(font.getlength(text))
