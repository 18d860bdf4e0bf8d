"""The words of phrases, by what they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from automask.vocabulary.labels import is_plural, known, label_of
from automask.vocabulary.read import table

LONGEST = 3  # words that a noun may have


@dataclass(frozen=True)
class Noun:
    """What a noun of a phrase stands for.

    Parameters
    ----------
    rule : str
        Such as ``face`` or ``object("car")``.
    single : bool
        Whether it names one thing.
    mass : bool
        Whether it has no parts to choose from, as the sky.
    collective : bool
        Whether it is one though it has parts, as text.
    """

    rule: str
    single: bool
    mass: bool = False
    collective: bool = False


@dataclass(frozen=True)
class Phrases:
    """The words of ``phrases.toml``, by what they do."""

    start: tuple[str, ...]
    end: tuple[str, ...]
    before: tuple[str, ...]
    every: tuple[str, ...]
    after: tuple[str, ...]
    anything: tuple[str, ...]
    sizes: Mapping[str, str]
    superlative: tuple[str, ...]
    places: Mapping[str, str]
    prepositions: tuple[str, ...]
    most: tuple[str, ...]
    place_parts: tuple[str, ...]
    relations: Mapping[str, tuple[str, ...]]
    outside: tuple[str, ...]
    minus: tuple[str, ...]
    minus_parts: tuple[str, ...]
    parts: tuple[str, ...]
    of_people: tuple[str, ...]
    pronouns: Mapping[str, bool]
    coloured_things: tuple[str, ...]
    fruits: tuple[str, ...]
    articles: tuple[str, ...]
    plus: tuple[str, ...]
    either: tuple[str, ...]
    numbers: tuple[str, ...]
    ordinals: tuple[str, ...]


@cache
def phrases() -> Phrases:
    """The words of phrases besides nouns and colours."""
    read = table("phrases.toml")
    sizes, places = dict(read["sizes"]), dict(read["places"])
    return Phrases(
        start=tuple(read["skipped"]["start"]),
        end=tuple(read["skipped"]["end"]),
        before=tuple(read["skipped"]["before"]),
        every=tuple(read["skipped"]["every"]),
        after=tuple(read["skipped"]["after"]),
        anything=tuple(read["anything"]["nouns"]),
        superlative=tuple(sizes.pop("superlative")),
        sizes=_turned(sizes),
        prepositions=tuple(places.pop("prepositions")),
        most=tuple(places.pop("most")),
        place_parts=tuple(places.pop("parts")),
        places=_turned(places),
        relations={name: tuple(words) for name, words in read["relations"].items()},
        outside=tuple(read["outside"]["words"]),
        minus=tuple(read["minus"]["words"]),
        minus_parts=tuple(read["minus"]["of_parts"]),
        parts=tuple(read["minus"]["parts"]),
        of_people=tuple(read["minus"]["of_people"]),
        pronouns={w: n == "one" for n, words in read["pronouns"].items() for w in words},
        coloured_things=tuple(read["colours"]["things"]),
        fruits=tuple(read["articles"]["fruits"]),
        articles=tuple(read["articles"]["words"]),
        plus=tuple(read["plus"]["words"]),
        either=tuple(read["plus"]["either"]),
        numbers=tuple(read["numbers"]["words"]),
        ordinals=tuple(read["numbers"]["ordinals"]),
    )


def noun(text: str) -> Noun | None:
    """What the noun `text`, in lower case and one or several words, stands for; None if unknown."""
    if found := _nouns().get(text):
        return found
    label = label_of(text)
    if label is None:
        return None
    rule = "person" if label == "person" else f'object("{label}")'
    return Noun(rule, single=not is_plural(text))


@cache
def single_words() -> frozenset[str]:
    """Every single word that a phrase can be written with, those of colours aside."""
    lists = [some for group in table("phrases.toml").values() for some in group.values()]
    texts = [*known(), *(text for some in lists for text in some), "last", "from", "'s", ","]
    return frozenset(word for text in texts for word in text.split())


@cache
def _nouns() -> dict[str, Noun]:
    read = table("phrases.toml")
    single, mass, many = (read[n] for n in ("one", "mass", "collective"))
    alone = {*mass["nouns"], *many["nouns"]}
    return {
        word: Noun(
            rule,
            single=word in single["singular"] or rule in alone,
            mass=rule in mass["nouns"],
            collective=rule in many["nouns"],
        )
        for rule, words in read["nouns"].items()
        for word in words
    }


def _turned(table: Mapping[str, list[str]]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words}
