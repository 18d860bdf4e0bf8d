"""What rules mean: order, instances, laziness, one evaluation of what occurs twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from automask.errors import ModelError, RuleError
from automask.filters.base import Filter, Scene
from automask.selector.evaluate import Evaluation
from automask.selector.parse import MAX_DEPTH, parse
from automask.selector.syntax import Apply, Combine, Find, Named
from automask.strategies.base import PixelStrategy, Strategy
from automask.types import Bits, Box, Image, Region

PICTURE = Image(np.zeros((20, 30, 3), np.uint8))


@dataclass(frozen=True)
class Spy(Strategy):
    """Two boxes side by side, or none; it counts how often it is asked."""

    title: str
    found: int = 2
    calls: ClassVar[list[str]] = []
    name: ClassVar[str] = "spy"

    def find(self, image: Image) -> list[Region]:
        self.calls.append(self.title)
        boxes = [Box(0, 0, 10, 10), Box(15, 5, 25, 15)][: self.found]
        return [Region(np.ones((10, 10), bool), box, self.title, 1.0, "spy") for box in boxes]


@dataclass(frozen=True)
class PixelSpy(PixelStrategy):
    """The upper half; it counts how often it is asked."""

    title: str
    calls: ClassVar[list[str]] = []
    name: ClassVar[str] = "pixel_spy"

    def select(self, image: Image) -> Bits:
        self.calls.append(self.title)
        mask = np.zeros(image.shape, bool)
        mask[: image.height // 2] = True
        return mask


@dataclass(frozen=True)
class Twice(Filter):
    """Every region twice; a filter that does not distribute, but could."""

    name: ClassVar[str] = "twice"
    distributes: ClassVar[bool] = False

    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        return [*regions, *regions]


@pytest.fixture(autouse=True)
def _calls():
    Spy.calls.clear()
    PixelSpy.calls.clear()


def spy(title, found=2):
    return Find(Spy(title, found))


def labels(rule):
    return [region.label for region in Evaluation(PICTURE).regions(rule)]


def boxes(text):
    return [tuple(region.box) for region in Evaluation(PICTURE).regions(parse(text))]


def both(rule):
    """The calls that each of the two questions makes."""
    for spies in (Spy, PixelSpy):
        spies.calls.clear()
    Evaluation(PICTURE).regions(rule)
    regions = Spy.calls + PixelSpy.calls
    for spies in (Spy, PixelSpy):
        spies.calls.clear()
    Evaluation(PICTURE).pixels(rule)
    return regions, Spy.calls + PixelSpy.calls


def test_or_keeps_the_order_of_the_rule():
    assert labels(spy("b") | spy("a")) == ["b", "b", "a", "a"]


def test_and_cuts_each_region_and_drops_the_empty_ones():
    assert boxes("(rect(0, 0, 10, 10) | rect(20, 0, 10, 10)) & rect(5, 5, 10, 10)") == [
        (5, 5, 10, 10)
    ]
    assert labels(spy("a") & spy("b", found=1)) == ["a"]


def test_minus_keeps_instances():
    assert boxes("grid(3, 1) - rect(0, 0, 100%, 15)") == [
        (0, 15, 10, 20),
        (10, 15, 20, 20),
        (20, 15, 30, 20),
    ]
    assert boxes("(grid(3, 1) - rect(0, 0, 11, 100%)):largest") == [(20, 0, 30, 20)]


def test_instances_survive_algebra():
    assert boxes("(rect(0, 0, 5, 5) | rect(9, 0, 6, 6))[0:2]:largest") == [(9, 0, 15, 6)]
    assert boxes("(rect(0, 0, 5, 5) | rect(9, 0, 6, 6) | all)[1]") == [(9, 0, 15, 6)]


def test_xor_and_outside_are_one_region_named_after_the_rule():
    (one,) = Evaluation(PICTURE).regions(parse("rect(0,0,10,20) ^ rect(20,0,10,20)"))
    assert (tuple(one.box), one.area) == ((0, 0, 30, 20), 400)
    assert one.label == "rect(0px, 0px, 10px, 20px) ^ rect(20px, 0px, 10px, 20px)"
    (rest,) = Evaluation(PICTURE).regions(parse("!rect(0,0,10,20)"))
    assert (tuple(rest.box), rest.source) == ((10, 0, 30, 20), "!rect(0px, 0px, 10px, 20px)")


def test_nothing_is_an_empty_list():
    for text in ("none", "all - all", "!all", "all ^ all", "none:largest", "all[5]", "all[3:]"):
        assert boxes(text) == []
        assert not Evaluation(PICTURE).pixels(parse(text)).any()


def test_indexes_and_slices_are_those_of_lists():
    cells = boxes("grid(3, 2)")
    assert boxes("grid(3, 2)[-1]") == cells[-1:]
    assert boxes("grid(3, 2)[6]") == boxes("grid(3, 2)[-7]") == []
    assert boxes("grid(3, 2)[-2:]") == cells[-2:]
    assert boxes("grid(3, 2)[4:2]") == []
    assert boxes("grid(3, 2)[1:99]") == cells[1:]


def test_fallback_is_not_evaluated_before_it_is_needed():
    assert both(spy("a").otherwise(spy("b"))) == (["a"], ["a"])
    assert both(spy("a", found=0).otherwise(spy("b")).otherwise(spy("c"))) == (["a", "b"],) * 2
    assert both(spy("a", found=0).otherwise(spy("b", found=0))) == (["a", "b"],) * 2


def test_a_model_that_is_missing_is_no_error_where_it_is_not_needed():
    assert boxes("all ?? face") == [(0, 0, 30, 20)]
    with pytest.raises(ModelError):
        boxes("none ?? face")


def test_the_other_side_is_not_evaluated_for_nothing():
    assert both(spy("a", found=0) & spy("b")) == (["a"], ["a"])
    assert both(spy("a", found=0) - spy("b")) == (["a"], ["a"])


def test_what_occurs_twice_is_evaluated_once():
    a, b = spy("a"), spy("b")
    assert both((a - b) | (b - a) | (a - b)) == (["a", "b"], ["a", "b"])
    assert both(a & a) == (["a"], ["a"])
    assert both(Combine("^", (a, ~a, a))) == (["a"], ["a"])


def test_a_pixel_strategy_selects_once_whichever_question_comes_first():
    a = Find(PixelSpy("a"))
    assert both(a & a[0]) == (["a"], ["a"])
    assert both(~a | a[0]) == (["a"], ["a"])
    PixelSpy.calls.clear()
    evaluation = Evaluation(PICTURE)
    evaluation.pixels(a)
    evaluation.regions(a)
    assert PixelSpy.calls == ["a"]


def test_operands_of_filters_are_shared_too():
    a, b = spy("a"), spy("b")
    assert both(a.inside(b) | b)[0] == ["a", "b"]


def test_an_answer_cannot_be_written_to():
    for text in ("all", "all | none", "!none", "luma(..100%)", "all:largest"):
        pixels = Evaluation(PICTURE).pixels(parse(text))
        with pytest.raises(ValueError, match="read-only"):
            pixels[0, 0] = False


def test_overlapping_regions_count_their_pixels_once():
    rule = Apply(parse("rect(0, 0, 10, 10) | rect(5, 0, 10, 10)"), Twice())
    assert len(Evaluation(PICTURE).regions(rule)) == 4
    assert Evaluation(PICTURE).pixels(rule).sum() == 150


def test_a_name_has_to_be_replaced_first():
    for question in (Evaluation(PICTURE).regions, Evaluation(PICTURE).pixels):
        with pytest.raises(RuleError, match="@logo was not replaced"):
            question(Named("logo"))


@pytest.mark.parametrize(
    "text",
    [
        "!" * (MAX_DEPTH - 1) + "all",
        "all" + ":inside(all" * (MAX_DEPTH - 2) + ")" * (MAX_DEPTH - 2),
        "all" + ":largest" * (MAX_DEPTH - 1),
        "(" * 49 + "all" + " ^ none) - all" * 49,
        "none ?? (" * 98 + "all" + ")" * 98,
    ],
)
def test_the_deepest_rules_there_are_still_evaluate(text):
    rule = parse(text)
    assert rule.depth > MAX_DEPTH * 0.9
    assert Evaluation(PICTURE).pixels(rule).shape == PICTURE.shape
    assert isinstance(Evaluation(PICTURE).regions(rule), list)


def test_thousands_of_operands_evaluate():
    text = " | ".join(f"rect({i % 30}, {i % 20}, 1, 1)" for i in range(2000))
    rule = parse(text)
    assert len(Evaluation(PICTURE).regions(rule)) == 2000
    assert Evaluation(PICTURE).pixels(rule).sum() == 60
