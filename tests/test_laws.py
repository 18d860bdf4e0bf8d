"""The laws of the rule language, pixel for pixel, over random rules and random pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask import maskops
from automask.arguments import bind
from automask.filters.base import FILTERS
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.selector.syntax import Apply, Combine, Outside, Slice
from automask.strategies.base import STRATEGIES
from automask.testing import check_regions, same_regions
from automask.values import Quantity
from tests.generators import can_make, pictures, quantities, rules, runnable, telling_rules

NONE = parse("none")
RULES = telling_rules()
RADII = quantities("px", "%", least=0, most=30)


def filtered(rule, name, *args):
    return Apply(rule, bind(FILTERS[name], name, args, {}))


def pixels(picture, rule):
    found = Evaluation(picture).pixels(rule)
    assert found.shape == picture.shape
    return found


def same(picture, left, right):
    return np.array_equal(pixels(picture, left), pixels(picture, right))


def test_the_generator_knows_every_strategy_and_filter():
    """A new kind of argument has to be added to tests/generators.py, or its rules go untested."""
    assert [name for name in runnable() if not can_make(STRATEGIES[name])] == []
    assert [name for name in FILTERS if not can_make(FILTERS[name])] == []


@given(rules(list(STRATEGIES), list(FILTERS), named=True, max_leaves=12))
def test_print_then_parse(rule):
    assert parse(str(rule)) == rule
    assert str(parse(str(rule))) == str(rule)


@given(pictures(), RULES)
def test_the_mask_is_the_union_of_the_regions(picture, rule):
    regions = Evaluation(picture).regions(rule)
    check_regions(regions, picture)
    union = maskops.union(regions, picture.shape)
    assert np.array_equal(union, pixels(picture, rule))
    both = Evaluation(picture)
    assert np.array_equal(both.pixels(rule), union)  # and in either order of asking
    assert same_regions(both.regions(rule), regions)


@given(pictures(), RULES, RULES)
def test_de_morgan(picture, a, b):
    assert same(picture, ~(a | b), ~a & ~b)
    assert same(picture, ~(a & b), ~a | ~b)


@given(pictures(), RULES)
def test_outside_twice(picture, a):
    assert same(picture, ~~a, a)
    assert not (pixels(picture, ~a) & pixels(picture, a)).any()


@given(pictures(), RULES, RULES)
def test_minus_is_and_not(picture, a, b):
    assert same(picture, a - b, a & ~b)


@given(pictures(), RULES)
def test_or_and_and_with_itself(picture, a):
    assert same(picture, Combine("|", (a, a)), a)
    assert same(picture, Combine("&", (a, a)), a)
    assert not pixels(picture, Combine("^", (a, a))).any()
    assert not pixels(picture, Combine("-", (a, a))).any()


@given(pictures(), RULES, RULES, RULES)
def test_and_distributes_over_or(picture, a, b, c):
    assert same(picture, (a | b) & c, (a & c) | (b & c))


@given(pictures(), RULES, RULES)
def test_xor_is_or_without_and(picture, a, b):
    assert same(picture, a ^ b, (a | b) - (a & b))
    assert same(picture, a ^ b, b ^ a)


@given(pictures(), RULES, RULES)
def test_fallback(picture, a, b):
    assert same(picture, NONE.otherwise(a), a)
    assert same(picture, a.otherwise(NONE), a)
    chosen = a if pixels(picture, a).any() else b
    assert same(picture, a.otherwise(b), chosen)


@given(pictures(), RULES)
def test_a_whole_slice_is_everything(picture, a):
    evaluation = Evaluation(picture)
    assert same_regions(evaluation.regions(Slice(a, 0)), evaluation.regions(a))


@given(pictures(), RULES, st.integers(-3, 3), st.none() | st.integers(-3, 3))
def test_indexes_are_those_of_lists(picture, a, start, stop):
    evaluation = Evaluation(picture)
    regions = evaluation.regions(a)
    assert evaluation.regions(a[start:stop]) == regions[start:stop]
    expected = [regions[start]] if -len(regions) <= start < len(regions) else []
    assert evaluation.regions(a[start]) == expected


@given(pictures(), RULES)
def test_splitting_and_merging(picture, a):
    assert same(picture, filtered(filtered(a, "split"), "merge"), filtered(a, "merge"))
    assert same(picture, filtered(a, "split"), a)
    merged = Evaluation(picture).regions(filtered(a, "merge"))
    assert len(merged) == bool(pixels(picture, a).any())


@given(pictures(), RULES, RADII)
def test_growing_adds_and_shrinking_removes(picture, a, radius):
    inside = pixels(picture, a)
    assert not (inside & ~pixels(picture, filtered(a, "grow", radius))).any()
    assert not (pixels(picture, filtered(a, "shrink", radius)) & ~inside).any()


@given(pictures(), RULES, RADII)
def test_opening_removes_and_closing_adds(picture, a, radius):
    inside = pixels(picture, a)
    assert not (inside & ~pixels(picture, filtered(a, "close", radius))).any()
    assert not (pixels(picture, filtered(a, "open", radius)) & ~inside).any()


@given(pictures(), RULES)
def test_growing_by_nothing(picture, a):
    for name in ("grow", "shrink"):
        assert same(picture, filtered(a, name, Quantity(0, "px")), a)


@given(pictures(), RULES, RULES)
def test_the_python_operators_are_those_of_the_text(picture, a, b):
    for operator, made in {"|": a | b, "&": a & b, "-": a - b, "^": a ^ b}.items():
        assert parse(f"({a}) {operator} ({b})") == made
    assert parse(f"({a}) ?? ({b})") == a.otherwise(b)
    assert parse(f"!({a})") == ~a == Outside(a)
    assert parse(f"~({a})") == ~a


@pytest.mark.parametrize("name", runnable())
def test_every_strategy_leaves_the_picture_alone(name):
    @given(pictures(), rules([name], max_leaves=1))
    def leaves_it_alone(picture, rule):
        before = picture.rgb.copy()
        check_regions(Evaluation(picture).regions(rule), picture)
        assert np.array_equal(picture.rgb, before)

    leaves_it_alone()
