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
        ("giraffes", "giraffe", True),
        ("air plane", "airplane", False),
        ("tea-cups", "cup", True),
        ("teddybear", "teddy bear", False),
        ("firehydrants", "fire hydrant", True),
        ("pairs of scissors", None, None),
        ("boxes", None, None),
    ],
)
def test_a_word_is_found_in_singular_and_plural(word, label, plural):
    assert vocabulary.label_of(word) == label
    if label:
        assert is_plural(word) == plural


@pytest.mark.parametrize("label", vocabulary.labels())
def test_a_label_its_plural_and_how_people_space_it(label):
    for word in (label, label.upper(), label.replace(" ", ""), label.replace(" ", "-")):
        assert vocabulary.label_of(word) == label
    assert vocabulary.label_of(vocabulary.plural_of(label)) == label
    assert is_plural(vocabulary.plural_of(label))


def near_words():
    return [
        (w, label) for label, words in table("near.toml").items() if label != "none" for w in words
    ]


def test_near_words_are_of_labels_and_are_none_themselves():
    assert set(table("near.toml")) - {"none"} <= set(vocabulary.labels())
    for word, label in near_words():
        assert word == word.casefold().strip()
        assert vocabulary.label_of(word) is None, word
        assert vocabulary.noun(word) is None, word
        assert label in [near for near, _ in vocabulary.near_in_meaning(word)]
    for word in table("near.toml")["none"]["words"]:
        assert vocabulary.label_of(word) is None
        assert vocabulary.nearest(word) == []


def test_case_spaces_and_hyphens_do_not_count():
    assert vocabulary.label_of("  Cell-Phone ") == "cell phone"


def test_the_nearest_labels_are_offered():
    assert vocabulary.nearest("bycicle")[0] == "bicycle"
    assert vocabulary.nearest("xqzzw") == []
    assert vocabulary.nearest("cab") == ["car"]


@pytest.mark.parametrize(
    ("word", "labels"),
    [
        ("kid", ["person"]),
        ("Women", ["person"]),
        ("young man", ["person"]),
        ("glasses", ["wine glass", "cup"]),
        ("bag", ["backpack", "handbag", "suitcase"]),
        ("school bus", ["bus"]),
        ("flowers", ["potted plant"]),
        ("animal", ["bird", "cat", "dog"]),
        ("tree", []),
        ("hat", []),
    ],
)
def test_words_near_in_meaning_are_offered(word, labels):
    assert vocabulary.label_of(word) is None
    assert vocabulary.nearest(word) == labels
