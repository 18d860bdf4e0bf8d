"""Filters that pick: what they take for the largest, the first, the nearest to the middle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask.filters import pick
from automask.filters.base import FILTERS
from automask.selector.build import rule
from tests.filters.stage import Stage, a_box, kept

THREE = """
    ..bb......
    ..bb.....c
    ..........
    aaaa.....c
    aaaa......
    ........d.
"""


@pytest.mark.parametrize(
    ("step", "letters"),
    [
        (pick.Largest(), "a"),
        (pick.Smallest(), "d"),
        (pick.Leftmost(), "a"),
        (pick.Rightmost(), "c"),
        (pick.Topmost(), "b"),
        (pick.Bottommost(), "d"),
        (pick.Centermost(), "b"),
        (pick.First(), "a"),
        (pick.Last(), "d"),
        (pick.Top(2), "ab"),
        (pick.Top(3, "x"), "cdb"),
        (pick.Top(99, "height"), "cabd"),
        (pick.Sort("area"), "dcba"),
        (pick.Sort("x"), "abdc"),
        (pick.Sort("y"), "bcad"),
        (pick.Sort("width"), "cdba"),
        (pick.Sort("height", desc=True), "cabd"),
    ],
    ids=str,
)
def test_on_a_drawing(step, letters):
    assert kept(step, THREE) == letters


def test_places_are_centroids_not_boxes():
    """b has the box that begins and ends farther left and right; its weight lies in between."""
    text = """
        b..........
        bb.aaa.....
        b..aaa.....
        b..........
        bbbbbbbbbbb
        bbbbbbbbbbb
    """
    assert kept(pick.Leftmost(), text) == "a"
    assert kept(pick.Topmost(), text) == "a"


def test_the_best_has_the_highest_score():
    regions = [a_box(i, 0, score=score) for i, score in enumerate((0.2, 0.9, 0.4, 0.9))]
    stage = Stage(3, 9)
    assert pick.Best().apply(regions, stage) == [regions[1]]
    assert pick.Top(3, "score").apply(regions, stage) == [regions[1], regions[3], regions[2]]


EQUAL = [name for name in FILTERS if FILTERS[name].group == "pick" and name != "last"]


@pytest.mark.parametrize("name", EQUAL)
@given(count=st.integers(2, 6))
def test_of_equal_regions_the_first_is_picked(name, count):
    regions = [a_box(3, 2, 4, 3, label=str(i), score=0.5) for i in range(count)]
    made = {"top": lambda: pick.Top(1), "sort": lambda: pick.Sort("area", desc=True)}
    step = made.get(name, FILTERS[name])()
    assert step.apply(regions, Stage(7, 12))[0] is regions[0]


@pytest.mark.parametrize("by", pick.MEASURES)
@given(sizes=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(1, 3))))
def test_sorting_is_stable_and_top_is_the_end_of_it(by, sizes):
    regions = [a_box(x, y, size, size, score=size / 4) for x, y, size in sizes]
    stage = Stage(9, 14)
    upwards = pick.Sort(by).apply(regions, stage)
    downwards = pick.Sort(by, desc=True).apply(regions, stage)
    measure = pick.MEASURES[by]
    assert upwards == sorted(regions, key=measure)
    assert downwards == sorted(regions, key=lambda region: -measure(region))
    assert pick.Top(2, by).apply(regions, stage) == downwards[:2]


@pytest.mark.parametrize("words", ["sort(x, desc)", "sort(x, desc=true)", "sort(x, desc=desc)"])
def test_the_ways_to_write_a_descending_order(words):
    assert str(rule(f"all:{words}")) == "all:sort(x, desc=true)"


def test_the_ways_to_write_an_ascending_order():
    assert str(rule("all:sort(x, asc)")) == str(rule("all:sort(x, false)")) == "all:sort(x)"
