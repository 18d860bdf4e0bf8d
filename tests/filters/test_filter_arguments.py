"""What filters refuse: each message names the filter and what it expects."""

import pytest

from automask.errors import RuleError
from automask.filters.base import FILTERS
from automask.selector.parse import parse


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("largest(2)", "largest takes no arguments"),
        ("top", "top() needs k: a whole number."),
        ("top(0)", "top(0) picks nothing; give 1 or more."),
        ("top(1.5)", "top(k) cannot be 1.5; it takes a whole number."),
        ("top(2, size)", "top(by) cannot be size; it takes one of area, score,"),
        ("sort", "sort() needs by: one of area, score, width, height, x, y."),
        ("sort(x, up)", "sort(desc) cannot be up; it takes desc, or true or false."),
        ("area(4deg)", "area(range) cannot be 4deg; it takes a range such as 1%..40%"),
        ("area(40%..1%)", "The range 40%..1% runs backwards; write 1%..40%."),
        ("width", "width() needs range: a range such as 10px..80px"),
        ("aspect(3px)", "aspect(range) cannot be 3px; it takes a range such as >0.6"),
        ("label(4)", "label(label) cannot be 4; it takes a text in quotes"),
        ("at(middle)", "at(place) cannot be middle; it takes one of left, right, top,"),
        ("at(centre)", "did you mean 'center'?"),
        ('color("rde")', "rde"),
        ('color("red", 120%)', "color(share) cannot be 120%; it takes 0% to 100%"),
        ("inside(3px)", "inside(other) takes a rule such as face"),
        ("inside", "inside() needs other: a rule"),
        ("inside(all, 2)", "inside(share) cannot be 2; it takes 0% to 100%, or 0 to 1."),
        ("near(all)", "near() needs distance: a length such as 10px or 5%."),
        ("near(all, -4px)", "near(distance) cannot be -4px; it takes 0 or more."),
        ("grow", "grow() needs radius: a length such as 10px or 5%."),
        ("grow(-5px)", "grow(radius) cannot be -5px; it takes 0 or more."),
        ("grow(5deg)", "grow(radius) cannot be 5deg; it takes a length"),
        ("fill(-1px)", "fill(max) cannot be -1px; it takes 0 or more."),
        ("despeckle", "despeckle() needs min: an area such as 500px or 1%."),
        ("shift(left)", "shift(dx) cannot be left; it takes a length such as 10px, -10px"),
        ("hull(3)", "hull takes no arguments"),
        ("expect", "expect() needs count: a range"),
        ("expect(1.5)", "expect(1.5) counts regions; give whole numbers, such as 1..3."),
        ("expect(2%)", "expect(count) cannot be 2%; it takes a range"),
        ("limit", "limit() limits nothing; give area, count, width or height"),
        ("limit(left)", "limit(area) cannot be left; it takes a range such as 1%..40%"),
        ("limit(count=0.5..)", "limit(count=0.5..) counts regions"),
    ],
)  # fmt: skip
def test_is_refused(words, message):
    with pytest.raises(RuleError) as caught:
        parse(f"all:{words}")
    assert message in caught.value.message


def test_there_are_all_the_filters_of_the_language():
    groups = {
        "pick": "largest smallest leftmost rightmost topmost bottommost centermost best first last "
        "top sort",
        "keep if": "area width height aspect score solidity circularity label color at",
        "relate": "inside contains overlaps touches near nearest left_of right_of above below",
        "shape": "grow shrink open close fill smooth despeckle hull box oval shift outline refine",
        "group": "split merge",
        "guard": "expect limit",
    }
    own = [name for name in FILTERS if FILTERS.owner(name) == "automask"]
    for heading, names in groups.items():
        assert {n for n in own if FILTERS[n].group == heading} == set(names.split())
    assert len(own) == sum(len(names.split()) for names in groups.values())
