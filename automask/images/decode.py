"""The bytes of an image file to pixels: with OpenCV where it is right, else with Pillow."""

from __future__ import annotations

import importlib
import os
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automask.errors import ImageError, SettingsError
from automask.images import formats, quiet
from automask.images.header import Header, Reader, shown
from automask.images.orient import upright
from automask.types import Pixels

MAX_PIXELS = 250_000_000  # a rule may need 15 bytes for each: some 4 GB
LIMIT_NAME = "AUTOMASK_MAX_PIXELS"


class Decoded(NamedTuple):
    """RGB and alpha, upright, and the orientation that made them so."""

    rgb: Pixels
    alpha: Pixels | None
    orientation: int


def decode(data: bytes, name: str, scale: int = 1) -> Decoded:
    """The picture in the image file `data`; `name` is for messages.

    With a `scale` of 2 or 4 each pixel is the mean of as many on each side, the last ones of what
    the border leaves; of a JPEG it is what its decoder makes of them.

    Raises
    ------
    ImageError
        If it is no image, is damaged or cut short, has more pixels than the limit, or holds
        numbers that do not tell what is black and white.
    """
    header = formats.header(data, name)
    check_size(header, name)
    if not header.whole:
        raise formats.cut_short(name, data)
    try:
        rgb, alpha = _pixels(header, scale)
    except ImageError as error:
        raise ImageError(f"{shown(name)} {error}") from None
    except MemoryError:
        raise ImageError(
            f"{shown(name)} is {header.width} x {header.height} pixels, more than there is memory "
            "for; scale it down."
        ) from None
    except Exception as error:  # decoders raise whatever damaged data lead them to
        raise _damaged(header, name, data, error) from error
    turn = header.orientation
    return Decoded(upright(rgb, turn), None if alpha is None else upright(alpha, turn), turn)


def check_size(header: Header, name: str) -> None:
    """Raise `ImageError` if the picture has more pixels than the limit."""
    limit, pixels = pixel_limit(), header.width * header.height
    if pixels > limit:
        raise ImageError(
            f"{shown(name)} is {header.width} x {header.height} pixels, more than the limit of "
            f"{limit}; scale it down, or set {LIMIT_NAME}={pixels} if there is memory for it."
        )


def pixel_limit() -> int:
    """How many pixels an image may have: `MAX_PIXELS` or the environment's AUTOMASK_MAX_PIXELS."""
    text = os.environ.get(LIMIT_NAME, "")
    if not text:
        return MAX_PIXELS
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise SettingsError(
            f"{LIMIT_NAME} cannot be {text!r}; give a whole number of pixels such as 250000000."
        )
    return int(text)


def _damaged(header: Header, name: str, data: bytes, error: Exception) -> ImageError:
    reason = " ".join(str(error).split())
    if isinstance(error, EOFError) or "truncated" in reason.lower():
        return formats.cut_short(name, data)
    return ImageError(
        f"{shown(name)} is damaged or of an unusual kind: its {header.format} data cannot be "
        f"decoded ({reason or type(error).__name__}); save it anew, as PNG for instance."
    )


def _pixels(header: Header, scale: int) -> tuple[Pixels, Pixels | None]:
    if scale > 1 and header.format == "JPEG" and header.reader is Reader.RGB:
        decoded = _by_opencv(header, scale)
        if decoded is not None:
            return decoded
    rgb, alpha = _whole(header)
    if scale == 1:
        return rgb, alpha
    return _shrunk(rgb, scale), None if alpha is None else _shrunk(alpha, scale)


def _shrunk(pixels: Pixels, scale: int) -> Pixels:
    import cv2

    height, width = (-(-side // scale) for side in pixels.shape[:2])
    below, right = height * scale - pixels.shape[0], width * scale - pixels.shape[1]
    padded = cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(padded, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _whole(header: Header) -> tuple[Pixels, Pixels | None]:
    if header.reader is Reader.PILLOW:
        return _by_pillow(header)
    decoded = _by_opencv(header)
    if decoded is None:  # Pillow knows kinds that OpenCV does not, and says what is wrong
        return _by_pillow(header)
    return decoded


def _by_opencv(header: Header, scale: int = 1) -> tuple[Pixels, Pixels | None] | None:
    import cv2

    as_stored = header.reader is Reader.AS_STORED
    upright_rgb = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    if scale > 1:  # with COLOR_RGB they are in colour, whatever they are called
        upright_rgb |= {2: cv2.IMREAD_REDUCED_GRAYSCALE_2, 4: cv2.IMREAD_REDUCED_GRAYSCALE_4}[scale]
    try:
        with quiet.OPENCV:
            buffer = np.frombuffer(header.data, np.uint8)
            found = cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED if as_stored else upright_rgb)
    except cv2.error:
        return None
    size = -(-header.height // scale), -(-header.width // scale)
    if found is None or found.shape[:2] != size:
        return None
    return _split_bgr(in_8_bits(found)) if as_stored else (found, None)


def _split_bgr(pixels: Pixels) -> tuple[Pixels, Pixels | None]:
    import cv2

    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), None
    if pixels.shape[2] == 3:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), None
    return cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB), cv2.extractChannel(pixels, 3)


def in_8_bits(samples: NDArray[Any]) -> Pixels:
    """`samples` of 16 bits, or floats of 0 to 1, scaled to 0 to 255 and rounded.

    Raises
    ------
    ImageError
        For other numbers; the text goes on after the name of the file.
    """
    if samples.dtype == np.uint8:
        return samples
    if samples.dtype == np.uint16:
        return _scaled(samples, 1 / 257)
    if samples.dtype.kind != "f":
        raise ImageError(f"holds {samples.dtype} numbers; save it with 8 or 16 bits a channel.")
    low, high = float(samples.min()), float(samples.max())
    if not (low >= 0 and high <= 1):  # so that NaN fails too
        raise ImageError(
            f"holds floating-point numbers from {low:.6g} to {high:.6g}; automask reads such "
            "pictures when 0 is black and 1 is white: scale it, or save it with 8 or 16 bits."
        )
    return _scaled(samples, 255)


def _scaled(samples: NDArray[Any], factor: float) -> Pixels:
    import cv2

    return np.asarray(cv2.convertScaleAbs(samples, alpha=factor), np.uint8)


# --- Pillow ------------------------------------------------------------------------------------


def _by_pillow(header: Header) -> tuple[Pixels, Pixels | None]:
    with quiet.PILLOW:
        return from_pillow(_opened(header))


def _opened(header: Header) -> Any:
    """The Pillow image, opened as the format it is: `PIL.Image.open` would ask every format."""
    plugin = importlib.import_module(f"PIL.{_PLUGINS[header.format]}ImagePlugin")
    return getattr(plugin, f"{_PLUGINS[header.format]}ImageFile")(BytesIO(header.data))


_PLUGINS = {
    "JPEG": "Jpeg",
    "PNG": "Png",
    "WebP": "WebP",
    "TIFF": "Tiff",
    "GIF": "Gif",
    "BMP": "Bmp",
}


def from_pillow(image: Any) -> tuple[Pixels, Pixels | None]:
    """RGB and alpha of a Pillow image, not turned."""
    image.load()
    if image.mode.startswith(("I", "F")):
        gray = in_8_bits(np.asarray(image))
        return np.repeat(gray[..., None], 3, axis=2), None
    if not image.has_transparency_data:
        return np.asarray(image if image.mode == "RGB" else image.convert("RGB")), None
    rgba = np.asarray(image if image.mode == "RGBA" else image.convert("RGBA"))
    return np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3])
