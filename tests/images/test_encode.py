"""Every format gives the mask back, exactly; what does not fit is said."""

import base64
import io
import json
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as Picture

import automask
from automask.errors import ArgumentError, ImageError
from automask.images import encode, load, png, polygons
from automask.images.orient import upright
from automask.images.soft import soft_edge
from automask.types import Image, Mask

SHAPES = st.tuples(st.integers(1, 24), st.integers(1, 24))
MASKS = arrays.arrays(bool, SHAPES)
CHECKERS = np.indices((5, 9)).sum(0) % 2 == 0
HARD = [name for name in encode.FORMATS if name != "cutout"]


def image_for(mask):
    rng = np.random.default_rng(sum(mask.shape))
    return Image(rng.integers(1, 256, (*mask.shape, 3), np.uint8))


def opened(data):
    with Picture.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture


# --- round trips -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(encode.FORMATS))
@given(array=MASKS, notes=st.booleans())
@example(array=np.zeros((3, 5), bool), notes=False)
@example(array=np.ones((3, 5), bool), notes=True)
@example(array=CHECKERS, notes=False)
@example(array=~CHECKERS, notes=False)
def test_what_is_encoded_reads_back(name, array, notes):
    data = encode.encode(Mask(array, rule="all"), name, image=image_for(array), notes=notes)
    found = encode.decode(data)
    assert found.dtype == bool
    assert np.array_equal(found, array)


@given(array=MASKS)
def test_png_has_one_bit_and_two_values(array):
    picture = opened(encode.encode(Mask(array), "png"))
    assert picture.mode == "1"
    assert np.array_equal(np.asarray(picture), array)
    by_opencv = cv2.imdecode(np.frombuffer(encode.encode(Mask(array), "png"), np.uint8), -1)
    assert np.array_equal(by_opencv, array * np.uint8(255))


@given(MASKS)
def test_png_is_read_back_without_a_library(array):
    written = png.two_valued(array, {"Comment": "é"})
    assert np.array_equal(png.bits(written), array)
    for end in range(0, len(written), 7):
        cut = png.bits(written[:end])
        assert cut is None or np.array_equal(cut, array)  # only IEND may be missing


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "1"])
def test_of_other_png_files_nothing_is_read(mode):
    stream = io.BytesIO()
    random = np.random.default_rng(4).integers(0, 256, (90, 130), np.uint8)
    Picture.fromarray(random).convert(mode).save(stream, "PNG")
    found = png.bits(stream.getvalue())
    assert found is None or np.array_equal(found, opened(stream.getvalue()))  # mode 1, unfiltered


@given(array=MASKS)
def test_webp_is_0_and_255_in_all_channels(array):
    picture = opened(encode.encode(Mask(array), "webp"))
    assert np.array_equal(
        np.asarray(picture.convert("RGB")), array[..., None] * np.uint8([255] * 3)
    )


def test_base64_and_data_urls_hold_the_png():
    mask = Mask(CHECKERS)
    data = encode.encode(mask, "png")
    assert base64.b64decode(encode.encode(mask, "base64")) == data
    assert encode.encode(mask, "dataurl") == b"data:image/png;base64," + base64.b64encode(data)


@given(array=MASKS)
def test_run_lengths_are_cocos(array):
    content = json.loads(encode.encode(Mask(array), "rle"))
    assert content["size"] == list(array.shape)
    flat, value = [], False  # as the COCO format is described: column by column, False first
    for count in content["counts"]:
        flat += [value] * count
        value = not value
    assert np.array_equal(np.array(flat).reshape(array.shape, order="F"), array)
    assert all(count > 0 for count in content["counts"][1:])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", list(encode.FORMATS))
