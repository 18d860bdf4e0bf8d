"""expect and limit: what passes, and what they say when it does not."""

import pytest

from automask.errors import NeedsReview
from automask.selector.parse import parse
from tests.filters.stage import Stage, a_box

# 20 pixels of 10 x 20: 10 % of the image, in a box of 6 x 5, with a shorter side of 10.
REGIONS = [a_box(2, 1, 5, 2), a_box(4, 2, 4, 4)]
AREA = 10 + 16 - 3  # they overlap on three pixels


@pytest.mark.parametrize(
    "words",
    [
        "expect(2)",
        "expect(1..3)",
        "expect(>1)",
        "expect(..2)",
        "limit(count=2)",
        "limit(area=23px)",
        "limit(area=11.5%)",
        "limit(1%..40%)",
        "limit(area=1%..40%, count=1..9, width=6px, height=5px)",
        "limit(width=60%)",
        "limit(height=..50%)",
    ],
)
def test_passes(words):
    passed = parse(f"all:{words}").step.apply(REGIONS, Stage(10, 20))
    assert passed == REGIONS
    assert passed is not REGIONS


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("expect(1)", "expect(1) found 2 regions; look at the image, or change the rule."),
        ("expect(3..4)", "expect(3..4) found 2 regions;"),
        ("expect(>2)", "expect(>2) found 2 regions;"),
        ("limit(count=..1)", "limit(count=..1) found 2 regions;"),
        ("limit(area=12%..)", "limit(area=12%..) found a selection with an area of 23px (11.5%);"),
        ("limit(area=<23px)", "limit(area=<23px) found a selection with an area of 23px (11.5%);"),
        ("limit(width=7px..)", "limit(width=7px..) found a selection with a width of 6px (60%);"),
        (
            "limit(height=..4px)",
            "limit(height=..4px) found a selection with a height of 5px (50%);",
        ),
    ],
)
def test_asks_for_a_review_with_the_measured_value(words, message):
    with pytest.raises(NeedsReview) as caught:
        parse(f"all:{words}").step.apply(REGIONS, Stage(10, 20))
    assert str(caught.value).startswith(message)


def test_nothing_is_none_of_it():
    stage = Stage(10, 20)
    for words in ("expect(0)", "expect(..3)", "limit(area=..40%)", "limit(count=0)"):
        assert parse(f"all:{words}").step.apply([], stage) == []
    for words in ("expect(1)", "limit(area=1%..)", "limit(width=1px..)"):
        with pytest.raises(NeedsReview, match=r"0 regions|of 0px \(0%\)"):
            parse(f"all:{words}").step.apply([], stage)


def test_one_region_is_not_plural():
    with pytest.raises(NeedsReview, match=r"found 1 region;"):
        parse("all:expect(2)").step.apply(REGIONS[:1], Stage(10, 20))
