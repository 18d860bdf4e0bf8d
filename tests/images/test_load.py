"""What may be given to `load`, and every kind of file that it reads."""

import hashlib
import io
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageOps, PngImagePlugin

import automask.images
from automask.errors import ArgumentError, ImageError, SettingsError
from automask.images import decode, load, png
from automask.images.orient import as_stored, upright
from automask.types import Image

LOSSLESS = {
    "PNG": {},
    "TIFF": {},
    "TIFF lzw": {"compression": "tiff_lzw"},
    "TIFF deflate": {"compression": "tiff_adobe_deflate"},
    "BMP": {},
    "WEBP": {"lossless": True},
}
ORIENTED = ("JPEG", "PNG", "WEBP", "TIFF")


def in_cv2(suffix, array, *options):
    return cv2.imencode(suffix, array, options)[1].tobytes()


def chunk(kind, content):
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


# --- sources -----------------------------------------------------------------------------------


@pytest.fixture
def data(picture, save):
    return save(picture, "PNG")


@pytest.mark.parametrize("name", ["a.png", "with space.png", "größe 図.PNG", "no suffix", "-x.png"])
def test_paths_of_every_spelling(tmp_path, data, rgb, name):
    path = tmp_path / name
    path.write_bytes(data)
    for source in (path, str(path)):
        image = load(source)
        assert np.array_equal(image.rgb, rgb)
        assert image.source == str(path)
        assert image.digest == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes(data, rgb, kind):
    image = load(kind(data))
    assert np.array_equal(image.rgb, rgb)
    assert (image.source, image.sha256) == ("", hashlib.sha256(data).hexdigest())


def test_the_standard_input(data, rgb, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    image = load("-")
    assert np.array_equal(image.rgb, rgb)
    assert image.source == "-"


def test_a_path_object_called_minus_is_a_file(tmp_path, data, rgb, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("-").write_bytes(data)
    assert np.array_equal(load(Path("-")).rgb, rgb)


def test_a_pipe_whose_writer_is_slow(data, rgb, tmp_path):
    path = tmp_path / "one.png"
    path.write_bytes(data)
    script = (
        "import sys; from automask.images import load; "
        "print(hash(load(sys.argv[1]).rgb.tobytes()) == hash(load(sys.argv[2]).rgb.tobytes()))"
    )
    line = f'"{sys.executable}" -c "{script}" <(sleep 0.3; cat "{path}") "{path}"'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("True", "")


def test_arrays(rgb):
    assert np.array_equal(load(rgb).rgb, rgb)
    gray = load(rgb[..., 0])
    assert np.array_equal(gray.rgb, np.repeat(rgb[..., :1], 3, axis=2))
    assert np.array_equal(load(rgb[..., :1]).rgb, gray.rgb)
    rgba = np.dstack([rgb, rgb[..., 1]])
    image = load(rgba)
    assert np.array_equal(image.rgb, rgb)
    assert np.array_equal(image.alpha, rgb[..., 1])
    assert np.array_equal(load(rgb[::2, ::-1]).rgb, rgb[::2, ::-1])


def test_an_array_is_not_writable_through_the_image(rgb):
    given = rgb.copy()
    with pytest.raises(ValueError, match="read-only"):
        load(given).rgb[0, 0] = 0
    given[0, 0] = 0


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 6, 3), np.float32),
        np.zeros((4, 6), bool),
        np.zeros((4, 6, 2), np.uint8),
        np.zeros((4, 6, 3, 1), np.uint8),
        np.zeros(5, np.uint8),
    ],
)
def test_other_arrays_are_refused_with_their_shape(array):
    with pytest.raises(ArgumentError, match=r"array .*\(") as caught:
        load(array)
    assert str(array.shape) in str(caught.value)


@pytest.mark.parametrize("shape", [(0, 6, 3), (4, 0, 4), (0, 6)])
def test_an_array_without_pixels_is_refused(shape):
    with pytest.raises(ArgumentError, match="has no pixels"):
        load(np.zeros(shape, np.uint8))


