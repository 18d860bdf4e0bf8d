"""Phrases that the vocabulary does not cover: why not, and what it has that may be meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache
from itertools import islice, product

from automask import vocabulary
from automask.colours import words as colour_words
from automask.display import printable
from automask.selector.phrase import compiled, tokens_of
from automask.values import quote

LIKENESS = 0.8  # of two words by `difflib`: "catt" and "cat" have 0.86, "gate" and "plate" 0.67
SHORTEST = 3  # letters of a word that is held to others: "is" is not "its"
CHOICES = 3  # for each word
MOST_TRIED = 30  # phrases that are compiled in search of one that can be
_WORDS = re.compile(r"[\w\s,'-]+")  # with other signs, a rule was meant
_NUMBER = re.compile(r"\d+(?:st|nd|rd|th)?")


def offers(texts: Iterable[str]) -> list[str]:
    """A sentence for each of `texts` that the vocabulary does not cover: why, or what is near."""
    return [
        f"{printable(quote(text))} {_told(text)}"
        for text in dict.fromkeys(texts)
        if compiled(text) is None
    ]


def is_bare_phrase(text: str) -> bool:
    """Whether `text`, which is no rule, is words of a phrase that lost their quotes.

    >>> is_bare_phrase("the largest face"), is_bare_phrase("face:"), is_bare_phrase("fcae")
    (True, False, False)
    """
    return bool(_WORDS.fullmatch(text)) and compiled(text) is not None


def _told(text: str) -> str:
    if offer := near_phrase(text):
        return f"is not in the vocabulary; did you mean {quote(offer)}?"
    return f"needs a model of phrases: {why_not(text)}."


def why_not(text: str) -> str:
    """Why the vocabulary does not cover the phrase `text`, as a clause.

    >>> why_not("the rusty gate")
    '"rusty" and "gate" are not in the vocabulary'
    >>> why_not("car cars")
    'its words are known, but not what they say together'
    """
    words, tokens = vocabulary.phrases(), tokens_of(text)
    unknown = [printable(quote(t)) for t in dict.fromkeys(tokens) if not _is_known(t, alone=True)]
    if unknown:
        listed = " and ".join(filter(None, [", ".join(unknown[:-1]), unknown[-1]]))
        return f"{listed} {'is' if len(unknown) == 1 else 'are'} not in the vocabulary"
    picking = {*words.numbers, *words.ordinals, "last", *words.sizes}
    if any(_NUMBER.fullmatch(token) or token in picking for token in tokens):
        return (
            'it does not say which of them are meant, as "the two largest cars", "the first car '
            'from the left" and "all cars" do'
        )
    return "its words are known, but not what they say together"


def near_phrase(text: str) -> str:
    """The phrase that the vocabulary covers and that may be meant by `text`; "" if there is none.

    Its words are written nearly so, or mean more than those of `text`: person for woman. None is
    where the vocabulary covers `text` itself.

    >>> near_phrase("the red catt"), near_phrase("the women"), near_phrase("a rusty gate")
    ('the red cat', 'the people', '')
    """
    if compiled(text) is not None:
        return ""
    choices = [_near(token) for token in tokens_of(text)]
    for tokens in islice(product(*choices), MOST_TRIED):
        if compiled(near := _joined(tokens)) is not None:
            return near
    return ""


def _near(token: str) -> list[str]:
    """The word itself where it is known, what it means some of, else what is written like it."""
    meant = [
        vocabulary.plural_of(label) if several else label
        for label, several in vocabulary.near_in_meaning(token)
    ]
    if meant or _is_known(token):  # "glass" is both: a part of "wine glass"
        return [token] * _is_known(token) + meant
    if len(token) < SHORTEST or vocabulary.is_none(token):
        return []
    near = difflib.get_close_matches(token, _known(), CHOICES, LIKENESS)
    return [word for word in near if word[0] == token[0]]  # "flower" is not "lower"


def _is_known(token: str, *, alone: bool = False) -> bool:
    """Whether a phrase can be written with `token`; with `alone`, by itself."""
    if alone and vocabulary.near_in_meaning(token):
        return False
    return token in _known() or bool(_NUMBER.fullmatch(token))


@cache
def _known() -> frozenset[str]:
    """Every single word of the vocabulary and of the names of colours."""
    return vocabulary.single_words() | set(colour_words.known())


def _joined(tokens: tuple[str, ...]) -> str:
    return " ".join(tokens).replace(" 's", "'s").replace(" ,", ",")
