"""The header of a WebP file.

Source: RFC 9649 (WebP Image Format), section 2 for the container, 3 for VP8L; RFC 6386 for VP8.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from automask.images import tiff
from automask.images.header import DamagedError, Header, Reader

_ALPHA, _ANIMATION = 0x10, 0x02  # flags of VP8X


def header(data: bytes) -> Header:
    """The header of a WebP file."""
    (size,) = struct.unpack_from("<I", data, 4)
    width, height, alpha, animated = _first_chunk(data)
    exif = next((data[start:end] for kind, start, end in _chunks(data) if kind == b"EXIF"), b"")
    reader = Reader.AS_STORED if alpha else Reader.RGB
    return Header(
        "WebP",
        width,
        height,
        Reader.PILLOW if animated else reader,
        data,
        tiff.orientation(exif),
        size + 8 <= len(data),
    )


def _first_chunk(data: bytes) -> tuple[int, int, bool, bool]:
    """The width, the height, whether there is alpha, whether there are several frames."""
    kind = data[12:16]
    if kind == b"VP8X":
        flags, low, high, low2, high2 = struct.unpack_from("<B3xHBHB", data, 20)
        size = 1 + (high << 16 | low), 1 + (high2 << 16 | low2)
        return *size, bool(flags & _ALPHA), bool(flags & _ANIMATION)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), bool(bits >> 28 & 1), False
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF, False, False
    raise DamagedError("its first chunk is none that WebP knows")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    place = 12
    while place + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, place)
        yield kind, place + 8, place + 8 + length
        place += 8 + length + length % 2
