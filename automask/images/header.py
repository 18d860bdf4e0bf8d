"""What the header of an image file says, and how to say what is wrong with a file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from automask.display import escaped


class Reader(Enum):
    """The decoder that gets a picture right."""

    RGB = "OpenCV, straight to 8-bit RGB"
    AS_STORED = "OpenCV, with the alpha and the depth that are stored"
    PILLOW = "Pillow, for what OpenCV reads wrongly or not at all"


@dataclass(frozen=True)
class Header:
    """An image file as its header describes it.

    Parameters
    ----------
    format : str
        "JPEG", "PNG", "WebP", "TIFF", "BMP" or "GIF".
    width, height : int
        In pixels, as stored: before the orientation is applied.
    reader : Reader
    data : bytes
        What to decode: the file without what would trouble a decoder or make it turn the picture.
    orientation : int
        The EXIF orientation, 1 to 8; 1 when there is none that makes sense.
    whole : bool
        False when the data end before the picture does.
    """

    format: str
    width: int
    height: int
    reader: Reader
    data: bytes
    orientation: int = 1
    whole: bool = True


class DamagedError(Exception):
    """A header that breaks the rules of its format; the text completes "NAME is damaged: "."""


class UnusualError(Exception):
    """A picture that no decoder here reads rightly; completes "NAME is of an unusual kind: "."""


class CutShortError(Exception):
    """A header that ends before it has said how large the picture is."""


def shown(name: str) -> str:
    r"""`name` of a file on one printable line; "" stands for bytes that came without a name.

    >>> shown("two\nlines.png")
    'two\\nlines.png'
    """
    if not name:
        return "The image data"
    if name == "-":
        return "The standard input"
    text = escaped(name)
    return text if text == text.strip() else f'"{text}"'
