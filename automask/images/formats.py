"""Which format a file is in, from its first bytes, and what its header says."""

from __future__ import annotations

import codecs
import struct

from automask.errors import ImageError
from automask.images import jpeg, png, tiff, webp
from automask.images.header import CutShortError, DamagedError, Header, Reader, UnusualError, shown

READ = "JPEG, PNG, WebP, TIFF, BMP or GIF"

_FOREIGN = (  # (place, first bytes, what such a file is)
    (0, b"%PDF", "a PDF document"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x00\x00\x01\x00", "an icon file"),
    (0, b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (0, b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftypheix", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIF picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyp", "a film"),
)


def header(data: bytes, name: str) -> Header:
    """The header of the image file `data`; `name` is for messages.

    Raises
    ------
    ImageError
        If `data` are empty, no image, in a format that is not read, or damaged in the header.
    """
    if not data:
        raise ImageError(f"{shown(name)} is empty (0 bytes); get the file again.")
    try:
        found = _read(data)
    except (struct.error, OverflowError, IndexError, CutShortError):
        raise cut_short(name, data) from None
    except DamagedError as error:
        raise ImageError(
            f"{shown(name)} is damaged: {error}; get the file again or save it anew."
        ) from None
    except UnusualError as error:
        raise ImageError(
            f"{shown(name)} is of an unusual kind: {error}; save it anew with 8 bits a channel."
        ) from None
    if found is None:
        raise _foreign(data, name)
    if found.width < 1 or found.height < 1:
        raise ImageError(
            f"{shown(name)} is damaged: its header says {found.width} x {found.height} pixels; "
            "get the file again or save it anew."
        )
    return found


def cut_short(name: str, data: bytes) -> ImageError:
    """The error for a file that ends before its picture does."""
    return ImageError(
        f"{shown(name)} is cut short: the picture goes on after the {len(data)} bytes that are "
        "here; get the whole file again."
    )


def _read(data: bytes) -> Header | None:
    if data[:3] == b"\xff\xd8\xff":
        return jpeg.header(data)
    if data[:8] == png.SIGNATURE:
        return png.header(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return webp.header(data)
    if tiff.is_tiff(data):
        return tiff.header(data)
    if data[:6] in (b"GIF87a", b"GIF89a"):
        width, height = struct.unpack_from("<HH", data, 6)
        return Header("GIF", width, height, Reader.PILLOW, data)
    if data[:2] == b"BM":
        return _bmp(data)
    _refuse_stub(data)
    return None


def _bmp(data: bytes) -> Header | None:
    (size,) = struct.unpack_from("<I", data, 14)
    if size not in (12, 16, 40, 52, 56, 64, 108, 124):
        return None  # a text that happens to begin with BM
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    return Header("BMP", width, abs(height), Reader.PILLOW, data)


def _refuse_stub(data: bytes) -> None:
    """Raise if `data` are the first bytes of an image and nothing more."""
    starts = (b"\xff\xd8\xff", png.SIGNATURE, b"RIFF", b"II*\0", b"MM\0*", b"GIF89a", b"GIF87a")
    if len(data) < 12 and any(start[: len(data)] == data[: len(start)] for start in starts):
        raise CutShortError


def _foreign(data: bytes, name: str) -> ImageError:
    what = next(
        (what for place, start, what in _FOREIGN if data[place:].startswith(start)),
        _text_kind(data),
    )
    advice = f"convert it to {READ}" if "picture" in what else f"give a {READ} file"
    return ImageError(f"{shown(name)} is not an image that can be read: it is {what}; {advice}.")


def _text_kind(data: bytes) -> str:
    start = data[:1024]
    lowered = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if b"<svg" in lowered:
        return "an SVG drawing"
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)  # may end within a letter
    except UnicodeDecodeError:
        return "in a format that is not known"
    printable = all(c.isprintable() or c in "\t\r\n\f" for c in text)
    return "text" if printable else "in a format that is not known"
