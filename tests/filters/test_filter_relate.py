"""Filters that keep regions by how they lie to others."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask.filters import relate
from automask.filters.base import FILTERS
from automask.types import Region
from automask.values import Quantity
from tests.filters.stage import Stage, a_box, scene, whole
from tests.maskops import brute

SHAPE = (12, 15)
LISTS = st.lists(
    st.tuples(brute.masks(most=(5, 6)), st.integers(0, 7), st.integers(0, 9)), max_size=4
).map(lambda made: [part for mask, y, x in made for part in Region.of(mask, (x, y))])
RELATIONS = [name for name in FILTERS if FILTERS[name].group == "relate"]

AROUND = """
    aaaa.......b
    aaaa........
    aaaarrr.....
    ....rrr..cc.
    ...drrr..cc.
    ee..rrr.....
    ee...f......
    ............
    ....ggg.....
"""


@pytest.mark.parametrize(
    ("step", "letters"),
    [
        (relate.Touches, "adf"),
        (lambda r: relate.Near(r, Quantity(1, "px")), "adf"),
        (lambda r: relate.Near(r, Quantity(3, "px")), "acdefg"),
        (lambda r: relate.Near(r, Quantity(20, "%")), "adf"),
        (relate.LeftOf, "ade"),
        (relate.RightOf, "bc"),
        (relate.Above, "ab"),
        (relate.Below, "fg"),
        (relate.Overlaps, ""),
        (relate.Inside, ""),
    ],
    ids=["touches", "near 1px", "near 3px", "near 20%", "left", "right", "above", "below",
         "overlaps", "inside"],
)  # fmt: skip
def test_on_a_drawing(step, letters):
    stage, regions = scene(AROUND)
    others = [region for region in regions if region.label == "r"]
    rest = [region for region in regions if region.label != "r"]
    assert "".join(r.label for r in step(others).apply(rest, stage)) == letters


def test_touching_corner_to_corner():
    stage, corner = Stage(*SHAPE), a_box(4, 3, 3, 2)
    for x, y, touches in [(7, 5, 1), (3, 2, 1), (7, 2, 1), (3, 5, 1), (8, 5, 0), (7, 6, 0)]:
        assert len(relate.Touches([corner]).apply([a_box(x, y)], stage)) == touches
        assert len(relate.Near([corner], Quantity(1, "px")).apply([a_box(x, y)], stage)) == 0


def test_left_of_one_of_several_is_enough():
    near_one, far_one, middle = a_box(2, 3), a_box(10, 0, 2, 2), a_box(6, 1)
    stage = Stage(*SHAPE)
    assert relate.LeftOf([near_one, far_one]).apply([middle], stage) == [middle]
    assert relate.RightOf([near_one, far_one]).apply([middle], stage) == [middle]
    assert relate.LeftOf([near_one]).apply([middle], stage) == []
    assert relate.RightOf([far_one]).apply([middle], stage) == []


def test_what_is_in_front_is_not_beside():
    """A cup before a person: its middle is within the person's box, on no side of it."""
    person, cup = a_box(4, 1, 6, 10), a_box(4, 5, 2, 2)
    for name in ("left_of", "right_of", "above", "below"):
        assert FILTERS[name]([person]).apply([cup], Stage(*SHAPE)) == []


def test_contains_asks_each_other_region_by_itself():
    """A person contains a face, though not all the faces there are."""
    persons = [a_box(0, 0, 5, 9), a_box(8, 0, 5, 9), a_box(5, 0, 2, 2)]
    faces = [a_box(1, 1, 2, 2), a_box(9, 1, 2, 2), a_box(12, 8, 3, 2)]
    stage = Stage(*SHAPE)
    assert relate.Contains(faces).apply(persons, stage) == persons[:2]
    assert relate.Contains(faces[2:]).apply(persons, stage) == []
    assert relate.Contains(faces[2:], 0.1).apply(persons, stage) == [persons[1]]
    assert relate.Contains(faces[2:], 0.2).apply(persons, stage) == []


@given(LISTS, LISTS, st.integers(0, 10))
def test_shares(regions, others, tenths):
    stage, target = Stage(*SHAPE), whole(others, SHAPE)

    def common(region, pixels):
        return int((whole([region], SHAPE) & pixels).sum())

    def enough(part_px, whole_px):
        return part_px > 0 and 10 * part_px >= tenths * whole_px

    inside = [r for r in regions if enough(common(r, target), r.area)]
    assert relate.Inside(others, tenths / 10).apply(regions, stage) == inside
    assert relate.Overlaps(others, tenths / 10).apply(regions, stage) == inside
    assert relate.Overlaps(others).apply(regions, stage) == [
        r for r in regions if common(r, target)
    ]
    holding = [
        r
        for r in regions
        if any(enough(common(r, whole([other], SHAPE)), other.area) for other in others)
    ]
    assert relate.Contains(others, tenths / 10).apply(regions, stage) == holding


@given(LISTS, LISTS, st.integers(0, 9) | st.floats(0, 9).map(lambda d: round(d, 2)))
def test_distances(regions, others, distance_px):
    stage = Stage(*SHAPE)

    def apart_px(region):
        own, target = (np.argwhere(whole(some, SHAPE)) for some in ([region], others))
        return min((math.dist(p, q) for p in own for q in target), default=math.inf)

    apart = [apart_px(region) for region in regions]
    near = [r for r, d in zip(regions, apart, strict=True) if d <= distance_px + 1e-9]
    assert relate.Near(others, Quantity(distance_px, "px")).apply(regions, stage) == near
    beside = [r for r, d in zip(regions, apart, strict=True) if d < 1.5]
    assert relate.Touches(others).apply(regions, stage) == beside
    nearest = [regions[apart.index(min(apart))]] if others and regions else []
    assert relate.Nearest(others).apply(regions, stage) == nearest


def test_of_equally_near_regions_the_first_is_picked():
    twins = [a_box(2, 5), a_box(8, 5)]
    middle = [a_box(5, 5)]
    stage = Stage(*SHAPE)
    assert relate.Nearest(middle).apply(twins, stage) == twins[:1]
    assert relate.Nearest(middle).apply(twins[::-1], stage) == twins[1:]


@pytest.mark.parametrize("name", RELATIONS)
def test_nothing_to_relate_to_keeps_nothing(name):
    more = [Quantity(50, "px")] if name == "near" else []
    regions = [a_box(2, 3, 4, 5), a_box(0, 0)]
    assert FILTERS[name]([], *more).apply(regions, Stage(*SHAPE)) == []


@pytest.mark.parametrize("name", RELATIONS)
def test_the_other_rule_is_evaluated_once_and_only_if_needed(name):
    more = [Quantity(5, "px")] if name == "near" else []
    step, stage = FILTERS[name]([a_box(1, 1)], *more), Stage(*SHAPE)
    step.apply([], stage)
    assert stage.asked == 0
    step.apply([a_box(i, 0) for i in range(9)], stage)
    assert stage.asked == 1
