"""Holes, specks, smoothing, hulls, ovals and the measures of a shape."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from automask import maskops
from automask.types import Region
from tests.maskops import brute


def disk(radius_px, x=0.0, y=0.0):
    half = math.ceil(radius_px) + 2
    across = np.arange(-half, half + 2)
    return (across - x) ** 2 + (across[:-1, None] - y) ** 2 <= radius_px**2


@given(brute.masks(), st.none() | st.integers(0, 12))
def test_fill_fills_what_cannot_reach_the_outside(mask, most_px):
    expected = mask.copy()
    for part in brute.parts(np.pad(~mask, 1, constant_values=True), brute.FOUR):
        if (0, 0) not in part and (most_px is None or len(part) <= most_px):
            for y, x in part:
                expected[y - 1, x - 1] = True
    before = mask.copy()
    assert np.array_equal(maskops.fill(mask, most_px), expected)
    assert np.array_equal(mask, before)


@given(brute.masks(), st.integers(0, 9))
def test_despeckle_drops_small_parts(mask, least_px):
    expected = np.zeros(mask.shape, bool)
    for part in brute.parts(mask, brute.EIGHT):
        if len(part) >= least_px:
            expected[tuple(zip(*part, strict=True))] = True
    assert np.array_equal(maskops.despeckle(mask, least_px), expected)


@given(brute.masks(), st.integers(0, 9))
def test_smoothing_is_three_means_cut_at_one_half(mask, radius_px):
    soft, whole = mask.astype(object), 1
    for half_px in (radius_px // 3, (radius_px + 1) // 3, (radius_px + 2) // 3):
        wide = np.pad(soft, half_px, mode="edge")
        steps = range(2 * half_px + 1)
        height, width = mask.shape
        soft = sum(wide[dy : dy + height, dx : dx + width] for dy in steps for dx in steps)
        whole *= (2 * half_px + 1) ** 2
    assert np.array_equal(maskops.smooth(mask, radius_px), (2 * soft > whole).astype(bool))


@pytest.mark.parametrize("radius_px", [1, 2, 5, 12])
def test_smoothing_keeps_straight_borders_and_nearly_round_ones(radius_px):
    half = np.zeros((31, 44), bool)
    half[:, 20:] = True
    assert np.array_equal(maskops.smooth(half, radius_px), half)
    round_ = np.pad(disk(5 * radius_px), radius_px)
    assert abs(maskops.smooth(round_, radius_px).sum() / round_.sum() - 1) < 0.05


def test_smoothing_takes_the_jags_off():
    mask = np.zeros((40, 60), bool)
    mask[20:] = True
    jagged = mask.copy()
    jagged[18:20, ::4] = True  # spurs two pixels high
    jagged[20:23, 2::12] = False  # nicks three pixels deep
    assert np.array_equal(maskops.smooth(jagged, 8)[:, 8:-8], mask[:, 8:-8])


@given(brute.masks(most=(6, 9)))
def test_hull_is_what_no_line_separates(mask):
    assume(mask.any())
    expected = brute.hull(mask)
    assert np.array_equal(maskops.hull(mask), expected)
    assert maskops.solidity(mask) == mask.sum() / expected.sum()


@given(brute.masks(most=(40, 60)))
def test_hull_of_larger_masks(mask):
    assume(mask.any())
    hull = maskops.hull(mask)
    assert not (mask & ~hull).any()
    assert np.array_equal(maskops.hull(hull), hull)
    assert 0 < maskops.solidity(mask) <= 1
    assert maskops.solidity(hull) == 1
    assert np.array_equal(maskops.hull(mask.T), hull.T)
    assert np.array_equal(maskops.hull(mask[:, ::-1]), hull[:, ::-1])


@given(st.integers(1, 30), st.integers(1, 40))
def test_an_oval_touches_the_four_sides_and_is_an_ellipse(height, width):
    oval = maskops.oval(height, width)
    assert oval.shape == (height, width)
    assert np.array_equal(oval, oval[::-1])
    assert np.array_equal(oval, oval[:, ::-1])
    if (
        max(height, width) < 2 * min(height, width) ** 2
    ):  # a needle is thinner than a pixel at its tips
        assert oval[0].any()
        assert oval[:, 0].any()
    assert maskops.solidity(oval) == 1
    if min(height, width) > 12:
        assert abs(oval.sum() / (math.pi / 4 * height * width) - 1) < 0.05


@given(st.floats(5, 60), st.floats(0, 1), st.floats(0, 1))
def test_a_disk_is_circular(radius_px, x, y):
    mask = disk(radius_px, x, y)
    assert 0.9 < maskops.circularity(mask) <= 1
    assert abs(maskops.perimeter_px(mask) / (2 * math.pi * radius_px) - 1) < 0.06


def test_circularity_falls_with_length_dents_and_holes():
    round_ = disk(20)
    holed = round_.copy()
    holed[20:24, 20:24] = False
    dented = round_.copy()
    dented[:20, 20:23] = False
    long = np.ones((6, 80), bool)
    values = [maskops.circularity(m) for m in (round_, holed, dented, long)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.35
    square = maskops.circularity(np.ones((40, 40), bool))
    assert math.pi / 4 < square < math.pi / 4 / 0.97**2  # 3 % of the perimeter short


@given(brute.masks())
def test_perimeter_is_the_same_mirrored_and_turned(mask):
    length = maskops.perimeter_px(mask)
    assert maskops.perimeter_px(mask.T) == length
    assert maskops.perimeter_px(mask[::-1]) == length
    assert (length == 0) == (not mask.any())


@given(brute.masks(least=(2, 2)), st.integers(0, 1000))
def test_distances_are_between_the_nearest_pixels(mask, seed):
    target = np.random.default_rng(seed).random(mask.shape) < 0.2
    assume(target.any())
    points = np.argwhere(target)
    for region in Region.of(mask):
        own = np.argwhere(mask)
        nearest = min(math.dist(p, q) for p in own for q in points)
        assert maskops.distances_px([region], target) == [pytest.approx(nearest)]


@given(brute.masks(most=(21, 25)), st.integers(0, 12) | st.just(2.25))
def test_swept_is_without_small_parts_and_small_holes(mask, most_px):
    expected = np.zeros_like(mask)
    for part in brute.parts(mask, brute.EIGHT):
        alone = np.zeros_like(mask)
        alone[tuple(np.transpose(part))] = True
        if maskops.fill(alone).sum() > most_px:
            expected |= maskops.fill(alone, most_px)
    before = mask.copy()
    swept = maskops.swept(mask, most_px)
    assert np.array_equal(mask, before)
    # Of what lies in a hole that is filled, nothing is left out.
    assert np.array_equal(swept, expected)


def test_only_what_is_cut_off_is_filled():
    mask = brute.art("""
        ..########..
        ..#......#..
        ..#.####.#..
        ..#.#..#.###
        ..#.####...#
        ..#......#.#
        ..##.#####.#
    """)
    assert brute.drawn(maskops.fill(mask)) == [
        "..########..",
        "..#......#..",
        "..#.####.#..",
        "..#.####.###",
        "..#.####...#",
        "..#......#.#",
        "..##.#####.#",
    ]
