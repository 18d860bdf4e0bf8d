"""Phrases with a word that is written wrongly: what the vocabulary has that looks like it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache
from itertools import islice, product

from automask import vocabulary
from automask.colours import words as colour_words
from automask.display import printable
from automask.selector.phrase import compiled, tokens_of
from automask.values import quote

LIKENESS = 0.8  # of two words by `difflib`: "catt" and "cat" have 0.86, "gate" and "plate" 0.67
CHOICES = 3  # for each word
MOST_TRIED = 30  # phrases that are compiled in search of one that can be


def offers(texts: Iterable[str]) -> list[str]:
    """A sentence for each of `texts` that a phrase is near to which the vocabulary covers."""
    near = {text: near_phrase(text) for text in texts}
    return [
        f"{printable(quote(text))} is not in the vocabulary; did you mean {quote(offer)}?"
        for text, offer in near.items()
        if offer
    ]


def near_phrase(text: str) -> str:
    """The phrase that the vocabulary covers and that is written nearly so; "" if none is.

    None is where the vocabulary covers `text` itself.

    >>> near_phrase("the red catt"), near_phrase("the bigest umbrela"), near_phrase("a rusty gate")
    ('the red cat', 'the biggest umbrella', '')
    """
    if compiled(text) is not None:
        return ""
    choices = [_near(token) for token in tokens_of(text)]
    for tokens in islice(product(*choices), MOST_TRIED):
        if compiled(near := _joined(tokens)) is not None:
            return near
    return ""


def _near(token: str) -> list[str]:
    """The word itself where it is known, else the known ones like it, the nearest first."""
    known = _known()
    if token in known or token.isdecimal():
        return [token]
    near = difflib.get_close_matches(token, known, CHOICES, LIKENESS)
    return [word for word in near if word[0] == token[0]]  # "flower" is not "lower"


@cache
def _known() -> frozenset[str]:
    """Every single word of the vocabulary and of the names of colours."""
    return vocabulary.single_words() | set(colour_words.known())


def _joined(tokens: tuple[str, ...]) -> str:
    return " ".join(tokens).replace(" 's", "'s").replace(" ,", ",")
