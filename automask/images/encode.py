"""Masks to bytes in every format that is offered, and back."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import Any

import numpy as np

from automask.errors import ArgumentError, ImageError
from automask.images import png, polygons, quiet, rle
from automask.images.notes import notes_of, sidecar
from automask.images.orient import as_stored
from automask.images.pictures import WEBP_LIMIT_PX, encode_picture, encode_pixels
from automask.images.soft import soft_edge
from automask.types import Bits, Image, Mask, Pixels

__all__ = [
    "FORMATS",
    "Format",
    "decode",
    "encode",
    "encode_picture",
    "encode_pixels",
    "notes_of",
    "sidecar",
    "suffix",
]

DATA_URL = "data:image/png;base64,"


@dataclass(frozen=True)
class Format:
    """A way to write a mask: the end of a file's name, what it is, and the function that writes.

    The function takes the mask and, for PNG, the texts to put into it.
    """

    suffix: str
    about: str
    write: Callable[[Bits, Mapping[str, str]], bytes]


def _webp(mask: Bits, _: Mapping[str, str]) -> bytes:
    from PIL import Image as Picture

    if max(mask.shape) > WEBP_LIMIT_PX:
        raise ArgumentError(
            f"WebP ends at {WEBP_LIMIT_PX} pixels a side and the mask is {mask.shape[1]} x "
            f"{mask.shape[0]}; choose png."
        )
    stream = BytesIO()
    # A higher method takes seconds; without `lossless` the values would not stay at 0 and 255.
    Picture.fromarray(mask.view(np.uint8) * 255).save(
        stream, "WEBP", lossless=True, quality=20, method=1
    )
    return stream.getvalue()


def _base64(mask: Bits, texts: Mapping[str, str]) -> bytes:
    return base64.b64encode(png.two_valued(mask, texts))


def _dataurl(mask: Bits, texts: Mapping[str, str]) -> bytes:
    return DATA_URL.encode() + _base64(mask, texts)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "png": Format(".png", "PNG, 1 bit a pixel, white = selected", png.two_valued),
        "webp": Format(".webp", "lossless WebP, 0 or 255", _webp),
        "base64": Format(".b64", "the PNG in base64, on one line", _base64),
        "dataurl": Format(".txt", "the PNG as a data: URL", _dataurl),
        "rle": Format(".json", "COCO run lengths, uncompressed counts", lambda m, _: rle.encode(m)),
        "polygons": Format(
            ".json", "GeoJSON along the pixel edges", lambda m, _: polygons.encode(m)
        ),
        "cutout": Format(".png", "the selected part of the image, RGBA", png.two_valued),
    }
)
SOFT_FORMATS = ("png", "cutout")


def suffix(format: str) -> str:  # noqa: A002  (the word of the option)
    """What a file in `format` ends in, such as ".png"."""
    return _known(format).suffix


def encode(
    mask: Mask,
    format: str,  # noqa: A002
    *,
    feather_px: float = 0.0,
    image: Image | None = None,
    stored_orientation: bool = False,
    notes: bool = False,
) -> bytes:
    """The bytes of `mask` in `format`, one of `FORMATS`.

    Parameters
    ----------
    mask : Mask
    format : str
        "png", "webp", "base64", "dataurl", "rle", "polygons" or "cutout".
    feather_px : float
        Make the border a ramp this wide on each side (see `automask.images.soft`); for PNG, which
        then has 8 bits, and for the cut-out. 0 is a hard border.
    image : Image, optional
        The image the mask belongs to; the cut-out needs it.
    stored_orientation : bool
        Turn the result to how the image's file holds its pixels, for programs that do not apply
        the EXIF orientation; `mask.orientation` says what it is.
    notes : bool
        Put `notes_of(mask)` into the text chunks of a PNG (also in base64, data URL, cut-out).

    Raises
    ------
    ArgumentError
        If the format is unknown, cannot have a soft edge or so many pixels, or lacks its image.
    """
    chosen = _known(format)
    _check_feather(format, feather_px)
    texts = notes_of(mask) if notes else {}
    turn = mask.orientation if stored_orientation else 1
    if format == "cutout":
        return png.with_texts(encode_pixels(_cutout(mask, feather_px, image, turn), ".png"), texts)
    bits = as_stored(mask.array, turn)
    if feather_px:
        return png.with_texts(encode_pixels(soft_edge(bits, feather_px), ".png"), texts)
    return chosen.write(np.ascontiguousarray(bits), texts)


def _known(name: str) -> Format:
    if name not in FORMATS:
        raise ArgumentError(f"There is no format {name!r}; choose one of {', '.join(FORMATS)}.")
    return FORMATS[name]


def _check_feather(name: str, feather_px: float) -> None:
    if not 0 <= feather_px < float("inf"):
        raise ArgumentError(f"A feather of {feather_px:g} px makes no sense; give 0px or more.")
    if feather_px and name not in SOFT_FORMATS:
        raise ArgumentError(
            f"The format {name} is hard-edged and cannot be feathered by {feather_px:g} px; "
            f"choose {' or '.join(SOFT_FORMATS)}, or leave the feather out."
        )


def _cutout(mask: Mask, feather_px: float, image: Image | None, turn: int) -> Pixels:
    """The image's pixels with the mask as alpha; what is fully hidden is black, not just hidden."""
    import cv2

    if image is None:
        raise ArgumentError("A cutout needs the image as well as the mask; give both.")
    if image.shape != mask.shape:
        raise ArgumentError(
            f"The image is {image.width} x {image.height} pixels and the mask {mask.shape[1]} x "
            f"{mask.shape[0]}; a cutout needs the image that the mask was made from."
        )
    alpha = soft_edge(mask.array, feather_px) if feather_px else mask.array.view(np.uint8) * 255
    if image.alpha is not None:
        alpha = np.minimum(alpha, image.alpha)
    shown = cv2.copyTo(image.rgb, alpha)
    return as_stored(np.dstack([shown, alpha]), turn)


# --- and back ----------------------------------------------------------------------------------


def decode(data: bytes) -> Bits:
    """The mask in `data`, which `encode` wrote in any format; bool of shape (H, W).

    Of a cut-out its alpha counts. A soft edge is no mask of two values and is refused.

    Raises
    ------
    ImageError
        If `data` are no such mask.
    """
    try:
        return _decoded(data)
    except (ValueError, KeyError, TypeError, IndexError, binascii.Error, struct.error) as error:
        raise ImageError(f"The mask data are not a mask: {error}; make the mask anew.") from None


def _decoded(data: bytes) -> Bits:
    if data[:8] == png.SIGNATURE or data[:4] == b"RIFF":
        return _two_valued(data)
    if data[:1] == b"{":
        content = json.loads(data)
        return rle.decode(content) if "counts" in content else polygons.decode(content)
    text = data.removeprefix(DATA_URL.encode())
    return _two_valued(base64.b64decode(text, validate=True))


def _two_valued(data: bytes) -> Bits:
    import cv2

    with quiet.OPENCV:
        buffer = np.frombuffer(data, np.uint8)
        found: Any = cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED) if data else None
    if found is None:
        raise ValueError("they cannot be decoded as a picture")
    values: Pixels = found if found.ndim == 2 else found[..., -1]  # blue, or the alpha
    selected: Bits = np.asarray(values == 255, np.bool_)
    if not (selected | (values == 0)).all():
        raise ValueError("they hold other values than 0 and 255")
    return selected
