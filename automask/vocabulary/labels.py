"""The names of objects: 80 labels, other words for them, and their plurals."""

from __future__ import annotations

import difflib
from functools import cache

from automask.vocabulary.read import table

# Words for several, some of them also for one: nothing is added to them.
_PLURALS = frozenset(
    ("sheep", "skis", "scissors", "people", "cattle", "oxen", "mice", "luggage", "calves")
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
    found = known().get(" ".join(word.casefold().replace("-", " ").split()))
    return found[0] if found else None


def is_plural(word: str) -> bool:
    """Whether a word that `label_of` knows names several things."""
    return known()[word][1]


def nearest(word: str) -> list[str]:
    """The labels whose own or other words are written most like `word`; at most three."""
    close = difflib.get_close_matches(word.casefold(), known(), 6, 0.6)
    return list(dict.fromkeys(known()[found][0] for found in close))[:3]


@cache
def known() -> dict[str, tuple[str, bool]]:
    """Each word in lower case, with its label and whether it is a plural."""
    known: dict[str, tuple[str, bool]] = {}
    for label, others in table("labels.toml").items():
        for word in (label, *others):
            several = word in _PLURALS
            known.setdefault(word, (label, several))
            if not several:
                known.setdefault(_plural(word), (label, True))
    return known


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    if word.endswith("fe"):
        return f"{word[:-2]}ves"
    return f"{word}es" if word.endswith(("s", "ch", "sh", "x", "z")) else f"{word}s"
