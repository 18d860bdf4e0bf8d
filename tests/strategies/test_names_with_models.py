"""Rules with names that need models are read, printed and checked without them."""

import numpy as np
import pytest

from automask.errors import ArgumentError
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
        'phrase("red car", threshold=0.083)',
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


def test_mistakes():
    with pytest.raises(ArgumentError, match=r"face\(score\) cannot be 2; it takes 0% to 100%"):
        rule.face(2)
    with pytest.raises(ArgumentError, match="Too many arguments; write object"):
        rule.object("car", 0.3)