def test_stored_orientation(name, orientation):
    stored = np.zeros((7, 12), bool)
    stored[1:3, 2:9] = stored[4, 5] = True
    mask = Mask(upright(stored, orientation), orientation=orientation)
    seen = encode.encode(mask, name, image=image_for(mask))
    assert np.array_equal(encode.decode(seen), mask.array)
    data = encode.encode(mask, name, image=image_for(mask), stored_orientation=True)
    assert np.array_equal(encode.decode(data), stored)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_stored_mask_lies_on_the_pixels_of_the_file(save, format_, orientation):
    """Whoever opens the photo without applying EXIF finds the mask on the same things."""
    stored = np.full((40, 64, 3), 30, np.uint8)
    stored[8:24, 40:56] = 220
    exif = Picture.Exif()
    exif[274] = orientation
    image = load(save(Picture.fromarray(stored), format_, exif=exif))
    mask = Mask(image.gray > 128, orientation=image.orientation)
    found = encode.decode(encode.encode(mask, "png", stored_orientation=True))
    assert np.array_equal(found, stored[..., 0] > 128)


# --- polygons ----------------------------------------------------------------------------------


def area_of(ring):
    xy = np.array(ring, np.int64)
    return int((xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]).sum()) / 2


def filled(coordinates, shape):
    """By the even-odd rule at pixel centres: crossings of a ray to the left, edge by edge."""
    inside = np.zeros(shape, bool)
    for polygon in coordinates:
        for ring in polygon:
            for (x0, y0), (x1, y1) in pairwise(ring):
                if x0 == x1:
                    inside[min(y0, y1) : max(y0, y1), x0:] ^= True
    return inside


@given(array=MASKS)
@example(array=CHECKERS)
@example(array=~CHECKERS)
def test_polygons_are_exact_and_well_formed(array):
    content = json.loads(encode.encode(Mask(array), "polygons"))
    assert (content["type"], content["size"]) == ("MultiPolygon", list(array.shape))
    assert np.array_equal(filled(content["coordinates"], array.shape), array)
    parts, _ = cv2.connectedComponents(array.view(np.uint8), connectivity=4)
    assert len(content["coordinates"]) == parts - 1
    for polygon in content["coordinates"]:
        assert [area_of(ring) > 0 for ring in polygon] == [True] + [False] * (len(polygon) - 1)
        for ring in polygon:
            corners = [tuple(point) for point in ring]
            assert corners[0] == corners[-1]
            assert len(set(corners)) == len(corners) - 1 >= 4
            assert all((x0 == x1) != (y0 == y1) for (x0, y0), (x1, y1) in pairwise(ring))


@given(array=MASKS)
def test_holes_lie_in_their_own_polygon(array):
    labels = cv2.connectedComponents(array.view(np.uint8), connectivity=4)[1]
    for polygon in polygons.trace(array):
        closed = [[[*ring, ring[0]] for ring in polygon]]
        part = filled(closed, array.shape)
        assert len(np.unique(labels[part])) == 1
        assert part.sum() == (labels == labels[part][0]).sum()


def test_a_hole_that_touches_the_outside_in_a_corner():
    array = np.array([[1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0]], bool)
    (polygon,) = polygons.trace(array)
    assert polygon == [
        [(0, 0), (3, 0), (3, 2), (2, 2), (2, 3), (0, 3)],
        [(1, 1), (1, 2), (2, 2), (2, 1)],
    ]


# --- cut-outs and soft edges -------------------------------------------------------------------


@given(array=MASKS)
def test_a_cutout_has_the_images_colours_where_selected_and_nothing_else(array):
    image = image_for(array)
    found = np.asarray(opened(encode.encode(Mask(array), "cutout", image=image)))
    assert np.array_equal(found[..., 3], array * np.uint8(255))
    assert np.array_equal(found[..., :3], image.rgb * array[..., None])


def test_a_cutout_keeps_what_was_transparent_transparent(rgb):
    image = Image(rgb, alpha=rgb[..., 1])
    array = np.zeros((40, 60), bool)
    array[5:30, 10:50] = True
    found = np.asarray(opened(encode.encode(Mask(array), "cutout", image=image)))
    assert np.array_equal(found[..., 3], np.where(array, rgb[..., 1], 0))


