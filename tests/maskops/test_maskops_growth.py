"""Round growth against its definition, and what follows from it."""

import math
import time

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from automask import maskops
from automask.maskops import disk
from tests.maskops import brute

RADII = st.integers(0, 14) | st.floats(0, 14, allow_nan=False).map(lambda r: round(r, 3))
WAYS = [disk._by_kernel, disk._by_distances, disk._by_walks, disk.within]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_growth_is_every_pixel_within_the_radius(way):
    @given(brute.masks(), RADII)
    def grows(mask, radius_px):
        assume(radius_px >= 1 or way is disk.within)
        before = mask.copy()
        assert np.array_equal(way(mask, radius_px), brute.near(mask, radius_px))
        assert np.array_equal(mask, before)

    grows()


@pytest.mark.parametrize("radius_px", [4, 5, 12.5, 37, 120.7, 252.9, 253, 254, 255, 300.01, 5000])
def test_the_ways_agree_where_they_meet(radius_px):
    """Around the radii where numbers get wider, on a mask where each has far to go."""
    mask = np.zeros((330, 470), bool)
    mask[[3, 200, 329], [465, 101, 0]] = True
    expected = brute.near(mask, radius_px)
    limited = min(radius_px, math.hypot(*mask.shape))
    assert np.array_equal(disk._by_walks(mask, limited), expected)
    assert np.array_equal(disk._by_distances(mask, limited), expected)
    assert np.array_equal(maskops.grow(mask, radius_px), expected)


def test_growing_does_not_wrap_around_the_border():
    mask = np.zeros((9, 14), bool)
    mask[0, 0] = True
    grown = maskops.grow(mask, 5)
    assert not grown[:, 6:].any()
    assert not grown[6:].any()


def test_growing_is_round_and_symmetric():
    mask = np.zeros((41, 51), bool)
    mask[20, 25] = True
    grown = maskops.grow(mask, 15)
    assert np.array_equal(grown, grown[::-1])
    assert np.array_equal(grown, grown[:, ::-1])
    assert np.array_equal(grown[:, 5:46], grown[:, 5:46].T)
    assert abs(grown.sum() / (math.pi * 15**2) - 1) < 0.01


@given(brute.masks(), RADII)
def test_shrinking_is_growing_the_outside(mask, radius_px):
    assert np.array_equal(maskops.shrink(mask, radius_px), ~brute.near(~mask, radius_px))


@given(brute.masks(), RADII)
def test_opening_is_what_disks_inside_cover(mask, radius_px):
    opened = maskops.open_(mask, radius_px)
    assert not (opened & ~mask).any()
    assert np.array_equal(maskops.open_(opened, radius_px), opened)
    assert np.array_equal(opened, brute.near(~brute.near(~mask, radius_px), radius_px))


@given(brute.masks(most=(8, 11)), RADII)
def test_closing_on_a_plane_that_goes_on(mask, radius_px):
    assume(radius_px <= math.hypot(*mask.shape))
    room = 2 * math.ceil(radius_px) + 1
    plane = np.pad(mask, room, mode="edge")
    closed = ~brute.near(~brute.near(plane, radius_px), radius_px)
    expected = closed[room : room + mask.shape[0], room : room + mask.shape[1]]
    assert np.array_equal(maskops.close(mask, radius_px), expected)
    assert not (mask & ~expected).any()


def test_closing_neither_sticks_to_the_border_nor_leaves_it():
    mask = np.zeros((30, 40), bool)
    mask[10:20, 3:14] = True  # three pixels from the left
    mask[24:, 20:26] = mask[24:, 28:34] = True  # two legs on the bottom
    closed = maskops.close(mask, 4)
    assert not closed[:, :3].any()
    assert closed[26:, 20:34].all()


@given(brute.masks())
def test_nothing_happens_at_radius_0(mask):
    for change in (maskops.grow, maskops.shrink, maskops.open_, maskops.close):
        assert np.array_equal(change(mask, 0), mask)


@given(brute.masks(), st.integers(0, 6))
def test_a_ring_lies_on_both_sides_of_the_border(mask, width_px):
    ring = maskops.outline(mask, width_px)
    inner, outer = ring & mask, ring & ~mask
    assert np.array_equal(
        inner,
        mask & brute.near(~mask, math.ceil(width_px / 2)) if width_px else np.zeros_like(mask),
    )
    assert np.array_equal(outer, brute.near(mask, width_px // 2) & ~mask)


def test_a_full_and_an_empty_mask_stay():
    for radius_px in (3, 9, 500):
        for full in (np.ones((7, 11), bool), np.zeros((7, 11), bool), np.ones((500, 401), bool)):
            for change in (maskops.grow, maskops.shrink, maskops.open_, maskops.close):
                assert np.array_equal(change(full, radius_px), full)


def test_the_time_does_not_rise_with_the_radius():
    mask = np.zeros((1800, 2600), bool)
    mask[300:900, 400:1500] = mask[1500:1510, ::50] = True

    def seconds(radius_px):
        begun = time.perf_counter()
        maskops.grow(mask, radius_px)
        return time.perf_counter() - begun

    pairs = [(seconds(8), seconds(200)) for _ in range(5)]
    assert min(long for _, long in pairs) < 2 * min(short for short, _ in pairs)
