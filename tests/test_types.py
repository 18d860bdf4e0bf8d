"""Image, Box, Region, Mask: their conventions, on arrays that are not square."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from automask.errors import ArgumentError
from automask.maskops import split, union
from automask.types import Box, Image, Mask, Region, bounding_box, reading_order

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 15))
MASKS = SHAPES.flatmap(lambda shape: hnp.arrays(bool, shape))
BOXES = st.tuples(*[st.integers(-6, 20)] * 4).map(
    lambda e: Box(min(e[0], e[2]), min(e[1], e[3]), max(e[0], e[2]), max(e[1], e[3]))
)


def painted(box, shape):
    """The pixels of a box by the definition: column x and row y with x0 <= x < x1, y0 <= y < y1."""
    down, across = np.mgrid[: shape[0], : shape[1]]
    return (across >= box.x0) & (across < box.x1) & (down >= box.y0) & (down < box.y1)


@given(BOXES, SHAPES)
def test_a_clipped_box_has_the_pixels_of_the_image(box, shape):
    clipped = box.clipped(shape)
    mask = np.zeros(shape, bool)
    mask[clipped.slices] = True
    assert np.array_equal(mask, painted(box, shape))
    assert clipped.area == mask.sum()
    assert clipped.clipped(shape) == clipped


@given(BOXES, BOXES, SHAPES)
def test_an_overlap_is_what_both_have(left, right, shape):
    common = left.overlap(right)
    both = painted(left, shape) & painted(right, shape)
    assert np.array_equal(painted(common, shape), both)
    assert common.area >= 0


@given(BOXES, st.integers(0, 5), SHAPES)
def test_padding_stays_inside_the_image(box, margin, shape):
    padded = box.padded(margin, shape)
    assert padded == padded.clipped(shape)
    assert not (painted(box, shape) & ~painted(padded, shape)).any()


@given(MASKS)
def test_a_bounding_box_is_tight(mask):
    box = bounding_box(mask)
    if box is None:
        assert not mask.any()
    else:
        inside = mask[box.slices]
        assert inside.sum() == mask.sum()
        assert inside[0].any()
        assert inside[-1].any()
        assert inside[:, 0].any()
        assert inside[:, -1].any()
        assert all(type(edge) is int for edge in box)


def test_a_bounding_box_of_a_view_and_of_nothing():
    mask = np.zeros((8, 12), bool)
    mask[2:4, 6:9] = True
    assert bounding_box(mask[::-1, ::2]) == (3, 4, 5, 6)
    assert bounding_box(np.zeros((0, 5), bool)) is None


@given(MASKS, st.integers(0, 4), st.integers(0, 4))
def test_a_region_keeps_the_pixels_of_its_mask(mask, x, y):
    regions = Region.of(mask, (x, y), label="thing", score=0.5, source="test")
    shape = mask.shape[0] + y, mask.shape[1] + x
    whole = np.zeros(shape, bool)
    whole[y:, x:] = mask
    assert np.array_equal(union(regions, shape), whole)
    for region in regions:
        assert region.area == mask.sum()
        assert (region.label, region.score, region.source) == ("thing", 0.5, "test")
        rows, columns = np.nonzero(whole)
        centre = columns.mean() + 0.5, rows.mean() + 0.5
        assert region.centroid == pytest.approx(centre)


@given(MASKS)
def test_labelled_regions_are_the_parts(mask):
    parts = split(mask, label="part", source="test")
    assert np.array_equal(union(parts, mask.shape), mask)
    assert sum(part.area for part in parts) == mask.sum()
    for part in parts:
        assert part.area == np.count_nonzero(part.mask)
        assert bounding_box(part.mask) == (0, 0, part.box.width, part.box.height)
    assert reading_order(parts) == parts


def test_a_region_is_read_only():
    region = Region(np.ones((2, 3), bool), Box(1, 1, 4, 3))
    with pytest.raises(ValueError, match="read-only"):
        region.mask[0, 0] = False
    (part,) = split(np.ones((2, 3), bool))
    with pytest.raises(ValueError, match="read-only"):
        part.mask[0, 0] = False


def test_a_reshaped_region_keeps_its_words():
    region = Region(np.ones((2, 3), bool), Box(1, 1, 4, 3), "cup", 0.7, "object")
    (smaller,) = region.reshaped(np.array([[0, 1]], bool), (5, 6))
    assert (smaller.box, smaller.label, smaller.score) == (Box(6, 6, 7, 7), "cup", 0.7)
    assert region.reshaped(np.zeros((2, 3), bool), (0, 0)) == []


def test_reading_order():
    boxes = [Box(5, 0, 6, 1), Box(0, 0, 1, 1), Box(0, 3, 1, 4), Box(0, 0, 2, 2)]
    regions = [Region(None, box, score=i / 10) for i, box in enumerate(boxes)]
    assert [regions.index(r) for r in reading_order(regions)] == [3, 1, 0, 2]


def test_an_image_is_read_only_and_leaves_your_array_writeable():
    rgb = np.zeros((3, 5, 3), np.uint8)
    image = Image(rgb, alpha=np.zeros((3, 5), np.uint8))
    for plane in (image.rgb, image.alpha, image.gray, image.lab, image.reduced(2)):
        with pytest.raises(ValueError, match="read-only"):
            plane[0, 0] = 1
    rgb[0, 0] = 1


@pytest.mark.parametrize(
    ("rgb", "message"),
    [
        (
            np.zeros((3, 5), np.uint8),
            r"uint8 RGB of shape \(H, W, 3\), not uint8 of shape \(3, 5\)",
        ),
        (np.zeros((3, 5, 4), np.uint8), r"not uint8 of shape \(3, 5, 4\)"),
        (np.zeros((3, 5, 3)), "not float64"),
        (np.zeros((0, 5, 3), np.uint8), "has no pixels"),
    ],
)
def test_an_image_is_rgb(rgb, message):
    with pytest.raises(ArgumentError, match=message):
        Image(rgb)


@pytest.mark.parametrize("alpha", [np.zeros((5, 3), np.uint8), np.zeros((3, 5), bool)])
def test_alpha_fits_its_image(alpha):
    with pytest.raises(ArgumentError, match=r"The alpha of an image of shape \(3, 5\)"):
        Image(np.zeros((3, 5, 3), np.uint8), alpha=alpha)


def test_an_image_computes_a_thing_once_also_in_threads():
    image = Image(np.zeros((3, 5, 3), np.uint8))
    calls = []
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: image.once("key", lambda: calls.append(i) or 42), range(8)))
    assert found == [42] * 8
    assert len(calls) == 1
    assert image.gray is image.gray


def test_sides_and_reductions():
    image = Image(np.zeros((30, 50, 3), np.uint8))
    assert (image.height, image.width, image.shape, image.shorter) == (30, 50, (30, 50), 30)
    assert image.reduced(25).shape == (15, 25, 3)
    assert image.reduced(99) is image.rgb
    assert Image(np.zeros((1, 500, 3), np.uint8)).reduced(10).shape == (1, 10, 3)


def test_lab_is_that_of_cie():
    rgb = np.array([[[255, 255, 255], [0, 0, 0], [255, 0, 0]]], np.uint8)
    lightness, a, b = np.moveaxis(Image(rgb).lab.astype(float), 2, 0)
    # The CIELAB (D65) of sRGB white, black and red: L 100, 0, 53.2; a 0, 0, 80.1; b 0, 0, 67.2.
    assert (lightness * 100 / 255)[0] == pytest.approx([100, 0, 53.2], abs=0.6)
    assert (a - 128)[0] == pytest.approx([0, 0, 80.1], abs=1)
    assert (b - 128)[0] == pytest.approx([0, 0, 67.2], abs=1)


def test_the_hash_of_pixels_knows_their_shape():
    tall, wide = (Image(np.zeros(shape, np.uint8)) for shape in ((4, 2, 3), (2, 4, 3)))
    assert tall.sha256 != wide.sha256
    assert tall.sha256 == Image(np.zeros((4, 2, 3), np.uint8)).sha256
    assert Image(np.zeros((4, 2, 3), np.uint8), digest="of the file").sha256 == "of the file"


def test_a_mask_tells_its_size_and_place():
    array = np.zeros((4, 10), bool)
    array[1:3, 2:7] = True
    mask = Mask(array)
    assert (mask.shape, mask.area, mask.coverage, mask.box) == ((4, 10), 10, 0.25, Box(2, 1, 7, 3))
    assert Mask(np.zeros((4, 10), bool)).box is None
    assert np.array_equal(np.asarray(mask), array)
    assert np.array(mask, dtype=np.uint8).sum() == 10
    with pytest.raises(ValueError, match="read-only"):
        mask.array[0, 0] = True


@pytest.mark.parametrize("array", [np.zeros((4, 10), np.uint8), np.zeros((4, 10, 1), bool)])
def test_a_mask_is_bool_and_flat(array):
    with pytest.raises(ArgumentError, match="A mask array is bool of shape"):
        Mask(array)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])  # noqa: S301
def test_copies_and_other_processes_have_the_same_and_cannot_write_to_it(copied):
    rgb = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    image = Image(rgb, rgb[..., 0] // 8, "a.png", 6, "hash")
    image.once("derived", lambda: "kept by the first alone")
    other = copied(image)
    assert (other.source, other.orientation, other.digest) == ("a.png", 6, "hash")
    assert np.array_equal(other.rgb, rgb)
    assert np.array_equal(other.alpha, image.alpha)
    assert other.once("derived", lambda: "anew") == "anew"
    mask = copied(Mask(rgb[..., 0] > 9, "rule", ("m 1",), "a.png", "hash", 6))
    assert (mask.rule, mask.models, mask.orientation, mask.area) == ("rule", ("m 1",), 6, 8)
    (region,) = copied(Region.of(rgb[..., 0] > 9, label="x"))
    for array in (other.rgb, other.alpha, other.gray, mask.array, region.mask):
        assert not array.flags.writeable
