"""The names of objects: each word has one label, plurals are found, the nearest are offered."""

import pytest

from automask import vocabulary
from automask.vocabulary.labels import is_plural
from automask.vocabulary.read import table


def test_there_are_the_80_labels_of_coco_in_their_order():
    labels = vocabulary.labels()
    assert len(labels) == len(set(labels)) == 80
    assert [labels.index(name) for name in ("person", "car", "cat", "tv")] == [0, 2, 15, 62]
    assert labels[-1] == "toothbrush"


def test_no_word_has_two_labels():
    seen = {}
    for label, others in table("labels.toml").items():
        for word in (label, *others):
            assert word == word.casefold().strip()
            assert seen.setdefault(word, label) == label, word


@pytest.mark.parametrize(
    ("word", "label", "plural"),
    [
        ("car", "car", False),
        ("automobiles", "car", True),
        ("bus", "bus", False),
        ("buses", "bus", True),
        ("lorries", "truck", True),
        ("knives", "knife", True),
        ("sheep", "sheep", True),
        ("cell phones", "cell phone", True),
        ("toothbrushes", "toothbrush", True),
        ("boxes", None, None),
    ],
)
def test_a_word_is_found_in_singular_and_plural(word, label, plural):
    assert vocabulary.label_of(word) == label
    if label:
        assert is_plural(word) == plural


def test_case_spaces_and_hyphens_do_not_count():
    assert vocabulary.label_of("  Cell-Phone ") == "cell phone"


def test_the_nearest_labels_are_offered():
    assert vocabulary.nearest("bycicle")[0] == "bicycle"
    assert vocabulary.nearest("xqzzw") == []
