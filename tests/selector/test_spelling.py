"""Phrases with a word that is written wrongly: what is offered, and where."""

import numpy as np
import pytest

import automask
from automask.errors import ModelError, RuleError
from automask.selection import read_rule
from automask.selector.phrase import compiled
from automask.selector.spelling import near_phrase, why_not
from tests.selector.test_phrase import LEFT_WHOLE

PICTURE = np.zeros((40, 60, 3), np.uint8)


@pytest.mark.parametrize(
    ("phrase", "offer"),
    [
        ("the red catt", "the red cat"),
        ("The RED catts.", "the red cats"),
        ("the bigest umbrela on the lft", "the biggest umbrella on the left"),
        ("cel phone", "cell phone"),
        ("sofa and chiar", "sofa and chair"),
        ("everthing except the bananna", "everything except the banana"),
        ("the persn's face", "the person's face"),
        ("a lightgolden cat", ""),
        ("a flower", "a potted plant"),  # and not "a lower"
        ("the man on the left", "the person on the left"),
        ("all people but the women", "all people but the people"),
        ("the kids' faces", "the people's faces"),
        ("the glass", "the wine glass"),
        ("the logo", ""),  # and not "the loo"
        ("no people", ""),  # and not "not people"
        ("everything that is red", ""),  # and not "its red"
        ("the hat", ""),
        ("", ""),
        ("catt " * 10, ""),
        ("the red cat", ""),  # needs no other
    ],
)
def test_the_nearest_phrase_that_is_covered(phrase, offer):
    assert near_phrase(phrase) == offer
    assert not offer or compiled(offer) is not None


@pytest.mark.parametrize("phrase", [some for some in LEFT_WHOLE if "man " not in some])
def test_known_words_that_make_no_phrase_are_not_turned_into_others(phrase):
    assert near_phrase(phrase) == ""


@pytest.mark.parametrize("rule", ['"the red catt"', '"the red catt" | "a rusty gate"'])
def test_it_is_offered_where_there_is_no_model_for_phrases(rule):
    with pytest.raises(ModelError) as caught:
        automask.mask(PICTURE, rule)
    first, *others = str(caught.value).splitlines()
    assert first.startswith('"the red catt" is not in the vocabulary; did you mean "the red cat"? ')
    assert " The model clipseg " in first
    assert len(others) == 2


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("the person in the red dress", '"dress" is not in the vocabulary'),
        ("le chien rouge", '"le", "chien" and "rouge" are not in the vocabulary'),
        ("two cars", "it does not say which of them are meant"),
        ("small dogs", "it does not say which of them are meant"),
        ("the last cups", "it does not say which of them are meant"),
        ("car car", "its words are known, but not what they say together"),
    ],
)
def test_why_a_phrase_needs_a_model_is_said(phrase, why):
    assert why_not(phrase).startswith(why)
    with pytest.raises(ModelError) as caught:
        automask.mask(PICTURE, f"'{phrase}'")
    first, *others = str(caught.value).splitlines()
    assert first.startswith(f'"{phrase}" needs a model of phrases: {why}')
    assert "The model clipseg (" in first
    assert len(others) == 2


def test_a_phrase_that_is_pinned_to_the_model_is_not_explained():
    with pytest.raises(ModelError, match=r"^The model clipseg \("):
        automask.mask(PICTURE, 'phrase("red car", model="clipseg")')


def test_what_a_terminal_would_obey_is_not_repeated():
    assert "\x1b" not in why_not("an umbrela\x1b x")
    with pytest.raises(ModelError, match="did you mean") as caught:
        automask.mask(PICTURE, '"an umbrela\x1b"')
    assert "\x1b" not in str(caught.value)


def test_other_strategies_without_a_model_are_not_spelt():
    with pytest.raises(ModelError, match=r"^The model "):
        automask.mask(PICTURE, "face")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("the largest face", "'the largest face'"),
        ("dogs", "'dogs'"),
        ("the person's face", '"the person\'s face"'),
    ],
)
def test_a_phrase_without_quotes_is_told_of_them(text, quoted):
    with pytest.raises(RuleError, match="As a phrase it takes quotes of its own") as caught:
        automask.mask(PICTURE, text)
    assert str(caught.value).endswith(f": {quoted}.")
    assert read_rule(quoted) == read_rule(compiled(text))


@pytest.mark.parametrize(
    "text", ["facce", "a rusty gate", "face:", "face hair", "@the largest face"]
)
def test_what_is_no_phrase_is_not_called_one(text):
    with pytest.raises(RuleError) as caught:
        automask.mask(PICTURE, text)
    assert "As a phrase" not in str(caught.value)
