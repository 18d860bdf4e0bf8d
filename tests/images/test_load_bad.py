"""Whatever is wrong with an input gives one clear line that names it."""

import io
import os
import random
import socket
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture

from automask.errors import ImageError
from automask.images import header, load, sources, stores


def chunk(kind, content):
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def png_of(width, height, content=b""):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(content)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


def jpeg_of(width, height):
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"\1\x11\0\2\x11\0\3\x11\0"
    frame = b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    scan = b"\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0"
    return b"\xff\xd8" + frame + scan + bytes(9) + b"\xff\xd9"


def gif_of(width, height):
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


def bmp_of(width, height):
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head


def webp_of(width, height):
    body = struct.pack("<B3xHBHB", 0, width - 1, 0, height - 1, 0)
    body = b"WEBPVP8X" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff_of(width, height):
    fields = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (262, 3, 1, 1)]
    body = b"".join(struct.pack("<HHII", *field) for field in fields)
    return b"II*\0" + struct.pack("<IH", 8, len(fields)) + body + bytes(4)


HEADERS = {
    "PNG": png_of,
    "JPEG": jpeg_of,
    "GIF": gif_of,
    "BMP": bmp_of,
    "WebP": webp_of,
    "TIFF": tiff_of,
}

WRONG = {
    "empty": (b"", "is empty (0 bytes)"),
    "text": (b"This is not a photo,\nit is a text.\n", "it is text"),
    "long text": ("größer als ein Block: ".encode() * 500, "it is text"),
    "text that begins with BM": (b"BMW and others make cars, says this text.", "it is text"),
    "web page": (b"\n<!DOCTYPE html><html>404</html>", "it is a web page"),
    "drawing": (b"<?xml version='1.0'?><svg xmlns=''></svg>", "it is an SVG drawing"),
    "pdf": (b"%PDF-1.7 ...", "it is a PDF document"),
    "archive": (b"PK\x03\x04....", "it is a ZIP archive"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "it is a HEIC picture; convert it to JPEG"),
    "avif": (b"\0\0\0\x18ftypavif\0\0\0\0", "it is an AVIF picture; convert it"),
    "film": (b"\0\0\0\x18ftypisom\0\0\0\0", "it is a film; give"),
    "noise": (random.Random(1).randbytes(5000), "in a format that is not known"),
    "zeros": (bytes(5000), "in a format that is not known"),
    "start of a jpeg": (b"\xff\xd8\xff", "is cut short"),
    "start of a png": (b"\x89PNG\r\n", "is cut short"),
    "start of a webp": (b"RIFF\0\0\0\0WE", "is cut short"),
    "signature of a png": (b"\x89PNG\r\n\x1a\n", "is cut short"),
    "jpeg without a frame": (b"\xff\xd8\xff\xda\0\2\xff\xd9", "has no JPEG frame header"),
    "png that starts otherwise": (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", bytes(13)) + chunk(b"IEND", b""),
        "first chunk is not IHDR",
    ),
    "webp of a new kind": (b"RIFF\x40\0\0\0WEBPVP99" + bytes(60), "none that WebP knows"),
    "tiff without a size": (b"II*\0\x08\0\0\0\0\0\0\0\0\0", "names no width or height"),
    "tiff that leads out of the file": (b"II*\0\xff\xff\xff\xff", "is cut short"),
    "png without pixels": (png_of(0, 7), "0 x 7 pixels"),
    "png without data": (png_of(6, 7), "is cut short"),
    "png with data that stop": (png_of(6, 70, bytes(40)), "is cut short"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_image_is_named_and_told(tmp_path, capfd, kind):
    data, told = WRONG[kind]
    path = tmp_path / "bad photo.jpg"
    path.write_bytes(data)
    with pytest.raises(ImageError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path} ")
    assert told in message
    assert "\n" not in message
    assert message.endswith(".")
    assert ";" in message  # the next step
    captured = capfd.readouterr()
    assert captured.out == ""
    # libpng prints its own last word on a picture whose data are wrong; all else is silent.
    assert all(line.startswith("libpng") for line in captured.err.splitlines())


@pytest.mark.parametrize("format_", HEADERS)
def test_a_bomb_is_refused_by_its_header(tmp_path, format_):
    path = tmp_path / f"bomb.{format_}"
    size = (16000, 16000) if format_ == "WebP" else (30000, 30000)
    path.write_bytes(HEADERS[format_](*size))
    expected = rf"bomb\.{format_} is {size[0]} x {size[1]} pixels, more than the limit of 250000000"
    with pytest.raises(ImageError, match=expected):
        load(path)


def test_a_real_bomb_is_refused_before_it_is_unpacked():
    rows = zlib.compressobj()
    content = b"".join(rows.compress(bytes(90_001)) for _ in range(2_800)) + rows.flush()
    data = png_of(30000, 2_800 * 10)[:33] + chunk(b"IDAT", content) + chunk(b"IEND", b"")
    assert len(data) < 1_000_000
    with pytest.raises(ImageError, match="more than the limit"):
        load(data)


# --- places ------------------------------------------------------------------------------------


def message_of(source):
    with pytest.raises(ImageError) as caught:
        load(source)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_missing(tmp_path):
    path = tmp_path / "no such.png"
    assert message_of(path) == f"{path} does not exist; check the path."
    assert message_of("") == "An empty path names no image; give a file."


def test_a_file_in_the_place_of_a_folder(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    assert "a part of the path is a file" in message_of(tmp_path / "a" / "b.png")


def test_a_directory(tmp_path):
    assert message_of(tmp_path).startswith(f"{tmp_path} is a directory")


def test_unreadable(tmp_path, monkeypatch):
    path = tmp_path / "secret.png"
    path.write_bytes(b"x")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sources.os, "open", refuse)
    assert message_of(path).startswith(f"{path} cannot be read: permission denied")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is unreadable to root"
)
def test_unreadable_by_its_rights(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(b"x")
    path.chmod(0)
    assert "permission denied" in message_of(path)


def test_a_device():
    assert message_of("/dev/zero") == "/dev/zero is a device, not an image file; give a file."


def test_a_named_pipe_that_nobody_writes_into_does_not_block(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert "is empty" in message_of(path)


def test_a_socket(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")
        assert message_of("s").startswith("s cannot be read: ")


def test_names_that_do_not_print(tmp_path):
    assert message_of(tmp_path / "two\nlines.png").endswith(
        "two\\nlines.png does not exist; check the path."
    )
    raw = os.fsdecode(b"\xff.png")
    assert "\\udcff.png does not exist" in message_of(tmp_path / raw)
    assert "cannot be read: embedded null" in message_of("a\0b.png")
    assert header.shown("größe 図.png") == "größe 図.png"


def test_the_standard_input_without_anything(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert message_of("-") == "The standard input is empty (0 bytes); get the file again."
    monkeypatch.setattr(sys, "stdin", None)
    assert "pipe one in" in message_of("-")


def test_more_bytes_than_any_image_has(tmp_path, monkeypatch):
    monkeypatch.setattr(stores, "MAX_BYTES", 1 << 20)
    path = tmp_path / "disk.img"
    path.write_bytes(bytes((1 << 20) + 1))
    assert "holds more than 1 MB" in message_of(path)
    with path.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert "The standard input holds more than 1 MB" in message_of("-")


# --- cut and damaged files ---------------------------------------------------------------------

KINDS = {
    "JPEG": ("JPEG", {"quality": 90}),
    "JPEG gray": ("JPEG", {"quality": 90}),
    "JPEG progressive": ("JPEG", {"progressive": True}),
    "JPEG restart": ("JPEG", {"restart_marker_rows": 1}),
    "JPEG CMYK": ("JPEG", {}),
    "PNG": ("PNG", {}),
    "PNG palette": ("PNG", {"transparency": 3}),
    "PNG RGBA": ("PNG", {}),
    "WebP": ("WEBP", {}),
    "WebP lossless": ("WEBP", {"lossless": True}),
    "WebP RGBA": ("WEBP", {}),
    "TIFF": ("TIFF", {}),
    "TIFF lzw": ("TIFF", {"compression": "tiff_lzw"}),
    "TIFF jpeg": ("TIFF", {"compression": "jpeg"}),
    "TIFF g4": ("TIFF", {"compression": "group4"}),
    "TIFF packbits": ("TIFF", {"compression": "packbits"}),
    "TIFF deep": ("TIFF", {}),
    "TIFF big": ("TIFF", {"big_tiff": True}),
    "BMP": ("BMP", {}),
    "BMP palette": ("BMP", {}),
    "GIF": ("GIF", {}),
    "GIF interlaced": ("GIF", {"interlace": 1}),
}
MODES = {"gray": "L", "CMYK": "CMYK", "palette": "P", "RGBA": "RGBA", "g4": "1"}


@pytest.fixture(scope="module")
def files(noise, save):
    def made(kind):
        format_, options = KINDS[kind]
        if kind == "TIFF deep":
            picture = Picture.fromarray(noise[..., 0].astype(np.uint16) * 257)
        else:
            picture = Picture.fromarray(noise).convert(MODES.get(kind.split()[-1], "RGB"))
        return save(picture, format_, **options)

    return {kind: made(kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_no_cut_file_loses_pixels_in_silence(files, kind):
    """Every cut is refused, or (where only a trailer is lost) gives the whole picture."""
    data = files[kind]
    whole = load(data)
    places = {*range(1, min(len(data), 60)), *range(max(1, len(data) - 60), len(data))}
    places |= set(random.Random(kind).sample(range(1, len(data)), 150))
    kept = 0
    for place in sorted(places):
        try:
            image = load(data[:place])
        except ImageError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            kept += 1
            assert np.array_equal(image.rgb, whole.rgb), place
    assert kept <= 30


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_in_its_middle_is_said_to_be_cut_or_damaged(files, kind):
    data = files[kind]
    with pytest.raises(ImageError, match=r"is cut short|is damaged"):
        load(data[: len(data) // 2])


@pytest.mark.parametrize("kind", ["JPEG", "JPEG progressive", "PNG", "GIF"])
def test_the_last_half_lost_and_filled_with_zeros(files, kind):
    """What an interrupted download into a file of the right size leaves.

    TIFF, BMP and WebP have nothing that tells these zeros from a picture.
    """
    data = files[kind]
    half = len(data) // 2
    with pytest.raises(ImageError):
        load(data[:half] + bytes(len(data) - half))


@given(
    kind=st.sampled_from(sorted(KINDS)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=4),
)
def test_damage_never_gives_another_error(files, kind, changes):
    data = bytearray(files[kind])
    for share, content in changes:
        place = int(share * (len(data) - len(content)))
        data[place : place + len(content)] = content
    try:
        image = load(bytes(data))
    except ImageError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert image.rgb.dtype == np.uint8


@given(st.binary(max_size=300), st.sampled_from(sorted(HEADERS)))
def test_headers_with_anything_behind_them(data, format_):
    start = HEADERS[format_](6, 7)[: 8 + len(data) % 20]
    with pytest.raises(ImageError):
        load(start + data)


def test_opencv_says_nothing_about_damage(files, capfd):
    for kind in ("JPEG", "TIFF deep", "WebP", "TIFF lzw"):
        data = files[kind]
        with pytest.raises(ImageError):
            load(data[: len(data) * 2 // 3])
    assert capfd.readouterr() == ("", "")


def test_a_memory_that_is_too_small_is_said(tmp_path):
    pytest.importorskip("resource")
    path = tmp_path / "wide.png"
    width, height = 15000, 15000
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(3 * width + 1)) for _ in range(height)) + packer.flush()
    head = png_of(width, height)[:33]
    path.write_bytes(head + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    script = (
        "import sys, resource, cv2, PIL.Image, PIL.PngImagePlugin\n"
        "from automask.images import load\n"
        "from automask.errors import ImageError\n"
        "import automask.images.decode\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 3 * 10**8,) * 2)\n"
        "try:\n    load(sys.argv[1])\n"
        "except ImageError as error:\n    print(error)\n"
    )
    if not Path("/proc/self/statm").exists():
        pytest.skip("needs /proc")
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert "more than there is memory for" in done.stdout, done.stderr
