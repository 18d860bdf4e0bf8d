"""Phrases: what the vocabulary covers is compiled, whatever is installed; the rest is left."""

import csv
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from automask import vocabulary
from automask.selection import read_rule
from automask.selector import phrase
from automask.selector.noun_words import noun_phrase
from automask.selector.parse import parse
from automask.selector.phrase import compiled
from automask.selector.spelling import offers

with Path(__file__).with_name("phrases.tsv").open(encoding="utf-8", newline="") as table:
    CASES = [tuple(row) for row in csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]

LEFT_WHOLE = [
    "a rusty gate",
    "head and shoulders",
    "car and wheels",
    "the man on the left",
    "big cars",  # which of them?
    "two cars",
    "0 dogs",
    "all 0 dogs",
    "the 0th dog",
    pytest.param("9" * 5000 + " dogs", id="a number of 5000 digits"),
    pytest.param("the " + "9" * 5000 + "th dog", id="one of 5000 digits and th"),
    "people without umbrellas",
    "the largest sky",
    "not",
    "the",
    "and",
    "except the face",
    "car except",
    "car except the",
    "car but this",
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
    "two big dogs",
    "tiny faces",
    "small text",
    "the last cups",
    "every second car",
    "one of the dogs",
    "the second biggest car from the left",
    "the largest leftmost car",
    "the largest car from the left",
    "cars from the left",
    "the last car on the left",
    "the second person in the middle",
    "the left car on the right",
    "the largest red and blue cars",
    "dog and red",
    "the red one",
    "the biggest one",
    "those",
    "the left half of the face",
    "upper half of the person",
    "the top of the car",
    "the middle of the pizza",
    "the red of the car",
    "the car's background",
    "the background behind the person",
    "people in the background",
    "people in the foreground",
    "people and cars except those on the left",
    "dogs and cats but not the black ones",
    "dogs and cats but the largest",
    "snow",
    "the snow",
    "everything except the tomato",
    "the snow and the sky",
    "the big and red car",
    "the left and cars",
    "the largest and dogs",
    "dogs but cats on",
    "the car on a white background",
    "text on red",
    "the dog next to red",
    "top 3 faces",
    "the top two cups",
    "the cat's eyes",  # those that are found are people's
    "the dog's face",
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


@pytest.mark.parametrize("joint", ["near", "to the left of"])
def test_each_part_of_a_long_phrase_is_read_once(joint, monkeypatch):
    read = []
    monkeypatch.setattr(
        phrase, "noun_phrase", lambda *asked: read.append(asked) or noun_phrase(*asked)
    )
    assert compiled(f" {joint} ".join(["car"] * 10) + " unheard of") is None
    assert len(read) < 200  # 1,000 and 300,000 where each is read again for each before it


@pytest.mark.parametrize(
    "text", [" of ".join(["car"] * 2000), "." * 300_000 + "car"], ids=["of", "dots"]
)
def test_a_text_without_end_is_no_phrase(text):
    """Told at once, which would otherwise be an error, and take ten minutes."""
    assert compiled(text) is None
    assert "model of phrases" in offers([text])[0]


def test_phrases_are_put_in_wherever_they_stand():
    rule = 'face:inside("the person") - ("cars" ?? "a rusty gate")'
    assert read_rule(rule) == parse('face:inside(person) - (object("car") ?? "a rusty gate")')


@pytest.mark.parametrize("rule", ['phrase("car", model="clipseg")', 'phrase("car", threshold=20%)'])
def test_a_pinned_model_or_a_threshold_is_for_the_model(rule):
    assert str(read_rule(rule)) == rule


KNOWN = vocabulary.phrases()
NUMBERS = [*KNOWN.numbers[:3], *KNOWN.ordinals[:3], "last"]
SAID = ["red", "blue", *KNOWN.sizes, *(word for word in KNOWN.places if " " not in word)]
OTHERS = [*KNOWN.plus, *KNOWN.every, *KNOWN.before, *KNOWN.pronouns, *KNOWN.minus]
JOINING = [word for word in OTHERS if " " not in word] + ["of", "on", "in", "from", "'s", ","]
NOUNS = ["dog", "dogs", "person", "people", "face", "text", "sky", "background"]
ENDS = [
    "on the left",
    "from the right",
    "in the top half",
    "in the middle",
    "next to the dog",
    "in the top left corner",
    "of the person",
    "but the red one",
    "or blue cats",
]


@given(
    st.lists(st.sampled_from(SAID + NUMBERS + NOUNS + JOINING), max_size=5),
    st.sampled_from(["dog", "people", "text", "red"]),
    st.sampled_from(["", *ENDS]),
)
def test_no_word_that_says_which_one_counts_for_nothing(words, noun, end):
    tokens = [*words, noun, *end.split()]
    rule = compiled(" ".join(tokens))
    assume(rule is not None)
    for place, word in enumerate(tokens):
        if word in SAID:  # a number may be clear without: "all three", "the first two"
            assert compiled(" ".join(tokens[:place] + tokens[place + 1 :])) != rule, word
