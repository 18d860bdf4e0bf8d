"""What is said where a rule selects nothing, or is none."""

import numpy as np
import pytest

import automask
from automask.errors import ArgumentError, NothingSelected
from automask.selection import nothing

SHAPE = 40, 60
PICTURE = np.zeros((*SHAPE, 3), np.uint8)
PLAIN = "the rule selects nothing"
OUTSIDE = [
    "point(61px, 0)",
    "point(0, 101%)",
    "flood(61px, 0px)",
    "rect(60px, 0, 5px, 5px)",
    "rect(-9px, 0, 9px, 5px)",
    "ellipse(0, 120%, 50%, 50%)",
]
INSIDE = [
    "point(60px, 40px)",
    "flood(100%, 0px)",
    "rect(-9px, 0, 10px, 5px)",
    "flood(start=border)",
]


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_place_outside_of_the_picture_is_said(text):
    rule = automask.rule(text)
    assert not automask.mask(np.zeros((*SHAPE, 3), np.uint8), rule).area
    told = f"{PLAIN}: {rule} lies outside of the picture, which is 60 x 40"
    assert nothing(rule, SHAPE) == told
    assert nothing(f"face & all:inside({text})", SHAPE) == told


@pytest.mark.parametrize("text", INSIDE)
def test_a_place_in_the_picture_is_not_to_blame(text):
    assert automask.mask(np.zeros((*SHAPE, 3), np.uint8), text).area
    assert nothing(f"{text} & none", SHAPE) == PLAIN


def test_each_place_is_named_once():
    told = nothing(
        "point(99px, 0) - face | point(99px, 0):grow(3px) | rect(99px, 0, 1px, 1px)", SHAPE
    )
    assert told.startswith(f"{PLAIN}: point(99px, 0px), rect(99px, 0px, 1px, 1px) lie outside of")


@pytest.mark.parametrize("words", ["", "what the (client drew"])
def test_a_mask_made_by_hand_may_call_its_rule_anything(words):
    assert nothing(words, SHAPE) == PLAIN


def test_who_would_repaint_it_is_told():
    with pytest.raises(NothingSelected, match=r"nothing: point\(99px, 0px\) lies outside"):
        automask.run(np.zeros((*SHAPE, 3), np.uint8), "point(99px, 0)")


@pytest.mark.parametrize(
    ("value", "words"), [(None, "None is not a rule"), (PICTURE, "ndarray object is not a rule")]
)
@pytest.mark.parametrize("ask", [automask.mask, automask.regions, automask.explain, automask.run])
def test_what_is_no_rule_is_said(ask, value, words):
    with pytest.raises(ArgumentError, match=f"^{words}; give one, or its text"):
        ask(PICTURE, value)
