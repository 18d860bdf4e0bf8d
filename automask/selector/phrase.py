"""Phrases to rules: ``"the largest red car on the left"`` in the words of the rule language.

A small fixed grammar of English noun phrases over the vocabulary that ships with automask::

    phrase    = OUTSIDE things | things [ MINUS things ]
    things    = thing { PLUS thing }
    thing     = noun phrase [ RELATION thing ] | thing's thing
    noun phrase = { word before } noun { word after }

What it compiles to is always in this order: the noun, its colours, its relation to another thing,
its place, its size, its number. ``red`` keeps the things of which a quarter is red. ``on the left``
is the left half; where one thing is meant and no size says which, it is the leftmost. A phrase with
a word that is not in the vocabulary is not compiled at all: it goes whole to the model.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cache

from automask import vocabulary
from automask.errors import AutomaskError
from automask.selector.noun_phrase import cut_start, noun_phrase
from automask.selector.parse import parse
from automask.selector.syntax import Find, Rule
from automask.strategies.phrase import Phrase

NEAR = "5%"  # of the shorter side


@cache
def compiled(text: str) -> Rule | None:
    """The rule that a phrase stands for; None where the vocabulary does not cover it.

    >>> str(compiled("the largest red car on the left"))
    'object("car"):color("red", share=25%):inside(rect(0px, 0px, 50%, 100%), share=50%):largest'
    >>> str(compiled("everything except the face")), compiled("a rusty gate")
    ('!face', None)
    """
    found = _phrase(tokens_of(text))
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
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    plain = re.sub(r"'s\b|(?<=s)'(?=\s)", " 's ", plain).replace("-", " ").replace("_", " ")
    plain = re.sub(r"[.!?;:]+\s*$", "", plain).replace("&", " and ").replace(",", " , ")
    return plain.split()


def _phrase(tokens: list[str]) -> str:
    words = vocabulary.phrases()
    if len(outside := cut_start(tokens, words.outside)) < len(tokens):
        inner = _things(outside)
        return f"!({inner})" if inner else ""
    for place in range(1, len(tokens)):
        for phrases, parts in ((words.minus, None), (words.minus_parts, words.parts)):
            rest = cut_start(tokens[place:], phrases)
            if len(rest) < len(tokens) - place:
                kept, taken = _things(tokens[:place]), _things(rest)
                fits = parts is None or taken in parts
                return f"({kept}) - ({taken})" if kept and taken and fits else ""
    return _things(tokens)


def _things(tokens: list[str]) -> str:
    """Things in a row, as a union."""
    words = vocabulary.phrases()
    parts: list[list[str]] = [[]]
    while tokens:
        rest = cut_start(tokens, (*words.plus, ","))
        if len(rest) < len(tokens):
            parts.append([])
            tokens = rest
        else:
            parts[-1].append(tokens[0])
            tokens = tokens[1:]
    parts = [part for n, part in enumerate(parts) if part or n in (0, len(parts) - 1)]  # ", and"
    rules = [_thing(part) for part in parts]
    return " | ".join(rules) if all(rules) else ""


def _thing(tokens: list[str]) -> str:
    """A thing, alone or by its relation to another."""
    if "'s" in tokens:
        at = len(tokens) - 1 - tokens[::-1].index("'s")
        return _owned(tokens[at + 1 :], tokens[:at])
    if alone := noun_phrase(tokens):
        return alone.rule()
    for place in range(1, len(tokens)):
        for name, phrases in vocabulary.phrases().relations.items():
            rest = cut_start(tokens[place:], phrases)
            if len(rest) < len(tokens) - place:
                near, other = noun_phrase(tokens[:place]), _thing(rest)
                if near and other:
                    distance = f", {NEAR}" if name == "near" else ""
                    return replace(near, relation=f":{name}({other}{distance})").rule()
    for place in range(1, len(tokens) - 1):
        if tokens[place] == "of" and (owned := _owned(tokens[:place], tokens[place + 1 :])):
            return owned
    return ""


def _owned(part: list[str], owner: list[str]) -> str:
    """The face of a person: a part inside the thing that it belongs to."""
    near, other = noun_phrase(part), _thing(owner)
    return replace(near, relation=f":inside({other})").rule() if near and other else ""