def test_an_image_comes_back_itself(rgb):
    image = Image(rgb)
    assert load(image) is image


@pytest.mark.parametrize("thing", [None, 5, ["a.png"], io.BytesIO(b"x")])
def test_other_things_are_refused_by_their_type(thing):
    with pytest.raises(ArgumentError, match=type(thing).__name__):
        load(thing)


def test_what_is_nearly_an_image_is_told_how_to_be_one():
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return np.zeros((4, 6, 3), np.uint8)

    with pytest.raises(ArgumentError, match=r"of type BytesIO; give what its read\(\) gives, a"):
        load(io.BytesIO(b""))
    with pytest.raises(ArgumentError, match=r"of type Tensor; give numpy\.asarray of it, a path"):
        load(Tensor())
    assert load(np.asarray(Tensor())).shape == (4, 6)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"])
def test_pil_images(picture, mode):
    if mode == "LAB":
        from PIL import ImageCms

        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        given = ImageCms.profileToProfile(picture, srgb, lab, outputMode="LAB")
    else:
        given = picture.convert(mode)
    image = load(given)
    expected = given.convert("RGB")
    assert np.array_equal(image.rgb, np.asarray(expected))
    assert (image.alpha is not None) == mode.endswith("A")


def test_a_pil_image_is_turned_upright(picture, save, rgb):
    exif = Picture.Exif()
    exif[274] = 6
    for format_ in ("PNG", "TIFF"):
        opened = Picture.open(io.BytesIO(save(picture, format_, exif=exif)))
        assert np.array_equal(load(opened).rgb, upright(rgb, 6))


def test_a_pil_image_that_cannot_be_loaded(tmp_path, save, noise):
    path = tmp_path / "cut.png"
    path.write_bytes(save(Picture.fromarray(noise), "PNG")[:3000])
    with Picture.open(path) as opened, pytest.raises(ImageError, match=r"cut\.png cannot be"):
        load(opened)


# --- kinds of files ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_are_exact(picture, save, rgb, kind):
    image = load(save(picture, kind.split()[0], **LOSSLESS[kind]))
    assert np.array_equal(image.rgb, rgb)
    assert image.alpha is None


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("JPEG", {"quality": 95, "restart_marker_rows": 1}),
        ("WEBP", {"quality": 95}),
    ],
)
def test_lossy_formats_are_near(picture, save, rgb, format_, options):
    image = load(save(picture, format_, **options))
    assert np.abs(image.rgb.astype(int) - rgb).mean() < 4


@pytest.mark.parametrize("mode", ["1", "L", "P"])
@pytest.mark.parametrize("format_", ["PNG", "TIFF", "BMP", "GIF"])
def test_gray_palette_and_one_bit(picture, save, mode, format_):
    given = picture.convert(mode)
    assert np.array_equal(load(save(given, format_)).rgb, np.asarray(given.convert("RGB")))


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_png_of_few_bits(picture, save, bits):
    given = picture.quantize(2**bits)
    assert np.array_equal(load(save(given, "PNG", bits=bits)).rgb, np.asarray(given.convert("RGB")))


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize(("format_", "options"), [("PNG", {}), ("TIFF", {})])
def test_alpha_is_kept_apart(picture, save, rgb, mode, format_, options):
    given = picture.convert(mode)
    given.putalpha(Picture.fromarray(rgb[..., 1]))
    image = load(save(given, format_, **options))
    assert np.array_equal(image.rgb, np.asarray(picture.convert(mode[:-1]).convert("RGB")))
    assert np.array_equal(image.alpha, rgb[..., 1])


def test_alpha_of_webp(picture, save, rgb):
    given = picture.copy()
    given.putalpha(Picture.fromarray(rgb[..., 1]))
    image = load(save(given, "WEBP", lossless=True, exact=True))
    assert np.array_equal(image.rgb, rgb)
    assert np.array_equal(image.alpha, rgb[..., 1])


