"""Filters that change the shape of a region, on drawings and against full-size definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask import maskops
from automask.filters.base import FILTERS
from automask.filters.refine import Refine
from automask.selector.parse import parse
from automask.testing import check_regions
from automask.types import Region
from automask.values import Quantity
from tests.filters.stage import Stage, a_box, changed, drawing, whole
from tests.maskops import brute

SHAPES = [name for name in FILTERS if FILTERS[name].group == "shape"]
RADII = st.integers(0, 9) | st.floats(0, 9).map(lambda r: round(r, 2))


def step(words):
    return parse(f"all:{words}").step


@st.composite
def placed(draw):
    """A mask somewhere in a larger one, or as large."""
    mask = draw(brute.masks(most=(9, 12)))
    rooms = [(draw(st.integers(0, 4)), draw(st.integers(0, 4))) for _ in range(2)]
    return np.pad(mask, rooms)


FULL_SIZE = {
    "grow": maskops.grow,
    "shrink": maskops.shrink,
    "open": maskops.open_,
    "smooth": lambda mask, radius_px: maskops.smooth(mask, round(radius_px)),
    "outline": lambda mask, width_px: maskops.outline(
        mask, max(1, round(width_px)) if width_px else 0
    ),
}


@pytest.mark.parametrize("name", FULL_SIZE)
@given(mask=placed(), radius_px=RADII)
def test_a_crop_gives_what_the_whole_image_gives(name, mask, radius_px):
    found = FILTERS[name](Quantity(radius_px, "px")).apply(Region.of(mask), Stage(*mask.shape))
    check_regions(found, Stage(*mask.shape).image)
    assert np.array_equal(whole(found, mask.shape), FULL_SIZE[name](mask, radius_px))


@given(placed(), st.integers(0, 4))
def test_closing_a_crop(mask, radius_px):
    found = step(f"close({radius_px}px)").apply(Region.of(mask), Stage(*mask.shape))
    assert np.array_equal(whole(found, mask.shape), maskops.close(mask, radius_px))


@pytest.mark.parametrize("name", ["fill", "hull"])
@given(mask=placed())
def test_fill_and_hull_of_a_crop(name, mask):
    found = FILTERS[name]().apply(Region.of(mask), Stage(*mask.shape))
    expected = getattr(maskops, name)(mask) if mask.any() else mask
    assert np.array_equal(whole(found, mask.shape), expected)


@given(placed(), st.integers(-20, 20), st.integers(-20, 20))
def test_shifting_moves_and_cuts_but_never_wraps(mask, dx, dy):
    moved = step(f"shift({dx}px, {dy}px)").apply(Region.of(mask), Stage(*mask.shape))
    check_regions(moved, Stage(*mask.shape).image)
    places = {(y + dy, x + dx) for y, x in np.argwhere(mask).tolist()}
    inside = {(y, x) for y, x in places if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]}
    assert set(map(tuple, np.argwhere(whole(moved, mask.shape)).tolist())) == inside


@given(placed(), st.integers(0, 8))
def test_a_box_is_around_the_region(mask, pad_px):
    for region in Region.of(mask):
        (found,) = step(f"box({pad_px}px)").apply([region], Stage(*mask.shape))
        assert found.box == region.box.padded(pad_px, mask.shape)
        assert found.mask.all()


@given(placed())
def test_an_oval_is_in_the_box(mask):
    for region in Region.of(mask):
        (found,) = step("oval").apply([region], Stage(*mask.shape))
        expected = np.zeros(mask.shape, bool)
        expected[region.box.slices] = maskops.oval(region.box.height, region.box.width)
        assert np.array_equal(whole([found], mask.shape), expected)


@pytest.mark.parametrize("name", SHAPES)
def test_label_score_and_source_stay(name):
    region = a_box(6, 4, 11, 10, label="cup", score=0.7, source="object")
    (found,) = parse(FILTERS[name].example).step.apply([region], Stage(20, 27))
    assert (found.label, found.score, found.source) == ("cup", 0.7, "object")


@pytest.mark.parametrize("name", SHAPES)
def test_regions_are_changed_one_by_one(name):
    """Two regions that touch stay two, and neither is taken for the other's border."""
    example = parse(FILTERS[name].example).step
    left, right = a_box(3, 2, 4, 9, label="left"), a_box(7, 2, 5, 9, label="right")
    both = example.apply([left, right], Stage(14, 19))
    alone = [r for one in (left, right) for r in example.apply([one], Stage(14, 19))]
    assert [r.box for r in both] == [r.box for r in alone]
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(both, alone, strict=True))


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("grow(2px)", "....... ....... ...#... ....... .......",
         "...#... ..###.. .#####. ..###.. ...#..."),
        ("grow(20%)", "....... ...#... ....... ....... .......",
         "...#... ..###.. ...#... ....... ......."),
        ("shrink(1px)", "####... #####.. #####.. ##.....",
         "###.... ####... ##..... #......"),
        ("shrink(1px)", "####### ####### #######", "####### ####### #######"),
        ("open(1px)", "......#. ..###.#. .######. ..###... ........",
         "........ ..###... .#####.. ..###... ........"),
        ("close(1px)", "........ .##.###. .##.###. .##.###. ........",
         "........ .##.###. .######. .##.###. ........"),
        ("close(1px)", "........ .##.###. .##.###.", "........ .##.###. .######."),
        ("fill", "####.. #..#.. #.##.. ####..", "####.. ####.. ####.. ####.."),
        ("fill(1px)", "######. #.#..#. #######", "######. ###..#. #######"),
        ("despeckle(3px)", "##...#. #...... ....##.", "##..... #...... ......."),
        ("despeckle(20%)", "#...... ....... ....##.", "....... ....... ......."),
        ("hull", "#...... #...... #....#.", "#...... ###.... ######."),
        ("box", "....... ..#.... ...##..", "....... ..###.. ..###.."),
        ("box(1px)", "....... ..#.... ....... .......", ".###... .###... .###... ......."),
        ("oval", "....... .#####. .#####. .#####.", "....... ..###.. .#####. ..###.."),
        ("shift(2px, -1px)", "....... ##..... .##....", "..##... ...##.. ......."),
        ("shift(dy=50%)", "##..... .#..... ....... .......", "....... ....... ##..... .#....."),
        ("outline(1px)", "....... .#####. .#####. .#####. .......",
         "....... .#####. .#...#. .#####. ......."),
        ("outline(2px)", "#### #### #### .... ....", ".... .... #### #### ...."),
        ("outline(2px)", "### ### ###", "... ... ..."),
    ],
)  # fmt: skip
def test_on_a_drawing(words, before, after):
    assert changed(step(words), before) == drawing(after)


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_the_border_of_the_image_is_not_that_of_the_region(side):
    """What reaches a border of the image keeps it: nothing is eaten from there."""
    mask = np.zeros((24, 31), bool)
    mask[8:16, 9:20] = True
    band = {
        "left": np.s_[8:16, :9],
        "right": np.s_[8:16, 20:],
        "top": np.s_[:8, 9:20],
        "bottom": np.s_[16:, 9:20],
    }
    mask[band[side]] = True
    line = {"left": np.s_[:, 0], "right": np.s_[:, -1], "top": np.s_[0], "bottom": np.s_[-1]}[side]
    stage, regions = Stage(24, 31), Region.of(mask)
    assert whole(step("shrink(2px)").apply(regions, stage), mask.shape)[line].sum() == (
        mask[line].sum() - 4
    )
    for words in ("close(3px)", "open(2px)", "fill", "smooth(2px)", "despeckle(9px)", "hull"):
        kept = whole(step(words).apply(regions, stage), mask.shape)
        assert (kept[line] >= mask[line])[mask[line]].sum() >= mask[line].sum() - 2
    assert not whole(step("outline(1px)").apply(regions, stage), mask.shape)[line][mask[line]][
        1:-1
    ].any()


