"""The first directory of a TIFF file: its size and depth, and the orientation that EXIF keeps.

Source: TIFF revision 6.0 (1992), sections 2 and 8; EXIF data are a TIFF file without a picture.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from automask.images.header import DamagedError, Header, Reader, UnusualError

WIDTH, HEIGHT, BITS, PHOTOMETRIC, ORIENTATION, SAMPLES = 256, 257, 258, 262, 274, 277
PLANES, SAMPLE_FORMAT = 284, 339
_SIGNED, _FLOATS = 2, 3  # values of SAMPLE_FORMAT
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2  # values of PHOTOMETRIC
_APART = 2  # a value of PLANES
_NUMBERS = {1: "B", 3: "H", 4: "I", 16: "Q"}  # TIFF's type codes to those of struct


class Entry(NamedTuple):
    """The whole numbers of one field, where they stand, and how they are packed."""

    values: tuple[int, ...]
    offset: int
    code: str


def is_tiff(data: bytes) -> bool:
    """Whether `data` begin like a TIFF or BigTIFF file."""
    return data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def directory(data: bytes) -> dict[int, Entry]:
    """The fields of the first directory that hold whole numbers, by their tags."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count_code, word, entry_size = ("Q", "Q", 20) if big else ("H", "I", 12)
    (start,) = struct.unpack_from(order + word, data, 8 if big else 4)
    (count,) = struct.unpack_from(order + count_code, data, start)
    first = start + struct.calcsize(count_code)
    fields = {}
    for place in range(first, first + count * entry_size, entry_size):
        tag, kind = struct.unpack_from(order + "HH", data, place)
        if kind in _NUMBERS:
            fields[tag] = _entry(data, place + 4, order, word, _NUMBERS[kind])
    return fields


def _entry(data: bytes, place: int, order: str, word: str, number: str) -> Entry:
    (count,) = struct.unpack_from(order + word, data, place)
    place += struct.calcsize(word)
    count = min(count, 16)  # strips may be many; nothing that is read here is
    code = f"{order}{count}{number}"
    if struct.calcsize(code) > struct.calcsize(word):
        (place,) = struct.unpack_from(order + word, data, place)
    try:
        return Entry(struct.unpack_from(code, data, place), place, code)
    except struct.error:  # a value beyond the end: only its own field is lost
        return Entry((), place, code)


def orientation(exif: bytes) -> int:
    """The orientation in `exif`, 1 to 8; 1 when it is missing or makes no sense."""
    exif = exif.removeprefix(b"Exif\0\0")
    if not is_tiff(exif):
        return 1
    try:
        return _orientation(directory(exif))
    except (struct.error, OverflowError):
        return 1


def _orientation(fields: dict[int, Entry]) -> int:
    value = _first(fields, ORIENTATION, 1)
    return value if 1 <= value <= 8 else 1


def _first(fields: dict[int, Entry], tag: int, default: int) -> int:
    entry = fields.get(tag)
    return entry.values[0] if entry and entry.values else default


def header(data: bytes) -> Header:
    """The header of a TIFF file; its first picture counts."""
    fields = directory(data)
    if WIDTH not in fields or HEIGHT not in fields:
        raise DamagedError("its first directory names no width or height")
    return Header(
        "TIFF",
        _first(fields, WIDTH, 0),
        _first(fields, HEIGHT, 0),
        _reader(fields),
        _upright(data, fields),
        _orientation(fields),
    )


def _reader(fields: dict[int, Entry]) -> Reader:
    """Pillow, but for floats and deep samples, which it cuts to 8 bits or does not know.

    What both read wrongly, and without a word, is refused.
    """
    bits, kind = _first(fields, BITS, 1), _first(fields, SAMPLE_FORMAT, 1)
    colours = _first(fields, PHOTOMETRIC, _RGB)
    if kind == _SIGNED:
        raise UnusualError("its TIFF samples have signs")
    if bits <= 8:
        return Reader.PILLOW
    if bits not in (16, 32, 64):
        raise UnusualError(f"its TIFF samples have {bits} bits")
    if colours == _WHITE_IS_ZERO:
        raise UnusualError(f"its TIFF has {bits}-bit samples with 0 for white")
    if _first(fields, PLANES, 1) == _APART:
        raise UnusualError(f"its TIFF keeps {bits}-bit channels apart")
    if _first(fields, SAMPLES, 1) == 2:
        raise UnusualError(f"its TIFF has {bits}-bit gray with alpha")
    plain = kind == _FLOATS or colours in (_BLACK_IS_ZERO, _RGB)
    return Reader.AS_STORED if plain else Reader.PILLOW


def _upright(data: bytes, fields: dict[int, Entry]) -> bytes:
    """`data` with orientation 1, because some decoders turn a TIFF and others do not."""
    if _orientation(fields) == 1:
        return data
    entry = fields[ORIENTATION]
    changed = bytearray(data)
    struct.pack_into(entry.code, changed, entry.offset, 1, *entry.values[1:])
    return bytes(changed)