@given(array=MASKS, feather=st.floats(0.1, 30))
def test_a_soft_edge_keeps_the_border_at_one_half(array, feather):
    soft = soft_edge(array, feather)
    assert np.array_equal(soft >= 128, array)


def test_a_soft_edge_is_as_wide_as_said():
    array = np.zeros((50, 80), bool)
    array[:, 40:] = True
    row = soft_edge(array, 6)[25].astype(int)
    assert (row[:34] == 0).all()
    assert (row[46:] == 255).all()
    assert (np.diff(row[34:46]) > 0).all()
    assert np.abs(row[34:46] + row[34:46][::-1] - 255).max() <= 1
    assert np.array_equal(soft_edge(array, 6)[0], row)  # the image's own border is no border


def test_a_soft_edge_on_a_crop_is_that_on_the_whole():
    array = np.zeros((90, 120), bool)
    array[40:43, 50:80] = array[60:75, 70:74] = True
    inside = cv2.distanceTransform(array.view(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - array.view(np.uint8), cv2.DIST_L2, 5)
    share = np.clip(0.5 + np.where(array, inside - 0.5, 0.5 - outside) / 14, 0, 1)
    expected = 255 * share * share * (3 - 2 * share)
    assert np.abs(soft_edge(array, 7) - expected).max() <= 1.3  # two roundings


def test_a_feathered_png_has_8_bits_and_its_notes():
    mask = Mask(CHECKERS, rule="all")
    data = encode.encode(mask, "png", feather_px=2, notes=True)
    assert opened(data).mode == "L"
    assert np.array_equal(np.asarray(opened(data)), soft_edge(CHECKERS, 2))
    assert png.texts(data)["automask:rule"] == "all"
    with pytest.raises(ImageError, match="other values than 0 and 255"):
        encode.decode(data)


def test_a_feathered_cutout():
    mask = Mask(CHECKERS, orientation=6)
    image = image_for(CHECKERS)
    data = encode.encode(mask, "cutout", image=image, feather_px=1.5, stored_orientation=True)
    found = np.asarray(opened(data))
    assert found.shape == (9, 5, 4)
    assert np.array_equal(upright(found[..., 3], 6), soft_edge(CHECKERS, 1.5))


@pytest.mark.parametrize("name", [n for n in encode.FORMATS if n not in encode.SOFT_FORMATS])
def test_other_formats_refuse_a_feather(name):
    with pytest.raises(ArgumentError, match=rf"{name} is hard-edged .* 4 px; choose png or cutout"):
        encode.encode(Mask(CHECKERS), name, feather_px=4)


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("feather", [-1.0, float("inf"), float("nan")])
def test_a_feather_that_makes_no_sense(feather):
    with pytest.raises(ArgumentError, match="makes no sense"):
        encode.encode(Mask(CHECKERS), "png", feather_px=feather)


def test_an_unknown_format():
    with pytest.raises(ArgumentError, match="no format 'jpg'; choose one of png, webp"):
        encode.encode(Mask(CHECKERS), "jpg")
    with pytest.raises(ArgumentError, match="no format"):
        encode.suffix("jpg")


def test_webp_ends_at_its_limit():
    assert encode.decode(encode.encode(Mask(np.ones((1, 16383), bool)), "webp")).all()
    with pytest.raises(ArgumentError, match=r"16383 pixels a side and the mask is 16384 x 1"):
        encode.encode(Mask(np.ones((1, 16384), bool)), "webp")


def test_a_cutout_needs_its_own_image(rgb):
    with pytest.raises(ArgumentError, match="needs the image as well"):
        encode.encode(Mask(CHECKERS), "cutout")
    with pytest.raises(ArgumentError, match=r"60 x 40 pixels and the mask 9 x 5"):
        encode.encode(Mask(CHECKERS), "cutout", image=Image(rgb))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"{",
        b"{}",
        b'{"size":[2,2],"counts":[3]}',
        b'{"size":[2,2],"counts":[5,-1]}',
        b'{"size":[2],"counts":[2]}',
        b'{"size":[2,2],"coordinates":[[[[0,0],[9,0],[9,9],[0,9],[0,0]]]]}',
        png.SIGNATURE + b"rest",
        b"RIFF....WEBP",
        b"data:image/png;base64,AAAA",
    ],
)
def test_what_is_no_mask(data, capfd):
    with pytest.raises(ImageError, match="are not a mask"):
        encode.decode(data)
    assert capfd.readouterr() == ("", "")