@pytest.mark.parametrize("format_", ["PNG", "GIF"])
def test_a_transparent_palette_entry(picture, save, format_):
    given = picture.quantize(8)
    image = load(save(given, format_, transparency=3))
    assert np.array_equal(image.alpha == 0, np.asarray(given) == 3)


@pytest.mark.parametrize(("mode", "colour"), [("L", 120), ("RGB", (0, 0, 255))])
def test_a_transparent_colour(picture, save, mode, colour):
    given = picture.convert(mode)
    image = load(save(given, "PNG", transparency=colour))
    same = np.asarray(given) == colour
    assert np.array_equal(image.alpha == 0, same if mode == "L" else same.all(-1))
    assert (image.alpha == 0).any()


def test_16_bits_are_scaled_and_rounded():
    deep = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60) * 27
    expected = np.rint(deep / 257).astype(np.uint8)
    for suffix in (".png", ".tiff"):
        image = load(in_cv2(suffix, deep))
        assert np.array_equal(image.rgb, np.repeat(expected[..., None], 3, axis=2))


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_16_bit_colours_and_alpha(suffix):
    deep = np.random.default_rng(3).integers(0, 65536, (40, 60, 4), np.uint16)
    image = load(in_cv2(suffix, deep))
    scaled = np.rint(deep / 257).astype(np.uint8)
    assert np.array_equal(image.rgb, scaled[..., 2::-1])
    assert np.array_equal(image.alpha, scaled[..., 3])


def test_floats_from_0_to_1():
    given = np.random.default_rng(4).random((40, 60, 3), np.float32)
    image = load(in_cv2(".tiff", given))
    assert np.array_equal(image.rgb, np.rint(given[..., ::-1] * 255).astype(np.uint8))


@pytest.mark.parametrize("value", [-3.5, 812.0, np.nan])
def test_other_floats_are_refused_with_their_range(tmp_path, value):
    given = np.zeros((40, 60), np.float32)
    given[3, 4] = value
    path = tmp_path / "height.tif"
    path.write_bytes(in_cv2(".tiff", given))
    with pytest.raises(ImageError, match=r"height\.tif holds floating-point numbers from"):
        load(path)


def test_pil_images_of_32_bit_numbers_are_refused():
    with pytest.raises(ImageError, match="The PIL image holds int32 numbers"):
        load(Picture.fromarray(np.zeros((4, 6), np.int32)))


@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_cmyk_is_not_inverted(save, format_):
    colours = [(0, 0, 0, 0), (0, 255, 255, 0), (255, 0, 255, 0), (0, 0, 0, 255)]
    given = Picture.new("CMYK", (64, 16))
    for i, colour in enumerate(colours):
        given.paste(colour, (16 * i, 0, 16 * i + 16, 16))
    found = load(save(given, format_)).rgb[8, 8::16].astype(int)
    expected = [(255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 0)]
    assert np.abs(found - expected).max() < 12


def test_ycck_as_adobe_writes_it(save):
    """The same file with transform 2 in its Adobe segment; OpenCV is the second opinion."""
    given = Picture.new("CMYK", (64, 16), (0, 255, 255, 0))
    data = save(given, "JPEG", quality=100, subsampling=0)
    place = data.index(b"Adobe") + 11
    assert data[place] == 0
    changed = data[:place] + b"\x02" + data[place + 1 :]
    # The stored values are 255, 0, 0, 255, now read as Y, Cb, Cr of the negative, and K.
    negative = np.array([255 - 1.402 * 128, 255 + (0.344 + 0.714) * 128, 255 - 1.772 * 128])
    found = load(changed).rgb[8, 8]
    assert np.abs(found - (255 - negative.clip(0, 255))).max() < 3
    other = cv2.imdecode(np.frombuffer(changed, np.uint8), cv2.IMREAD_COLOR_RGB)[8, 8]
    assert np.abs(found.astype(int) - other).max() < 3