def test_the_whole_image_stays_whole():
    stage, regions = Stage(9, 14), [a_box(0, 0, 14, 9)]
    for words in ("grow(3px)", "shrink(3px)", "open(3px)", "close(3px)", "smooth(3px)", "fill",
                  "hull", "box(3px)", "despeckle(5px)", "refine(3px)"):  # fmt: skip
        assert whole(step(words).apply(regions, stage), (9, 14)).all(), words


def disk_on_a_ground(height=60, width=90):
    down, across = np.mgrid[:height, :width]
    disk = (down - 30) ** 2 + (across - 40) ** 2 <= 18**2
    rgb = np.full((height, width, 3), (60, 110, 160), np.uint8)
    rgb[disk] = 220, 190, 60
    noise = np.random.default_rng(8).integers(-6, 7, rgb.shape)
    return disk, (rgb + noise).astype(np.uint8)


@pytest.mark.parametrize("radius_px", [16, 17, 19, 20])
def test_refining_finds_the_edge_in_the_image(radius_px):
    disk, rgb = disk_on_a_ground()
    down, across = np.mgrid[:60, :90]
    rough = (down - 30) ** 2 + (across - 40) ** 2 <= radius_px**2
    refined = whole(Refine(Quantity(6, "px")).apply(Region.of(rough), Stage(0, 0, rgb)), (60, 90))
    assert maskops.iou(refined, disk) > 0.97 > maskops.iou(rough, disk)


def test_refining_moves_the_border_no_farther_than_said():
    disk, rgb = disk_on_a_ground()
    rough = np.zeros(disk.shape, bool)
    rough[20:40, 20:70] = True
    refined = whole(step("refine(3px)").apply(Region.of(rough), Stage(0, 0, rgb)), disk.shape)
    # A square window of the radius decides which pixels are near the border.
    reach = maskops.grow(rough, 3 * 2**0.5) & maskops.grow(~rough, 3 * 2**0.5)
    assert not ((refined ^ rough) & ~reach).any()
    assert not np.array_equal(refined, rough)


def test_refining_by_nothing_and_refining_what_is_tiny():
    disk, rgb = disk_on_a_ground()
    rough = np.zeros(disk.shape, bool)
    rough[20:40, 20:70] = True
    unmoved = whole(step("refine(0px)").apply(Region.of(rough), Stage(0, 0, rgb)), disk.shape)
    assert np.array_equal(unmoved, rough)
    specks = [a_box(3, 4, 2, 9), a_box(30, 20), a_box(70, 50, 5, 4)]
    assert len(step("refine(9px)").apply(specks, Stage(0, 0, rgb))) == 3
