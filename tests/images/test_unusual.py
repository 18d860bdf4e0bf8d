"""Files that no library here writes, made by hand: read rightly or refused, never wrong."""

import struct
import zlib

import numpy as np
import pytest

from automask.errors import ImageError
from automask.images import load

RNG = np.random.default_rng(0)
HEIGHT, WIDTH = 37, 53
RGB8 = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
RGBA8 = RNG.integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)
RGB16 = RNG.integers(0, 65536, (HEIGHT, WIDTH, 3), np.uint16)
RGBA16 = RNG.integers(0, 65536, (HEIGHT, WIDTH, 4), np.uint16)
FLOATS = RNG.random((HEIGHT, WIDTH, 3))
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, CMYK = 0, 1, 2, 5
UNSIGNED, SIGNED, FLOAT = 1, 2, 3


def tiff(samples, colours, *, kind=UNSIGNED, apart=False, tile=0, order="<", alpha=False):
    """An uncompressed TIFF file of `samples`, of shape (H, W) or (H, W, N)."""
    parts = [p.astype(p.dtype.newbyteorder(order)).tobytes() for p in pieces(samples, apart, tile)]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    offsets = [8 + sum(map(len, parts[:i])) for i in range(len(parts))]
    lengths = [len(p) for p in parts]
    fields = [
        (256, "I", [samples.shape[1]]),
        (257, "I", [samples.shape[0]]),
        (258, "H", [samples.dtype.itemsize * 8] * channels),
        (259, "H", [1]),
        (262, "H", [colours]),
        (277, "H", [channels]),
        (284, "H", [2 if apart else 1]),
        (339, "H", [kind] * channels),
    ]
    fields += [(338, "H", [2])] if alpha else []
    if tile:
        fields += [(322, "I", [tile]), (323, "I", [tile]), (324, "I", offsets), (325, "I", lengths)]
    else:
        fields += [(273, "I", offsets), (278, "I", [samples.shape[0]]), (279, "I", lengths)]
    start = 8 + sum(lengths)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    return head + b"".join(parts) + directory(sorted(fields), start, order)


def pieces(samples, apart, tile):
    if tile:
        rows, columns = -samples.shape[0] % tile, -samples.shape[1] % tile
        padded = np.pad(samples, [(0, rows), (0, columns), (0, 0)][: samples.ndim])
        return [
            padded[y : y + tile, x : x + tile]
            for y in range(0, padded.shape[0], tile)
            for x in range(0, padded.shape[1], tile)
        ]
    return list(np.moveaxis(samples, 2, 0)) if apart else [samples]


def directory(fields, start, order):
    body = rest = b""
    behind = start + 2 + 12 * len(fields) + 4
    for tag, code, values in fields:
        raw = struct.pack(f"{order}{len(values)}{code}", *values)
        if len(raw) > 4:
            place = struct.pack(order + "I", behind + len(rest))
            rest += raw
            raw = place
        kind = {"H": 3, "I": 4}[code]
        body += struct.pack(order + "HHI", tag, kind, len(values)) + raw.ljust(4, b"\0")
    return struct.pack(order + "H", len(fields)) + body + bytes(4) + rest


def chunk(kind, content):
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def interlaced(samples):
    """A PNG file of `samples` in the seven passes of Adam7."""
    passes = [
        (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4),
        (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1),
    ]  # fmt: skip
    rows = [
        b"\0" + row.astype(row.dtype.newbyteorder(">")).tobytes()
        for y, x, down, across in passes
        for row in samples[y::down, x::across]
    ]
    colours = {1: 0, 2: 4, 3: 2, 4: 6}[samples.shape[2]]
    size = struct.pack(">II", samples.shape[1], samples.shape[0])
    head = size + bytes([samples.dtype.itemsize * 8, colours, 0, 0, 1])
    body = chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body


def gray(channel):
    return np.repeat(channel[..., None], 3, axis=2)


def scaled(samples):
    return np.rint(samples / 257)