# --- who made it -------------------------------------------------------------------------------

MADE = Mask(
    CHECKERS,
    rule='color("größe 図"):largest',
    models=("faces 0123", "things 4567"),
    source="photos/a b.jpg",
    source_sha256="ab" * 32,
    orientation=6,
)


@pytest.mark.parametrize("name", ["png", "base64", "dataurl", "cutout"])
def test_notes_are_in_the_texts_of_a_png(name):
    data = encode.encode(MADE, name, image=image_for(CHECKERS), notes=True)
    data = data.removeprefix(b"data:image/png;base64,")
    data = data if data.startswith(png.SIGNATURE) else base64.b64decode(data)
    expected = {
        "Software": f"automask {automask.__version__}, OpenCV {cv2.__version__}",
        "automask:rule": 'color("größe 図"):largest',
        "automask:models": "faces 0123, things 4567",
        "automask:source": "photos/a b.jpg",
        "automask:source_sha256": "ab" * 32,
    }
    assert png.texts(data) == expected
    assert opened(data).text == expected


def test_without_notes_nothing_is_told():
    assert png.texts(encode.encode(MADE, "png")) == {}


def test_the_sidecar():
    content = json.loads(encode.sidecar(MADE))
    assert content == {
        "rule": MADE.rule,
        "models": list(MADE.models),
        "automask": automask.__version__,
        "opencv": cv2.__version__,
        "source": MADE.source,
        "source_sha256": MADE.source_sha256,
        "orientation": 6,
        "size": [5, 9],
        "area": 23,
        "coverage": 23 / 45,
        "box": [0, 0, 9, 5],
    }
    assert json.loads(encode.sidecar(Mask(np.zeros((2, 3), bool))))["box"] is None


# --- pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".png", ".PNG", ".tif", ".tiff", ".bmp"])
def test_lossless_pictures(noise, suffix):
    assert np.array_equal(load(encode.encode_pixels(noise, suffix)).rgb, noise)
    gray = noise[..., 0]
    assert np.array_equal(load(encode.encode_pixels(gray, suffix)).rgb[..., 1], gray)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp"])
def test_lossy_pictures_are_near(rgb, suffix):
    found = load(encode.encode_pixels(rgb, suffix)).rgb.astype(int)
    assert np.abs(found - rgb).mean() < 3


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_pictures_with_alpha(rgb, suffix):
    data = encode.encode_picture(rgb, suffix, rgb[..., 1])
    image = load(data)
    assert np.array_equal(image.rgb, rgb)
    assert np.array_equal(image.alpha, rgb[..., 1])


def test_alpha_where_there_is_none(rgb):
    opaque = np.full((40, 60), 255, np.uint8)
    assert load(encode.encode_picture(rgb, ".jpg", opaque)).alpha is None
    with pytest.raises(ArgumentError, match=r"\.jpg file has no transparency"):
        encode.encode_picture(rgb, ".jpeg", rgb[..., 0])


@pytest.mark.parametrize("suffix", ["", ".gif", ".jp2", "png"])
def test_pictures_of_other_kinds(rgb, suffix):
    with pytest.raises(ArgumentError, match=r"choose \.png"):
        encode.encode_pixels(rgb, suffix)


def test_every_format_says_what_it_is():
    for name, chosen in encode.FORMATS.items():
        assert chosen.about
        assert encode.suffix(name) == chosen.suffix
        assert chosen.suffix.startswith(".")
