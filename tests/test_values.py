"""Quantities, ranges, colours: what they read, print and refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask.errors import ArgumentError
from automask.values import Colour, Quantity, Range, format_number, quote
from tests.generators import quantities, ranges


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_print_without_an_exponent_and_read_back(number):
    text = format_number(number)
    assert set(text) <= set("-.0123456789")
    assert float(text) == number


@given(quantities("px", "%", "deg", ""))
def test_quantities_print_and_read_back(quantity):
    assert Quantity.parse(str(quantity)) == quantity


@given(ranges("px", "%", "deg", ""))
def test_ranges_print_and_read_back(found):
    assert Range.parse(str(found)) == found


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("5", Quantity(5)),
        (" 5 px ", Quantity(5, "px")),
        ("+.5%", Quantity(0.5, "%")),
        ("-45deg", Quantity(-45, "deg")),
    ],
)
def test_quantities_in_text(text, quantity):
    assert Quantity.parse(text) == quantity


@pytest.mark.parametrize("text", ["", "px", "5 feet", "5pxx", "1e3", "5,5", "--5", "5 5", "nan"])
def test_what_is_not_a_quantity(text):
    with pytest.raises(ArgumentError, match="is not a number with a unit"):
        Quantity.parse(text)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_numbers_are_finite(value):
    with pytest.raises(ArgumentError, match="not a finite number"):
        Quantity(value)
    with pytest.raises(ArgumentError, match="not a finite number"):
        Range(value, None)


@pytest.mark.parametrize("value", [1.1e9, -1e300, 10**30])
def test_numbers_have_a_limit(value):
    with pytest.raises(ArgumentError, match=r"is out of reach; write a number up to 1e\+09"):
        Quantity(value)
    with pytest.raises(ArgumentError, match="is out of reach"):
        Range.parse(f"..{value:f}")


def test_units_are_known():
    for made in (lambda: Quantity(5, "em"), lambda: Range(5, 6, "em")):
        with pytest.raises(ArgumentError, match="Unknown unit 'em'; the units are px, %, deg"):
            made()


def test_percents_are_of_a_whole():
    assert Quantity(10, "%").of(250) == 25.0
    assert Quantity(10, "px").of(250) == Quantity(10).of(250) == 10.0
    assert Range(10, 20, "%").of(250) == Range(25, 50)
    assert Range(None, 20, "px").of(250) == Range(None, 20)
    assert Range(10, None, "%", lo_open=True).of(50) == Range(5, None, lo_open=True)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("1..3", [1, 2, 3], [0.999, 3.001]),
        ("2", [2], [1.9, 2.1]),
        ("..3", [-9, 3], [3.1]),
        ("3..", [3, 99], [2.9]),
        (">3", [3.1], [3]),
        (">=3", [3], [2.9]),
        ("<3", [2.9], [3]),
        ("<=3", [3], [3.1]),
        ("340deg..20deg", [340, 359, 0, 20], [21, 180, 339]),
        ("20deg..340deg", [20, 180, 340], [19, 341, 0]),
    ],
)
def test_what_a_range_holds(text, inside, outside):
    found = Range.parse(text)
    assert all(found.holds(value) for value in inside)
    assert not any(found.holds(value) for value in outside)
    held = found.holds_each(np.array([inside + outside], float))
    assert held.tolist() == [[True] * len(inside) + [False] * len(outside)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("..", "'..' is not a range|at least one end"),
        ("5..1px", "mixes units; give both ends the same one, such as 5px..1px"),
        ("5px..1", "mixes units; give both ends the same one, such as 5px..1px"),
        ("1px..5%", "mixes units; give both ends the same one, such as 1px..5px"),
        ("40%..1%", "runs backwards; write 1%..40%"),
        ("> 5 > 6", "is not a range, such as"),
        ("a..b", "is not a range, such as"),
    ],
)
def test_what_is_not_a_range(text, message):
    with pytest.raises(ArgumentError, match=message):
        Range.parse(text)


def test_a_range_has_an_end_and_not_two_that_are_open():
    with pytest.raises(ArgumentError, match="at least one end"):
        Range()
    with pytest.raises(ArgumentError, match="includes both"):
        Range(1, 2, lo_open=True)


def test_only_angles_run_backwards():
    assert Range.parse("340deg..20deg").runs_backwards
    assert Range.parse("20..10").runs_backwards  # it may be an angle: its argument says
    with pytest.raises(ArgumentError, match=r"20\.\.10 runs backwards; write 10\.\.20"):
        Range.parse("20..10").forwards()
    assert Range(1, 2).forwards() == Range(1, 2)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("#F80", "#ff8800"),
        ("#FF8800", "#ff8800"),
        ("#ff8800CC", "#ff8800cc"),
        ("Red", "red"),
        (" dark red ", "darkred"),
        ("Dark-Red", "darkred"),
        ("dark_red", "darkred"),
    ],
)
def test_colours_have_one_spelling(written, text):
    assert Colour(written).text == text
    assert Colour(Colour(written).text) == Colour(written)


@pytest.mark.parametrize(
    "text", ["#", "#ff", "#12345", "#1234567", "#123456789", "#ggg", "#\uff46\uff46\uff46"]
)
def test_what_is_not_a_colour(text):
    with pytest.raises(ArgumentError, match="is not a colour: after # come 3, 6 or 8 hex digits"):
        Colour(text)


def test_texts_are_quoted():
    assert quote('a "b" \\ c') == r'"a \"b\" \\ c"'
    assert quote("a\nb\tc\rd") == r'"a\nb\tc\rd"'
    assert str(Colour('re"d')) == r'"re\"d"'