def test_the_first_of_several_pictures(picture, save, rgb):
    other = Picture.fromarray(255 - rgb)
    for format_, options in [
        ("TIFF", {}),
        ("WEBP", {"lossless": True}),
        ("PNG", {}),
    ]:
        data = save(picture, format_, save_all=True, append_images=[other], **options)
        assert np.array_equal(load(data).rgb, rgb)
    frames = [picture.quantize(16), other.quantize(16)]
    data = save(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.array_equal(load(data).rgb, np.asarray(frames[0].convert("RGB")))


def test_one_pixel(save):
    for format_ in ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"):
        assert load(save(Picture.new("RGB", (1, 1), (250, 250, 250)), format_)).shape == (1, 1)


def test_what_stands_behind_a_picture_does_not_matter(picture, save):
    for format_ in ("PNG", "JPEG", "WEBP", "BMP", "GIF"):
        data = save(picture, format_)
        assert np.array_equal(load(data + b"trailing \xff\xd8 bytes" * 9).rgb, load(data).rgb)


def test_a_thumbnail_or_a_second_picture_inside_a_jpeg(picture, save):
    plain = save(picture, "JPEG")
    thumbnail = save(picture.resize((12, 8)), "JPEG")
    segment = b"\xff\xe2" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    with_one = plain[:2] + segment + plain[2:]
    assert np.array_equal(load(with_one).rgb, load(plain).rgb)
    assert np.array_equal(load(with_one + plain).rgb, load(plain).rgb)
    with pytest.raises(ImageError, match="cut short"):  # the thumbnail's end is not the picture's
        load(with_one[: with_one.index(thumbnail) + len(thumbnail)])
    with pytest.raises(ImageError, match="cut short"):
        load(with_one[:-200])


def test_nothing_is_printed_about_a_bad_colour_profile(data, capfd, rgb):
    profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(b"no profile"))
    changed = data[:33] + profile + chunk(b"gAMA", b"\0\0\0\1") + data[33:]
    assert np.array_equal(load(changed).rgb, rgb)
    assert capfd.readouterr() == ("", "")


# --- orientation -------------------------------------------------------------------------------


def turned(array, orientation):
    """The EXIF table, written out in numpy: where row 0 and column 0 are to be seen."""
    return {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: a[::-1].swapaxes(0, 1),
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
        8: lambda a: a[:, ::-1].swapaxes(0, 1),
    }[orientation](array)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ORIENTED)
def test_orientation_is_applied(picture, save, format_, orientation):
    exif = Picture.Exif()
    exif[274] = orientation
    options = {"lossless": True} if format_ == "WEBP" else {}
    plain = load(save(picture, format_, **options)).rgb
    data = save(picture, format_, exif=exif, **options)
    image = load(data)
    assert image.orientation == orientation
    assert np.array_equal(image.rgb, turned(plain, orientation))
    other = np.asarray(ImageOps.exif_transpose(Picture.open(io.BytesIO(data))))
    assert image.rgb.shape == other.shape
    assert np.abs(image.rgb.astype(int) - other).max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["PNG", "TIFF", "WEBP"])
def test_orientation_is_applied_to_alpha_too(picture, save, rgb, format_, orientation):
    exif = Picture.Exif()
    exif[274] = orientation
    given = picture.copy()
    given.putalpha(Picture.fromarray(rgb[..., 1]))
    options = {"lossless": True} if format_ == "WEBP" else {}
    image = load(save(given, format_, exif=exif, **options))
    assert np.array_equal(image.alpha, turned(rgb[..., 1], orientation))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_a_deep_tiff(orientation):
    deep = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60) * 27
    data = in_cv2(".tiff", deep)
    assert data[:2] == b"II"
    # A field more in front: the orientation sorts between 273 and 277, so the directory is moved.
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    fields = [data[start + 2 + 12 * i :][:12] for i in range(count)]
    fields = [f for f in fields if struct.unpack("<H", f[:2])[0] != 274]
    fields.append(struct.pack("<HHIHH", 274, 3, 1, orientation, 0))
    fields.sort(key=lambda f: struct.unpack("<H", f[:2]))
    moved = struct.pack("<H", len(fields)) + b"".join(fields) + bytes(4)
    changed = data[:4] + struct.pack("<I", len(data)) + data[8:] + moved
    image = load(changed)
    assert image.orientation == orientation
    assert np.array_equal(image.rgb, turned(load(data).rgb, orientation))


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_makes_no_sense_is_none(picture, save, rgb, value):
    exif = Picture.Exif()
    exif[274] = value
    image = load(save(picture, "PNG", exif=exif))
    assert image.orientation == 1
    assert np.array_equal(image.rgb, rgb)


