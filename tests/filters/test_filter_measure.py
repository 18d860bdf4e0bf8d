"""Filters that keep by size, shape, score, label, colour and place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask import colours
from automask.filters import measure
from automask.selector.parse import parse
from automask.types import Region
from automask.values import Colour
from tests.filters.stage import Stage, a_box, kept, scene
from tests.maskops import brute

# 6 high, 10 wide: 1 % of the image is .6 px, 10 % of the shorter side .6 px.
SIZES = """
    aaaaaaaa..
    ..........
    bb...c....
    bb........
    bb...dd...
    bb...dd...
"""


@pytest.mark.parametrize(
    ("words", "letters"),
    [
        ("area(4px..8px)", "abd"),
        ("area(>4)", "ab"),
        ("area(8)", "ab"),
        ("area(10%..)", "ab"),
        ("area(<5%)", "c"),
        ("width(2px..)", "abd"),
        ("width(<30%)", "c"),
        ("width(100%..)", "a"),
        ("height(4px)", "b"),
        ("height(..1px)", "ac"),
        ("height(60%..70%)", "b"),
        ("aspect(1)", "cd"),
        ("aspect(>1)", "a"),
        ("aspect(<1)", "b"),
        ("aspect(50%)", "b"),
        ('label("B")', "b"),
        ('label("e")', ""),
        ("at(top)", "a"),
        ("at(bottom)", "d"),
        ("at(left)", "b"),
        ("at(right)", ""),
        ("at(center)", "c"),
        ("at(edge)", "abd"),
    ],
)
def test_on_a_drawing(words, letters):
    assert kept(parse(f"all:{words}").step, SIZES) == letters


@pytest.mark.parametrize(
    ("word", "labels"),
    [
        ("sofas", ["couch"]),
        ("Couch", ["couch"]),
        ("mobile phone", ["cell phone"]),
        ("my own", ["My own"]),
        ("woman", []),  # may be none of the people
    ],
)
def test_a_label_by_another_word_for_it(word, labels):
    regions = [
        region
        for label in ("couch", "cell phone", "person", "My own")
        for region in Region.of(np.ones((2, 3), bool), label=label)
    ]
    kept_ones = measure.Label(word).apply(regions, scene("a"))
    assert [region.label for region in kept_ones] == labels


@pytest.mark.parametrize(
    ("words", "scores"),
    [("score(>0.5)", [0.8]), ("score(50%..)", [0.5, 0.8]), ("score(..0.5)", [0.1, 0.5])],
)
def test_scores(words, scores):
    regions = [a_box(i, 0, score=score) for i, score in enumerate((0.1, 0.5, 0.8))]
    assert [r.score for r in parse(f"all:{words}").step.apply(regions, Stage(2, 5))] == scores


def test_shapes():
    text = """
        aaaaa.bbbbb..c....
        aaaaa.b...b..c....
        aaaaa.b...b..c.d..
        aaaaa.b...b..cccc.
        aaaaa.bbbbb.......
    """
    assert kept(parse("all:solidity(>0.9)").step, text) == "ad"
    assert kept(parse("all:solidity(60%..70%)").step, text) == "bc"
    assert kept(parse("all:circularity(>0.7)").step, text) == "ad"
    assert kept(parse("all:circularity(<0.4)").step, text) == "b"


@pytest.mark.parametrize("place", ["left", "right", "top", "bottom", "center", "edge"])
@given(mask=brute.masks())
def test_places_follow_from_the_centroid(place, mask):
    height, width = mask.shape
    for region in Region.of(mask):
        ys, xs = np.nonzero(mask)
        x, y = xs.mean() + 0.5, ys.mean() + 0.5
        third = (3 * x / width, 3 * y / height)
        expected = {
            "left": third[0] < 1,
            "right": third[0] > 2,
            "top": third[1] < 1,
            "bottom": third[1] > 2,
            "center": 1 <= third[0] <= 2 and 1 <= third[1] <= 2,
            "edge": mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any(),
        }[place]
        border = min(abs(t - edge) for t in third for edge in (1, 2))
        if border > 1e-9 or place == "edge":  # the same sum in another order ends elsewhere
            found = measure.At(place).apply([region], Stage(height, width))
            assert bool(found) == bool(expected)


@given(share=st.integers(0, 10), painted=st.integers(0, 10))
def test_color_keeps_regions_with_enough_of_it(share, painted):
    rgb = np.full((4, 14, 3), 255, np.uint8)
    rgb[1, 2 : 2 + painted] = 220, 20, 30
    region = a_box(2, 1, 10, 1)
    step = measure.Color(Colour("red"), share / 10)
    assert bool(step.apply([region], Stage(0, 0, rgb))) == (painted > 0 and painted >= share)


def test_color_is_the_colour_of_the_strategy():
    rng = np.random.default_rng(5)
    image = Stage(0, 0, rng.integers(0, 256, (20, 31, 3), np.uint8))
    pixels = [a_box(x, y) for y in range(20) for x in range(31)]
    for colour, tol in [("green", None), ("green", 0.2), ("#8090a0", 0.3), ("tomato", None)]:
        step = measure.Color(Colour(colour), 1.0, tol)
        selected = colours.select(image.image, Colour(colour), tol)
        assert selected.any()
        kept_ = {(r.box.x0, r.box.y0) for r in step.apply(pixels, image)}
        assert kept_ == {(x, y) for y, x in np.argwhere(selected).tolist()}


def test_the_order_stays():
    stage, regions = scene(SIZES)
    backwards = regions[::-1]
    assert measure.Area(parse("all:area(1..)").step.range).apply(backwards, stage) == backwards
