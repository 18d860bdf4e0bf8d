"""Union, split, padded crops and shares."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask import maskops
from automask.maskops import tables
from automask.types import Box, Region, bounding_box
from tests.maskops import brute


@given(brute.masks())
def test_split_gives_the_8_connected_parts(mask):
    regions = maskops.split(mask, label="a", source="b")
    found = [frozenset(map(tuple, np.argwhere(_whole(r, mask.shape)).tolist())) for r in regions]
    assert set(found) == {frozenset(part) for part in brute.parts(mask, brute.EIGHT)}
    assert len(found) == len(set(found))
    assert [r.area for r in regions] == [len(pixels) for pixels in found]
    assert [(r.box.y0, r.box.x0) for r in regions] == sorted((r.box.y0, r.box.x0) for r in regions)
    assert all(r.label == "a" and r.source == "b" for r in regions)


@given(brute.masks())
def test_count_gives_their_number(mask):
    number = len(brute.parts(mask, brute.EIGHT))
    assert maskops.count(mask) == maskops.count(mask, bounding_box(mask)) == number


@pytest.mark.parametrize("kind", [np.uint8, bool, np.int8])
@pytest.mark.parametrize("shape", [(1, 1), (7, 1), (1, 9), (0, 4), (40, 70)])
def test_look_up_by_two_bytes_is_that_of_numpy(kind, shape):
    random = np.random.default_rng(3)
    table = random.integers(0, 2, 40_000).astype(kind)
    index = random.integers(0, len(table), (shape[0], 2 * shape[1])).astype(np.uint16)[:, ::2]
    found = tables.look_up(table, index)
    assert found.dtype == table.dtype
    assert np.array_equal(found, table[index])
    assert np.array_equal(tables.look_up(tables.whole(table), index), found)
    out = np.full((5, *index.shape), 9, kind)
    tables.look_up(table, index, out[2])
    assert np.array_equal(out[2], found)
    assert (out[[0, 1, 3, 4]] == np.full(1, 9, kind)).all()


@given(brute.masks(), st.randoms())
def test_union_of_some_parts(mask, random):
    regions = [r for r in maskops.split(mask) if random.random() < 0.6]
    random.shuffle(regions)
    painted = np.zeros(mask.shape, bool)
    for region in regions:
        painted |= _whole(region, mask.shape)
    assert np.array_equal(maskops.union(regions, mask.shape), painted)


@given(brute.masks(most=(9, 12)), brute.masks(most=(9, 12)), st.randoms())
def test_union_of_parts_of_several_label_images_and_of_none(one, other, random):
    shape = max(one.shape[0], other.shape[0]), max(one.shape[1], other.shape[1])
    regions = [*maskops.split(one), *maskops.split(other), *Region.of(one, (0, 0))]
    random.shuffle(regions)
    expected = np.zeros(shape, bool)
    expected[: one.shape[0], : one.shape[1]] |= one
    expected[: other.shape[0], : other.shape[1]] |= other
    assert np.array_equal(maskops.union(regions, shape), expected)


def test_union_by_look_up_leaves_out_what_was_not_asked_for():
    """Labels strewn over the whole image, so that every box is the whole image."""
    labels = np.random.default_rng(3).integers(0, 900, (90, 140)).astype(np.uint16)
    wanted = range(1, 900, 2)
    box = Box(0, 0, 140, 90)
    regions = [Region.labelled(labels, v, box, 1, label="", source="") for v in wanted]
    assert np.array_equal(maskops.union(regions, labels.shape), labels % 2 == 1)


def test_union_of_thousands_of_parts_takes_one_pass():
    labels = np.random.default_rng(3).integers(0, 2000, (600, 900)).astype(np.uint16)
    box = Box(0, 0, 900, 600)
    regions = [Region.labelled(labels, v, box, 1, label="", source="") for v in range(1, 2000)]

    def seconds(work):
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    pass_s = min(seconds(lambda: labels == 7) for _ in range(5))
    union_s = min(seconds(lambda: maskops.union(regions, labels.shape)) for _ in range(3))
    assert union_s < 400 * pass_s  # one by one it takes two thousand passes and their union


def test_union_of_nothing():
    assert maskops.union([], (3, 5)).shape == (3, 5)
    assert not maskops.union([], (3, 5)).any()


@given(brute.masks(), st.integers(0, 9), st.integers(0, 5), st.integers(0, 5))
def test_padded_crops_lie_where_the_region_lies(mask, margin_px, below, right):
    shape = mask.shape[0] + below, mask.shape[1] + right
    for region in Region.of(mask):
        crop, (x, y) = maskops.padded(region, margin_px, shape)
        expected = region.box.padded(margin_px, shape)
        assert (x, y) == (expected.x0, expected.y0)
        assert crop.shape == (expected.height, expected.width)
        whole = np.zeros(shape, bool)
        whole[expected.slices] = crop
        assert np.array_equal(whole, _whole(region, shape))


@pytest.mark.parametrize(
    ("part_px", "whole_px", "share", "enough"),
    [(9, 10, 0.9, True), (8, 10, 0.9, False), (7, 100, 0.07, True), (0, 10, 0.0, False),
     (1, 10**9, 0.0, True), (10**6 - 1, 10**6, 1.0, False), (10**6, 10**6, 1.0, True)],
)  # fmt: skip
def test_shares(part_px, whole_px, share, enough):
    assert maskops.is_share(part_px, whole_px, share) is enough


@given(brute.masks(most=(7, 9)), brute.masks(most=(7, 9)), st.integers(0, 5), st.integers(0, 5))
def test_shared_pixels_and_meeting_boxes(a, b, x, y):
    shape = 16, 20
    for one in Region.of(a):
        for other in Region.of(b, (x, y)):
            both = _whole(one, shape) & _whole(other, shape)
            assert maskops.shared_px(one, other) == both.sum()
            meets = bool(one.box.overlap(other.box).area)
            assert maskops.meeting(one.box, np.array([other.box])) == ([0] if meets else [])


@given(brute.masks(), brute.masks())
def test_iou(a, b):
    shape = min(a.shape[0], b.shape[0]), min(a.shape[1], b.shape[1])
    a, b = a[: shape[0], : shape[1]], b[: shape[0], : shape[1]]
    ratio = maskops.iou(a, b)
    assert ratio == maskops.iou(b, a)
    assert 0 <= ratio <= 1
    assert (ratio == 1) == np.array_equal(a, b)


def test_box_around():
    regions = [*Region.of(np.ones((2, 3), bool), (4, 1)), *Region.of(np.ones((1, 1), bool), (2, 6))]
    assert maskops.box_around(regions) == Box(2, 1, 7, 7)
    assert maskops.box_around([]).area == 0
    assert maskops.box_around(regions) == bounding_box(maskops.union(regions, (9, 9)))


def _whole(region, shape):
    whole = np.zeros(shape, bool)
    whole[region.box.slices] = region.mask
    return whole


def test_a_mask_without_pixels_has_no_parts():
    """OpenCV would end the process."""
    for shape in ((0, 4), (3, 0), (0, 0)):
        assert maskops.split(np.zeros(shape, bool)) == []
        assert maskops.count(np.zeros(shape, bool)) == 0