def test_broken_exif_is_no_orientation(picture, save):
    exif = Picture.Exif()
    exif[274] = 6
    whole = save(picture, "JPEG", exif=exif)
    place = whole.index(b"Exif\0\0") + 6
    for broken in (b"XX", b"II*\0\xff\xff\xff\xff", b"II*\0\xf0\0\0\0"):
        data = whole[:place] + broken + whole[place + len(broken) :]
        assert load(data).orientation == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_and_as_stored_are_inverses(rgb, orientation):
    seen = upright(rgb, orientation)
    assert np.array_equal(as_stored(seen, orientation), rgb)
    mask = rgb[..., 0] > 100
    assert upright(mask, orientation).dtype == bool
    assert np.array_equal(as_stored(upright(mask, orientation), orientation), mask)


# --- limits and manners ------------------------------------------------------------------------


def test_the_pixel_limit_can_be_set(data, monkeypatch):
    monkeypatch.setenv("AUTOMASK_MAX_PIXELS", "2400")
    assert load(data).shape == (40, 60)
    monkeypatch.setenv("AUTOMASK_MAX_PIXELS", "2399")
    with pytest.raises(ImageError, match=r"60 x 40 pixels.* limit of 2399.*MAX_PIXELS=2400"):
        load(data)


@pytest.mark.parametrize("text", ["many", "-5", "0", "1e9", "²"])
def test_a_pixel_limit_that_is_no_number(data, monkeypatch, text):
    monkeypatch.setenv("AUTOMASK_MAX_PIXELS", text)
    with pytest.raises(SettingsError, match="AUTOMASK_MAX_PIXELS"):
        load(data)


def test_no_limit_or_warning_of_pillow_gets_out(picture, save, monkeypatch):
    monkeypatch.setattr(Picture, "MAX_IMAGE_PIXELS", 100)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for format_ in ("TIFF", "BMP", "GIF"):
            assert load(save(picture, format_)).shape == (40, 60)
    assert caught == []
    assert Picture.MAX_IMAGE_PIXELS == 100


def test_a_big_text_in_a_png_is_passed_over(picture, save, rgb):
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "x" * 5_000_000, zip=True)
    assert np.array_equal(load(save(picture, "PNG", pnginfo=info)).rgb, rgb)


def test_the_usual_path_does_not_import_pillow(tmp_path, picture, save):
    for suffix in ("png", "jpg", "webp"):
        (tmp_path / f"a.{suffix}").write_bytes(save(picture, suffix.replace("jpg", "jpeg")))
    script = (
        "import sys; from automask.images import load; "
        "[load(p) for p in sys.argv[1:]]; "
        "print(sorted({'PIL', 'PIL.Image', 'requests', 'rich'} & set(sys.modules)))"
    )
    paths = [str(p) for p in tmp_path.iterdir()]
    done = subprocess.run(
        [sys.executable, "-c", script, *paths], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_public_names():
    assert automask.images.__all__ == ["load"]
    assert decode.MAX_PIXELS == 250_000_000


def test_chunks_stop_at_a_chunk_that_is_cut(data):
    kinds = [c.kind for c in png.chunks(data)]
    assert kinds[0] == b"IHDR"
    assert kinds[-1] == b"IEND"
    assert [c.kind for c in png.chunks(data[:-1])] == kinds[:-1]
