"""Phrases to rules: ``"the largest red car on the left"`` in the words of the rule language.

A small fixed grammar of English noun phrases over the vocabulary that ships with automask::

    phrase    = OUTSIDE things | things [ MINUS things ]
    things    = thing { PLUS thing }
    thing     = noun phrase [ RELATION thing ] | thing's thing
    noun phrase = { word before } noun { word after }

What it compiles to is always in this order: the noun, its colours, its relation to another thing,
its place, its size, its number. ``red`` keeps the things of which a quarter is red. ``on the left``
is the left half; where one thing is meant and no size says which, it is the leftmost. A phrase with
a word that is not in the vocabulary is not compiled at all, nor is one of which a word would count
for nothing: it goes whole to the model.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from automask import vocabulary
from automask.errors import AutomaskError
from automask.selector.noun_words import (
    colours_of,
    cut_end,
    cut_start,
    head_of,
    noun_phrase,
    part_of_picture,
)
from automask.selector.parse import parse
from automask.selector.shared_words import shared
from automask.selector.syntax import Find, Rule
from automask.strategies.phrase import Phrase
from automask.vocabulary import Noun

NEAR = "5%"  # of the shorter side
MOST_WORDS = 60  # a text of more is no phrase
_PLANES = ("background", "subject")  # people in the background are not on what is called so


@lru_cache(maxsize=1024)  # a table may have another phrase in every line
def compiled(text: str) -> Rule | None:
    """The rule that a phrase stands for; None where the vocabulary does not cover it.

    >>> str(compiled("the largest red car on the left"))
    'object("car"):color("red", share=25%):inside(rect(0px, 0px, 50%, 100%), share=50%):largest'
    >>> str(compiled("everything except the face")), compiled("a rusty gate")
    ('!face', None)
    """
    tokens = tokens_of(text)
    found = _phrase(tokens) if len(tokens) <= MOST_WORDS else ""
    try:
        return parse(found) if found else None
    except AutomaskError:  # a colour that only looked like one
        return None


def phrase_of(rule: Rule) -> str:
    """The text of a phrase that may be compiled; "" for one that is pinned to a model, and else."""
    strategy = rule.strategy if isinstance(rule, Find) else None
    if not isinstance(strategy, Phrase) or strategy.model or strategy.threshold is not None:
        return ""
    return strategy.text


def tokens_of(text: str) -> list[str]:
    """The words in lower case; commas and the possessive stand alone."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub("[\u2018\u2019`]", "'", plain)
    plain = re.sub('["\u201c\u201d]', " ", plain)
    plain = re.sub(r"'s\b|(?<=s)'(?=\s)", " 's ", plain).replace("-", " ").replace("_", " ")
    plain = plain.rstrip().rstrip(".!?;:")  # a pattern would look for the end from each of them
    return plain.replace("&", " and ").replace(",", " , ").split()


def _phrase(tokens: list[str]) -> str:
    words = vocabulary.phrases()
    tokens = _told(tokens)
    if len(outside := cut_start(tokens, words.outside)) < len(tokens):
        inner = _things(outside)
        return f"!({inner})" if inner else ""
    for place in range(1, len(tokens)):
        for phrases, parts in ((words.minus, None), (words.minus_parts, words.parts)):
            rest = cut_start(tokens[place:], phrases)
            if len(rest) < len(tokens) - place:
                kept = _things(tokens[:place])
                one = len(shared(tokens[:place])) == 1  # of several, it is not clear which
                taken = _taken(rest, head_of(tokens[:place]) if one else None)
                fits = parts is None or taken in parts
                return f"({kept}) - ({taken})" if kept and taken and fits else ""
    return _things(tokens)


def _taken(tokens: list[str], before: Noun | None) -> str:
    """What goes away; of the same things where only which ones is said: "but the largest"."""
    which = noun_phrase([*tokens, "one"], before)
    return _things(tokens, before) or (which.rule() if which and which.says_which else "")


def _told(tokens: list[str]) -> list[str]:
    """The tokens without what is said to whoever selects: "please select"."""
    words = vocabulary.phrases()
    while len(rest := cut_start(tokens, (*words.start, ","))) < len(tokens):
        tokens = rest
    while len(rest := cut_end(tokens, (*words.end, ","))) < len(tokens):
        tokens = rest
    return tokens


def _things(tokens: list[str], before: Noun | None = None) -> str:
    """Things in a row, as a union."""
    rules = []
    for part in shared(cut_end(tokens, vocabulary.phrases().after)):
        rules.append(_thing(part, before))
        before = head_of(part, before) or before
    return " | ".join(rules) if all(rules) else ""


def _thing(tokens: list[str], before: Noun | None = None) -> str:
    """A thing, alone or by its relation to another."""
    return _read(tuple(tokens), before)


@lru_cache(maxsize=256)  # else each "near" doubles the time of a phrase that is none in the end
def _read(words: tuple[str, ...], before: Noun | None) -> str:
    tokens = list(words)
    if "'s" in tokens:
        at = len(tokens) - 1 - tokens[::-1].index("'s")
        return _owned(tokens[at + 1 :], tokens[:at], before)
    if alone := noun_phrase(tokens, before):
        return alone.rule()
    if picture := part_of_picture(tokens):
        return picture
    return _related(tokens, before) or _part_of(tokens, before)


def _related(tokens: list[str], before: Noun | None) -> str:
    for place in range(1, len(tokens)):
        for name, phrases in vocabulary.phrases().relations.items():
            rest = cut_start(tokens[place:], phrases)
            if len(rest) == len(tokens) - place:
                continue
            near, other, whose = noun_phrase(tokens[:place], before), _thing(rest), head_of(rest)
            if not near or not other or near.noun == "background":
                continue
            if whose and whose.rule not in _PLANES:
                return replace(near, relation=_filter(name, other)).rule()
            if tokens[place] == "in" and (worn := colours_of(rest)):  # a person in red
                return replace(near, colours=(*near.colours, *worn)).rule()
    return ""


def _part_of(tokens: list[str], before: Noun | None) -> str:
    for place in range(1, len(tokens) - 1):
        if tokens[place] == "of":
            return _owned(tokens[:place], tokens[place + 1 :], before)
    return ""


def _owned(tokens: list[str], owner: list[str], before: Noun | None) -> str:
    """The face of a person, inside it; the umbrella of a person, near it."""
    words, part, other = vocabulary.phrases(), noun_phrase(tokens), _thing(owner, before)
    whose = head_of(owner, before)
    if not part or not other or not whose or part.implied:
        return ""
    if part.noun in words.of_people and whose.rule not in ("person", "subject", "face"):
        return ""
    if part.mass or part.noun.startswith("color("):
        rule = part.rule()
        return f"({rule} & ({other}))" if rule and part.noun not in (*_PLANES, "sky") else ""
    relation = _filter("inside" if part.noun in words.parts else "near", other)
    return replace(part, relation=relation).rule()


def _filter(name: str, other: str) -> str:
    return f":near({other}, {NEAR})" if name == "near" else f":{name}({other})"
