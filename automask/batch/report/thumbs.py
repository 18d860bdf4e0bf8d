"""Small pictures for the page: the mask over the picture, the picture, what was made of it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from automask.batch.addresses import is_address
from automask.batch.engines.local import cores
from automask.batch.places import Places
from automask.batch.rows import Row
from automask.errors import AutomaskError
from automask.images import encode, formats, png, preview, quiet, sources
from automask.images.header import Reader
from automask.images.load import from_bytes
from automask.types import Image, Pixels

SIDE_PX = 400  # the longer side at most; more than half of it, unless the picture is smaller
QUALITY = 76  # WebP is half as large and takes fifteen times as long
MOST_PIXELS = 50_000_000  # that are decoded whole for a tile; a JPEG is decoded small
_SEEN = 0.15  # of a small pixel is enough: thin masks stay

Tile = tuple[str, str, str]  # JPEGs in base64, or ""


def tiles(rows: Sequence[Row], out: Path) -> Iterator[Tile]:
    """For each of `rows`, their items complete: the mask over the picture, that, the first result.

    What is gone or cannot be read is ""; nothing is fetched.
    """
    with ThreadPoolExecutor(cores(), "automask-tiles") as pool:
        yield from pool.map(lambda row: tile(row, out), rows)


def tile(row: Row, out: Path) -> Tile:
    """The small pictures of `row`."""
    places = Places(out, row.item.name)
    picture = _small(_source(row, places))
    shown = None
    if row.state == "review":  # where nothing is selected, the picture itself says more
        shown = _small(places.review_overlay) if "area" in (row.facts or {}) else None
    elif picture is not None and (mask := _mask(row, out)) is not None:
        shown = _overlay(picture, mask)
    result = next((out / place for place, _ in row.outputs if place.startswith("results/")), None)
    return _jpeg(shown), _jpeg(picture), _jpeg(_small(result))


def _source(row: Row, places: Places) -> Path | None:
    if row.item.message_id:
        return places.parent(row.item)
    return None if is_address(row.item.image) or not row.item.image else Path(row.item.image)


def _small(place: Path | None) -> Pixels | None:
    """The picture at `place`, RGB, at most `SIDE_PX` wide and high."""
    if place is None:
        return None
    try:
        data = sources.read(place)
        header = formats.header(data, place.name)
        if header.format == "JPEG" and header.reader is Reader.RGB:
            rgb = _reduced(data, max(header.width, header.height))
            return None if rgb is None else _halved(rgb)
        if header.width * header.height > MOST_PIXELS:
            return None
        return _halved(from_bytes(data, place.name).rgb)
    except (AutomaskError, MemoryError):
        return None


def _reduced(data: bytes, side_px: int) -> Pixels | None:
    """A JPEG decoded at 1/2, 1/4 or 1/8, as far as it has to be made smaller, upright."""
    import cv2

    ways = {1: "COLOR", 2: "REDUCED_COLOR_2", 4: "REDUCED_COLOR_4", 8: "REDUCED_COLOR_8"}
    scale = next((s for s in ways if side_px <= s * SIDE_PX), 8)
    with quiet.OPENCV:
        try:
            found: Any = cv2.imdecode(
                np.frombuffer(data, np.uint8), getattr(cv2, f"IMREAD_{ways[scale]}")
            )
        except cv2.error:
            return None
    return None if found is None else np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB))


def _halved(pixels: Pixels) -> Pixels:
    """`pixels` in half the size, again and again, until they are at most `SIDE_PX` wide and high.

    OpenCV halves in a twentieth of the time that it takes to average over parts of pixels.
    """
    import cv2

    while max(pixels.shape[:2]) > SIDE_PX:
        down, right = (side % 2 for side in pixels.shape[:2])
        even = cv2.copyMakeBorder(pixels, 0, down, 0, right, cv2.BORDER_REPLICATE)
        size = even.shape[1] // 2, even.shape[0] // 2
        pixels = np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.uint8)
    return pixels


def _mask(row: Row, out: Path) -> Pixels | None:
    """The mask of `row`, 0 to 255, at its full size."""
    place = next((out / place for place, _ in row.outputs if place.startswith("masks/")), None)
    facts = row.facts or {}
    if place is None or facts.get("width", 0) * facts.get("height", 0) > 4 * MOST_PIXELS:
        return None
    try:
        return _decoded(sources.read(place))
    except (AutomaskError, MemoryError):
        return None


def _decoded(data: bytes) -> Pixels:
    """A mask in any format, hard or soft."""
    import cv2

    if (bits := png.bits(data)) is not None:
        return bits.view(np.uint8) * np.uint8(255)
    with quiet.OPENCV:
        found: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None:
        return encode.decode(data).view(np.uint8) * np.uint8(255)
    return np.asarray(found if found.ndim == 2 else found[..., -1])


def _overlay(picture: Pixels, mask: Pixels) -> Pixels:
    import cv2

    height, width = picture.shape[:2]
    share: Any = _halved(mask)
    if share.shape != (height, width):  # the picture is another one by now
        share = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    seen = share > _SEEN * 255
    return preview.overlay(Image(picture), np.asarray(seen if seen.any() else share > 0))


def _jpeg(pixels: Pixels | None) -> str:
    import cv2

    if pixels is None:
        return ""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return base64.b64encode(bytes(data)).decode()
