"""A noun and what stands around it, as in ``"the largest red car on the left"``, to a rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

from automask import vocabulary
from automask.colours import words as colour_words
from automask.errors import AutomaskError
from automask.values import Colour, quote

COLOUR_SHARE = "25%"  # a red car is glass, tyres and shade as well
_HALVES = {
    "left": "0, 0, 50%, 100%",
    "right": "50%, 0, 50%, 100%",
    "top": "0, 0, 100%, 50%",
    "bottom": "0, 50%, 100%, 50%",
    "top left": "0, 0, 50%, 50%",
    "top right": "50%, 0, 50%, 50%",
    "bottom left": "0, 50%, 50%, 50%",
    "bottom right": "50%, 50%, 50%, 50%",
    "center": "25%, 25%, 50%, 50%",
}
_PICKS = {
    "left": "leftmost",
    "right": "rightmost",
    "top": "topmost",
    "bottom": "bottommost",
    "center": "centermost",
}
_SIDES = {"left": "x", "right": "x, desc=true", "top": "y", "bottom": "y, desc=true"}


@dataclass(frozen=True)
class NounPhrase:
    """A noun and what was said of it."""

    noun: str = ""
    single: bool = True
    mass: bool = False
    colours: tuple[str, ...] = ()
    relation: str = ""
    places: tuple[str, ...] = ()
    most: bool = False  # the place picks: leftmost
    size: str = ""
    superlative: bool = False
    count: int = 0
    ordinal: int = 0  # 1 is the first, -1 the last
    side: str = ""  # from which an ordinal counts

    def rule(self) -> str:
        """The rule; "" where what was said does not go together."""
        picked = self._picked()
        if picked is None:
            return ""
        coloured = "".join(
            f" & color({quote(c)})" if self.mass else f":color({quote(c)}, {COLOUR_SHARE})"
            for c in self.colours
        )
        noun = f"({self.noun}{coloured})" if self.mass and coloured else self.noun + coloured
        return f"{noun}{self.relation}{self._placed()}{picked}"

    @property
    def _leads(self) -> bool:
        """Whether the place alone says which one is meant."""
        one = len(self.places) == 1 and self.places[0] in _PICKS and not self.mass
        return one and (self.most or (self.single and not (self.size or self.ordinal)))

    def _placed(self) -> str:
        if self._leads:
            return ""
        cut = " & rect({})" if self.mass else ":inside(rect({}), 50%)"
        return "".join(cut.format(_HALVES[place]) for place in self.places)

    def _picked(self) -> str | None:
        if self.mass and (self.size or self.ordinal or self.count):
            return None
        if self._leads:
            return f":{_PICKS[self.places[0]]}" if self.count < 2 else None
        if self.ordinal:
            return self._ordered()
        if self.size:
            return self._sized()
        return None if self.count > 1 else ""  # which two?

    def _ordered(self) -> str | None:
        if self.size == "largest" and self.ordinal > 0:
            return f":sort(area, desc=true)[{self.ordinal - 1}]"
        if self.size:
            return f":sort(area)[{self.ordinal - 1}]" if self.ordinal > 0 else None
        index = self.ordinal - 1 if self.ordinal > 0 else self.ordinal
        return (f":sort({_SIDES[self.side]})" if self.side else "") + f"[{index}]"

    def _sized(self) -> str | None:
        if self.count > 1 and self.superlative and not self.single:
            return f":top({self.count})" if self.size == "largest" else None
        return f":{self.size}" if self.single else None


def noun_phrase(tokens: list[str]) -> NounPhrase | None:
    """What `tokens` say of one noun; None where a word is unknown or there is no noun."""
    words = vocabulary.phrases()
    tokens = cut_end(tokens, words.after)
    found, tokens = _side(tokens, NounPhrase())
    found, tokens = _place_after(tokens, found)
    tokens = cut_end(tokens, words.after)
    for length in range(min(len(tokens), vocabulary.LONGEST), 0, -1):
        noun = vocabulary.noun(" ".join(tokens[-length:]))
        if tokens[-1] in words.fruits and not set(tokens) & set(words.articles):
            noun = None
        if noun and (said := _before(tokens[:-length], found)):
            return replace(said, noun=noun.rule, single=noun.single, mass=noun.mass)
    return _coloured_anything(tokens, found)


def _coloured_anything(tokens: list[str], found: NounPhrase) -> NounPhrase | None:
    """Whatever has a colour: "red", "the red parts", "anything red"."""
    words = vocabulary.phrases()
    if len(tokens) > 1:
        tokens = [t for t in tokens if t not in words.anything]
    said = _before(tokens, found) if tokens else None
    if said is None or len(said.colours) != 1:
        return None
    noun = f"color({quote(said.colours[0])})"
    return replace(said, noun=noun, colours=(), single=bool(said.size))


def _before(tokens: list[str], found: NounPhrase) -> NounPhrase | None:
    """What the words before a noun say of it; None where one is unknown."""
    words = vocabulary.phrases()
    while tokens:
        first, rest = tokens[0], tokens[1:]
        if first in words.before:
            tokens = rest
        elif first in words.numbers or first.isdecimal():
            number = words.numbers.index(first) + 1 if first in words.numbers else int(first)
            found, tokens = replace(found, count=number), rest
        elif first in (*words.ordinals, "last"):
            number = -1 if first == "last" else words.ordinals.index(first) + 1
            found, tokens = replace(found, ordinal=number), rest
        elif size := words.sizes.get(first):
            superlative = first in words.superlative
            found, tokens = replace(found, size=size, superlative=superlative), rest
        elif placed := _place_at(tokens):
            place, most, tokens = placed
            found = replace(found, places=(*found.places, place), most=found.most or most)
        elif coloured := _colour_at(tokens):
            colour, tokens = coloured
            found = replace(found, colours=(*found.colours, colour))
        else:
            return None
    return found


def _place_at(tokens: list[str]) -> tuple[str, bool, list[str]] | None:
    words = vocabulary.phrases()
    for length in range(min(3, len(tokens)), 0, -1):
        said = " ".join(tokens[:length])
        if place := words.places.get(said):
            return place, said in words.most, tokens[length:]
    return None


def _colour_at(tokens: list[str]) -> tuple[str, list[str]] | None:
    for length in range(min(3, len(tokens)), 0, -1):
        said = " ".join(tokens[:length])
        try:
            colour_words.check(Colour(said))
        except AutomaskError:
            continue
        if not said.startswith("#"):
            return said, tokens[length:]
    return None


def _side(tokens: list[str], found: NounPhrase) -> tuple[NounPhrase, list[str]]:
    """The side that an ordinal counts from, at the end of a phrase."""
    if len(tokens) > 3 and tokens[-3:-1] == ["from", "the"] and tokens[-1] in _SIDES:
        return replace(found, side=tokens[-1]), tokens[:-3]
    return found, tokens


def _place_after(tokens: list[str], found: NounPhrase) -> tuple[NounPhrase, list[str]]:
    """The place that a phrase ends in: "on the left", "in the top left corner"."""
    words = vocabulary.phrases()
    for start in range(1, len(tokens)):
        rest = cut_start(tokens[start:], words.prepositions)
        if len(rest) == len(tokens) - start:
            continue
        if place := words.places.get(" ".join(rest)):
            return replace(found, places=(*found.places, place)), tokens[:start]
    return found, tokens


def cut_start(tokens: list[str], phrases: tuple[str, ...]) -> list[str]:
    """`tokens` without the longest of `phrases` that they begin with."""
    fits = [p.split() for p in phrases if tokens[: len(p.split())] == p.split()]
    return tokens[max(map(len, fits), default=0) :]


def cut_end(tokens: list[str], phrases: tuple[str, ...]) -> list[str]:
    """`tokens` without the longest of `phrases` that they end in."""
    fits = [len(p.split()) for p in phrases if tokens[-len(p.split()) :] == p.split()]
    return tokens[: len(tokens) - max(fits, default=0)]