READ = {
    "planes": (tiff(RGB8, RGB, apart=True), RGB8),
    "tiles": (tiff(RGB8, RGB, tile=32), RGB8),
    "big end first": (tiff(RGB8, RGB, order=">"), RGB8),
    "alpha": (tiff(RGBA8, RGB, alpha=True), RGBA8),
    "gray and alpha": (
        tiff(RGBA8[..., :2], BLACK_IS_ZERO, alpha=True),
        np.dstack([gray(RGBA8[..., 0]), RGBA8[..., 1]]),
    ),
    "white is 0": (tiff(RGB8[..., 0], WHITE_IS_ZERO), 255 - gray(RGB8[..., 0])),
    "deep": (tiff(RGB16, RGB), scaled(RGB16)),
    "deep big end first": (tiff(RGB16, RGB, order=">"), scaled(RGB16)),
    "deep tiles": (tiff(RGB16, RGB, tile=16), scaled(RGB16)),
    "deep alpha": (tiff(RGBA16, RGB, alpha=True), scaled(RGBA16)),
    "deep gray": (tiff(RGB16[..., 1], BLACK_IS_ZERO), gray(scaled(RGB16[..., 1]))),
    "floats": (tiff(FLOATS.astype(np.float32), RGB, kind=FLOAT), np.rint(FLOATS * 255)),
    "long floats": (tiff(FLOATS, RGB, kind=FLOAT), np.rint(FLOATS * 255)),
    "interlaced": (interlaced(RGB8), RGB8),
    "interlaced deep": (interlaced(RGB16), scaled(RGB16)),
    "interlaced deep alpha": (interlaced(RGBA16), scaled(RGBA16)),
    "interlaced deep gray alpha": (
        interlaced(RGBA16[..., :2]),
        np.dstack([gray(scaled(RGBA16[..., 0])), scaled(RGBA16[..., 1])]),
    ),
}

REFUSED = {
    "deep planes": (tiff(RGB16, RGB, apart=True), "keeps 16-bit channels apart"),
    "deep white is 0": (tiff(RGB16[..., 0], WHITE_IS_ZERO), "16-bit samples with 0 for white"),
    "deep gray alpha": (
        tiff(RGBA16[..., :2], BLACK_IS_ZERO, alpha=True),
        "has 16-bit gray with alpha",
    ),
    "signs": (tiff(RGB8.view(np.int8), RGB, kind=SIGNED), "samples have signs"),
    "32 bits": (tiff(RGB16[..., 0].astype(np.uint32), BLACK_IS_ZERO), "int32 numbers"),
    "half floats": (tiff(FLOATS.astype(np.float16), RGB, kind=FLOAT), "cannot be decoded"),
    "five channels": (
        tiff(np.dstack([RGBA8, RGB8[..., :1]]), RGB),
        "cannot be decoded",
    ),
}


@pytest.mark.parametrize("kind", READ)
def test_it_is_read_rightly(kind):
    data, expected = READ[kind]
    image = load(data)
    found = image.rgb if image.alpha is None else np.dstack([image.rgb, image.alpha])
    assert found.shape == expected.shape
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("kind", REFUSED)
def test_it_is_refused_rather_than_read_wrongly(kind, capfd):
    data, told = REFUSED[kind]
    with pytest.raises(ImageError) as caught:
        load(data)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_deep_cmyk():
    ink = np.zeros((HEIGHT, WIDTH, 4), np.uint16)
    ink[:, 20:, 1:3] = 65535
    found = load(tiff(ink, CMYK)).rgb
    assert (found[:, :20] == 255).all()
    assert (found[:, 20:] == (255, 0, 0)).all()


def test_run_lengths_in_a_bmp():
    palette = RNG.integers(0, 256, (256, 3), np.uint8)
    index = RNG.integers(0, 4, (HEIGHT, WIDTH), np.uint8)
    runs = b"".join(b"".join(bytes([1, value]) for value in row) + b"\0\0" for row in index[::-1])
    runs += b"\0\1"
    start = 54 + 1024
    sizes = (40, WIDTH, HEIGHT, 1, 8, 1, len(runs), 0, 0, 256, 0)
    head = struct.pack("<IHHI", start + len(runs), 0, 0, start) + struct.pack(
        "<IiiHHIIiiII", *sizes
    )
    table = np.hstack([palette[:, ::-1], np.zeros((256, 1), np.uint8)]).tobytes()
    assert np.array_equal(load(b"BM" + head + table + runs).rgb, palette[index])
