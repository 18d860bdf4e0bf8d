"""The header of a JPEG file, and whether its data reach the end of the picture.

Source: ITU-T T.81 (1992), annex B: segments begin with FF and a marker; in the coded data FF is
always followed by 00 or by a restart marker (D0 to D7), so any other marker ends them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from automask.images import tiff
from automask.images.header import CutShortError, DamagedError, Header, Reader

_START_OF_SCAN, _END_OF_IMAGE, _APP1 = 0xDA, 0xD9, 0xE1
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_USUAL_FRAMES = {0xC0, 0xC1, 0xC2}  # Huffman-coded: baseline, extended, progressive
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def header(data: bytes) -> Header:
    """The header of a JPEG file."""
    orientation, frame, scanned, whole = 1, None, False, False
    try:
        for marker, start, end in _segments(data, 2):
            if scanned:  # what stands behind the end of the picture does not matter
                whole = marker == _END_OF_IMAGE
            elif marker in _FRAMES and frame is None:
                frame = marker, *struct.unpack_from(">BHHB", data, start)
            elif marker == _APP1 and data[start : start + 6] == b"Exif\0\0" and orientation == 1:
                orientation = tiff.orientation(data[start:end])
            elif marker in (_START_OF_SCAN, _END_OF_IMAGE):
                scanned = True
                if frame is None:
                    break
    except struct.error:
        if not scanned:
            raise
    if frame is None:
        raise DamagedError("it has no JPEG frame header") if scanned else CutShortError
    kind, bits, height, width, channels = frame
    usual = kind in _USUAL_FRAMES and bits == 8 and channels in (1, 3)
    reader = Reader.RGB if usual else Reader.PILLOW
    return Header("JPEG", width, height, reader, data, orientation, whole)


def _segments(data: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """The marker, first and last place of the content of each segment, coded data passed over."""
    while found := _MARKER.search(data, place):
        marker, place = data[found.end() - 1], found.end()
        if marker in _ALONE:
            continue
        if marker == _END_OF_IMAGE:
            yield marker, place, place
            return
        (length,) = struct.unpack_from(">H", data, place)
        yield marker, place + 2, place + length
        place += max(length, 2)
