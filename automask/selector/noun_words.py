"""The words of a noun phrase read: which noun, and what stands around it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

from automask import vocabulary
from automask.colours import words as colour_words
from automask.errors import AutomaskError
from automask.selector.noun_phrase import HALVES, SIDES, NounPhrase
from automask.values import Colour, quote
from automask.vocabulary import Noun

_NUMBER = re.compile(r"(\d{1,4})(st|nd|rd|th)?")  # 2, 2nd; nothing is counted in more digits


def noun_phrase(tokens: list[str], before: Noun | None = None) -> NounPhrase | None:
    """What `tokens` say of one noun; None where a word is unknown or there is no noun.

    Parameters
    ----------
    tokens : list of str
    before : Noun, optional
        The noun of the thing before, for which "one" stands.
    """
    words = vocabulary.phrases()
    tokens = cut_end(tokens, words.after)
    found, tokens = _side(tokens, NounPhrase())
    found, tokens = _place_after(tokens, found)
    tokens = cut_end(tokens, words.after)
    for length in range(min(len(tokens), vocabulary.LONGEST), 0, -1):
        noun = _noun(tokens, length, before)
        if noun and (said := _before(tokens[:-length], found)):
            return replace(
                said,
                noun=noun.rule,
                single=noun.single,
                mass=noun.mass,
                collective=noun.collective,
            )
    return _coloured_anything(tokens, found)


def head_of(tokens: list[str], before: Noun | None = None) -> Noun | None:
    """The first noun of a thing, whatever it is related to."""
    for end in range(1, len(tokens) + 1):
        found = noun_phrase(tokens[:end], before)
        if found and not found.implied and found.noun:
            return Noun(found.noun, found.single, found.mass, found.collective)
    return None


def colours_of(tokens: list[str]) -> tuple[str, ...]:
    """The colours that `tokens` name, if they say nothing else."""
    said = _before(tokens, NounPhrase())
    return said.colours if said and said == NounPhrase(colours=said.colours) else ()


def _noun(tokens: list[str], length: int, before: Noun | None) -> Noun | None:
    """What the last words stand for, if that is a noun."""
    words, last = vocabulary.phrases(), " ".join(tokens[-length:])
    if last in words.pronouns:
        return replace(before, single=words.pronouns[last]) if before else None
    if tokens[-1] in words.fruits and not set(tokens) & set(words.articles):
        return None
    return vocabulary.noun(last)


def part_of_picture(tokens: list[str]) -> str:
    """The rule for a part of the picture itself, such as "the left half"; "" for all else."""
    words = vocabulary.phrases()
    said = [token for token in cut_end(tokens, words.after) if token not in words.before]
    place = words.places.get(" ".join(said)) if said and said[-1] in words.place_parts else None
    return f"rect({HALVES[place]})" if place else ""


def _coloured_anything(tokens: list[str], found: NounPhrase) -> NounPhrase | None:
    """Whatever has a colour: "red", "the red parts", "anything red"."""
    words = vocabulary.phrases()
    if tokens and tokens[-1] in words.pronouns:
        return None
    named = [t for t in tokens if t not in words.anything] if len(tokens) > 1 else tokens
    said = _before(named, found) if named else None
    if said is None or len(said.colours) != 1:
        return None
    noun, implied = f"color({quote(said.colours[0])})", len(named) == len(tokens)
    if implied and said.colours[0] in words.coloured_things:
        return None
    return replace(said, noun=noun, colours=(), single=bool(said.size), implied=implied)


def _before(tokens: list[str], found: NounPhrase) -> NounPhrase | None:
    """What the words before a noun say of it; None where one is unknown."""
    while tokens:
        read = _counted(tokens, found) or _described(tokens, found)
        if read is None:
            return None
        found, tokens = read
    return found


def _counted(tokens: list[str], found: NounPhrase) -> tuple[NounPhrase, list[str]] | None:
    """Words that say how many, or which of them."""
    words, first, rest = vocabulary.phrases(), tokens[0], tokens[1:]
    if first in words.before:
        return found, rest
    if first in words.every:
        return replace(found, every=True), rest
    if first == "of" and (found.every or found.picks):
        return replace(found, among=True), rest
    if number := _number(first):
        if found.among or (found.every and number > 1):
            return found, rest  # "the largest of the three", "all three": which ones is clear
        return None if found.count else (replace(found, count=number), rest)
    if number := _ordinal(first):
        return None if found.ordinal else (replace(found, ordinal=number), rest)
    return None


def _described(tokens: list[str], found: NounPhrase) -> tuple[NounPhrase, list[str]] | None:
    """Words that say how large it is, where, and of which colour."""
    words, first = vocabulary.phrases(), tokens[0]
    if first == "top" and len(tokens) > 1 and _number(tokens[1]):
        return None  # the three highest up, or the three best
    if placed := _place_at(tokens):
        place, most, tokens = placed
        return replace(found, places=(*found.places, place), most=found.most or most), tokens
    if size := words.sizes.get(first):
        superlative = first in words.superlative
        if found.size:
            return None
        return replace(found, size=size, superlative=superlative), tokens[1:]
    if coloured := colour_at(tokens):
        colour, tokens = coloured
        return replace(found, colours=(*found.colours, colour)), tokens
    return None


def _number(word: str) -> int:
    """2 for "two" and "2", 0 for "0" and another word."""
    words = vocabulary.phrases()
    if word in words.numbers:
        return words.numbers.index(word) + 1
    match = _NUMBER.fullmatch(word)
    return int(match[1]) if match and not match[2] else 0


def _ordinal(word: str) -> int:
    """1 for "first" and "1st", -1 for "last", 0 for another word."""
    words = vocabulary.phrases()
    if word in words.ordinals:
        return words.ordinals.index(word) + 1
    match = _NUMBER.fullmatch(word)
    return int(match[1]) if match and match[2] else -(word == "last")


def _place_at(tokens: list[str]) -> tuple[str, bool, list[str]] | None:
    words = vocabulary.phrases()
    for length in range(min(3, len(tokens)), 0, -1):
        said = " ".join(tokens[:length])
        if tokens[length - 1] not in words.place_parts and (place := words.places.get(said)):
            return place, said in words.most, tokens[length:]
    return None


def colour_at(tokens: list[str]) -> tuple[str, list[str]] | None:
    """The colour that `tokens` begin with, and the rest of them."""
    for length in range(min(3, len(tokens)), 0, -1):
        said = " ".join(tokens[:length])
        with suppress(AutomaskError):  # what no colour is written with
            if colour_words.is_word(Colour(said)):
                return said, tokens[length:]
    return None


def _side(tokens: list[str], found: NounPhrase) -> tuple[NounPhrase, list[str]]:
    """The side that an ordinal counts from, at the end of a phrase."""
    if len(tokens) > 3 and tokens[-3:-1] == ["from", "the"] and tokens[-1] in SIDES:
        return replace(found, side=tokens[-1]), tokens[:-3]
    return found, tokens


def _place_after(tokens: list[str], found: NounPhrase) -> tuple[NounPhrase, list[str]]:
    """The place that a phrase ends in: "on the left", "in the top left corner"."""
    for start in range(1, len(tokens)):
        if place := place_behind(tokens[start:]):
            half = tokens[-1] == "half"
            return replace(found, places=(*found.places, place), half=half), tokens[:start]
    return found, tokens


def place_behind(tokens: list[str]) -> str:
    """The place that `tokens` are with a preposition, such as "on the left"; "" for others."""
    words = vocabulary.phrases()
    rest = cut_start(tokens, words.prepositions)
    return words.places.get(" ".join(rest), "") if len(rest) < len(tokens) else ""


def cut_start(tokens: list[str], phrases: tuple[str, ...]) -> list[str]:
    """`tokens` without the longest of `phrases` that they begin with."""
    fits = [p.split() for p in phrases if tokens[: len(p.split())] == p.split()]
    return tokens[max(map(len, fits), default=0) :]


def cut_end(tokens: list[str], phrases: tuple[str, ...]) -> list[str]:
    """`tokens` without the longest of `phrases` that they end in."""
    fits = [len(p.split()) for p in phrases if tokens[-len(p.split()) :] == p.split()]
    return tokens[: len(tokens) - max(fits, default=0)]
