"""Rules with names that need models are read, printed and checked without them."""

import numpy as np
import pytest

from automask.errors import ArgumentError, ModelError
from automask.selector.build import rule
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image

PICTURE = Image(np.zeros((4, 6, 3), np.uint8))


@pytest.mark.parametrize(
    "text",
    [
        "face",
        "face(score=25%)",
        'face(score=25%, model="other")',
        'object("car")',
        "object",
        'object("car", score=30%)',
        'object(score=30%, model="coco")',
        "subject",
        'background(model="u2")',
        '"red car"',
        'phrase("red car", threshold=8.3%)',
        'phrase("red car", model="clipseg")',
    ],
)
def test_rules_parse_and_print_as_they_are_written(text):
    assert str(parse(text)) == text


def test_a_quoted_string_is_a_phrase():
    assert parse('"red car"') == parse("phrase('red car')") == rule.phrase("red car")


def test_a_part_that_is_not_needed_is_not_missed():
    assert Evaluation(PICTURE).pixels(parse("all ?? face")).all()
    assert not Evaluation(PICTURE).pixels(parse("none & face")).any()


@pytest.mark.parametrize(
    ("text", "pull"),
    [
        ("person", "nanodet_plus selfie"),
        ("person(fast=true)", "nanodet_plus selfie"),
        ('person(model="pphumanseg")', "nanodet_plus pphumanseg"),
    ],
)
def test_person_says_at_once_what_all_it_needs(text, pull):
    with pytest.raises(ModelError) as caught:
        Evaluation(PICTURE).pixels(parse(text))
    first, second, third = str(caught.value).splitlines()
    assert first.startswith("The model nanodet_plus (")
    assert second == "Fetch it: automask models pull nanodet_plus"
    assert "nanodet_g or yunet or centerface would do instead of nanodet_plus." in third
    assert third.endswith(f"In all person needs automask models pull {pull}.")


def test_mistakes():
    with pytest.raises(ArgumentError, match=r"face\(score\) cannot be 2; it takes 0% to 100%"):
        rule.face(2)
    with pytest.raises(ArgumentError, match=r"write object\(label, score=\.\.\., model=\.\.\.\)"):
        rule.object("car", 0.3)
