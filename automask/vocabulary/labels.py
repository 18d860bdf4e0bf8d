"""The names of objects: 80 labels, other words for them, their plurals, and words near to them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache

from automask.vocabulary.read import table

OFFERED = 3  # labels for one word
LIKENESS = 0.7  # of two words by `difflib`: "bycicle" has 0.71 of "bicycle", "gate" 0.5 of "cake"
SHORTEST = 4  # letters of a word that is held to others: nearly all of three are like one another

# Words for several, some of them also for one: nothing is added to them.
_PLURALS = frozenset(
    (
        *("sheep", "skis", "pair of skis", "scissors", "pair of scissors", "people", "cattle"),
        *("oxen", "mice", "luggage", "baggage", "calves", "men", "women", "gentlemen", "policemen"),
        *("children", "wives", "passers by", "geese", "folk", "scarves"),
    )
)


@cache
def labels() -> tuple[str, ...]:
    """The labels, in the order of their numbers."""
    return tuple(table("labels.toml"))


def label_of(word: str) -> str | None:
    """The label that `word` is, or is another word for, or the plural of; None if there is none.

    >>> label_of("Sofas"), label_of("mobile phone"), label_of("knives"), label_of("unicorn")
    ('couch', 'cell phone', 'knife', None)
    """
    found = _joined().get(_letters(word))
    return found[0] if found else None


def is_plural(word: str) -> bool:
    """Whether a word that `label_of` knows names several things."""
    return _joined()[_letters(word)][1]


def plural_of(label: str) -> str:
    """The word for several things of `label`.

    >>> plural_of("person"), plural_of("knife"), plural_of("skis")
    ('people', 'knives', 'skis')
    """
    if label == "person":
        return "people"
    return label if label in _PLURALS else _plural(label)


def nearest(word: str) -> list[str]:
    """The labels that may be meant by `word`, which is none; the likeliest first, at most three.

    Those that it is near to in meaning, else those of one of its words, the last first, else those
    whose own or other words are written most like it.

    >>> nearest("kids"), nearest("glass"), nearest("school bus"), nearest("bycicle")
    (['person'], ['wine glass', 'cup'], ['bus'], ['bicycle'])
    """
    words = " ".join(word.casefold().replace("-", " ").split())
    for part in (words, *reversed(words.split())):
        if found := near_in_meaning(part):
            return [label for label, _ in found[:OFFERED]]
        if label := label_of(part):
            return [label]
    return [] if is_none(words) else _alike(words)


def near_in_meaning(word: str) -> list[tuple[str, bool]]:
    """The labels that `word`, in lower case, means some of; each with whether it is a plural."""
    return _near().get(word, [])


def is_none(word: str) -> bool:
    """Whether `word`, in lower case, is known to mean nothing of the vocabulary."""
    return word in _nothing()


@cache
def known() -> dict[str, tuple[str, bool]]:
    """Each word in lower case, with its label and whether it is a plural."""
    known: dict[str, tuple[str, bool]] = {}
    for label, others in table("labels.toml").items():
        for word, several in _with_plurals((label, *others)):
            known.setdefault(word, (label, several))
    return known


@cache
def _joined() -> dict[str, tuple[str, bool]]:
    return {_letters(word): meant for word, meant in known().items()}


@cache
def _near() -> dict[str, list[tuple[str, bool]]]:
    near: dict[str, list[tuple[str, bool]]] = {}
    for label in labels():
        for word, several in _with_plurals(table("near.toml").get(label, ())):
            near.setdefault(word, []).append((label, several))
    return near


@cache
def _nothing() -> frozenset[str]:
    return frozenset(word for word, _ in _with_plurals(table("near.toml")["none"]["words"]))


def _alike(word: str) -> list[str]:
    if len(word) < SHORTEST:
        return []
    alike = [other for other in known() if other[0] == word[0]]
    close = difflib.get_close_matches(word, alike, 2 * OFFERED, LIKENESS)
    return list(dict.fromkeys(known()[other][0] for other in close))[:OFFERED]


def _letters(word: str) -> str:
    """The word in lower case without spaces and hyphens, which people set as they like."""
    return "".join(word.casefold().replace("-", " ").split())


def _with_plurals(words: Iterable[str]) -> Iterable[tuple[str, bool]]:
    """Each of `words` and its plural, with whether it is one."""
    for word in words:
        yield word, word in _PLURALS
        if word not in _PLURALS:
            yield _plural(word), True


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    if word.endswith("fe") and not word.endswith("ffe"):  # knife, and giraffe
        return f"{word[:-2]}ves"
    return f"{word}es" if word.endswith(("s", "ch", "sh", "x", "z")) else f"{word}s"
