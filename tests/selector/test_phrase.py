"""Phrases: what the vocabulary covers is compiled, whatever is installed; the rest is left."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask.selection import read_rule
from automask.selector.parse import parse
from automask.selector.phrase import compiled

with Path(__file__).with_name("phrases.tsv").open(encoding="utf-8", newline="") as table:
    CASES = [tuple(row) for row in csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]

LEFT_WHOLE = [
    "a rusty gate",
    "head and shoulders",
    "car and wheels",
    "the man on the left",
    "big cars",  # which of them?
    "two cars",
    "people without umbrellas",
    "the largest sky",
    "not",
    "the",
    "and",
    "except the face",
    "car except",
    "of the",
    "'s",
    "person:largest",
    'object("car")',
    "#ff0000",
    "red green",
    "car car",
    "leftmost",
    "from the left",
    "10000000000000000000000 cars",
]


@pytest.mark.parametrize(("phrase", "rule"), CASES)
def test_a_phrase_is_compiled(phrase, rule):
    assert compiled(phrase) == parse(rule)


@pytest.mark.parametrize("phrase", LEFT_WHOLE)
def test_what_is_not_covered_is_left_whole(phrase):
    assert compiled(phrase) is None


WORDS = [word for phrase, _ in CASES for word in phrase.split()] + ["'s", ",", "not", "without"]


@given(st.lists(st.sampled_from(WORDS), max_size=9))
def test_any_words_are_compiled_or_left_whole(words):
    found = compiled(" ".join(words))
    assert found is None or parse(str(found)) == found


def test_phrases_are_put_in_wherever_they_stand():
    rule = 'face:inside("the person") - ("cars" ?? "a rusty gate")'
    assert read_rule(rule) == parse('face:inside(person) - (object("car") ?? "a rusty gate")')


@pytest.mark.parametrize("rule", ['phrase("car", model="clipseg")', 'phrase("car", threshold=0.2)'])
def test_a_pinned_model_or_a_threshold_is_for_the_model(rule):
    assert str(read_rule(rule)) == rule
