"""What is said of one noun, as in ``"the largest red car on the left"``, and its rule."""

from __future__ import annotations

from dataclasses import dataclass

from automask.values import quote

COLOUR_SHARE = "25%"  # a red car is glass, tyres and shade as well
HALVES = {
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
SIDES = {"left": "x", "right": "x, desc=true", "top": "y", "bottom": "y, desc=true"}


@dataclass(frozen=True)
class NounPhrase:
    """A noun and what was said of it.

    Parameters
    ----------
    noun : str
        Its rule.
    single, mass, collective : bool
        As of a `Noun` of the vocabulary.
    implied : bool
        Whether no noun was said, but a colour: "red" is whatever is red.
    colours : tuple of str
    relation : str
        The filter that relates it to another thing.
    places : tuple of str
    most : bool
        Whether the place picks: leftmost.
    half : bool
        Whether the place is the half itself, which holds the thing or does not.
    size : str
        The filter that picks by size.
    superlative : bool
        Whether the size was said of one among others: largest, not large.
    every : bool
        Whether it is said of each of them, as in "all cars".
    among : bool
        Whether what was said before picks from these: "the largest of the cars".
    count : int
    ordinal : int
        1 is the first, -1 the last.
    side : str
        From which an ordinal counts.
    """

    noun: str = ""
    single: bool = True
    mass: bool = False
    collective: bool = False
    implied: bool = False
    colours: tuple[str, ...] = ()
    relation: str = ""
    places: tuple[str, ...] = ()
    most: bool = False
    half: bool = False
    size: str = ""
    superlative: bool = False
    every: bool = False
    among: bool = False
    count: int = 0
    ordinal: int = 0
    side: str = ""

    def rule(self) -> str:
        """The rule; "" where what was said does not go together."""
        picked = self._picked()
        if picked is None or (self.every and (picked or self.ordinal)):
            return ""
        coloured = "".join(
            f" & color({quote(c)})" if self.mass else f":color({quote(c)}, {COLOUR_SHARE})"
            for c in self.colours
        )
        noun = f"({self.noun}{coloured})" if self.mass and coloured else self.noun + coloured
        return f"{noun}{self.relation}{self._placed()}{picked}"

    @property
    def picks(self) -> bool:
        """Whether what was said picks some of the things, if only by their place."""
        return bool(self.size or self.ordinal or self.most or self.side)

    @property
    def says_which(self) -> bool:
        """Whether what was said picks, or says where."""
        return self.picks or bool(self.places)

    @property
    def _leads(self) -> bool:
        """Whether the place alone says which one is meant, or which ones."""
        if len(self.places) != 1 or self.places[0] not in _PICKS:
            return False
        if self.mass or self.side or self.half:
            return False
        if self.most or (self.count > 1 and not self.size):
            return True
        return (self.single or bool(self.ordinal)) and not (
            self.size or self.every or self.collective
        )

    @property
    def _contradicts(self) -> bool:
        """Whether it is said to be on two sides at once."""
        said = " ".join(self.places)
        return any(a in said and b in said for a, b in (("left", "right"), ("top", "bottom")))

    def _placed(self) -> str:
        if self._leads:
            return ""
        cut = " & rect({})" if self.mass else ":inside(rect({}), 50%)"
        return "".join(cut.format(HALVES[place]) for place in self.places)

    def _picked(self) -> str | None:
        """The filter that picks; "" where all are meant, None where it is not clear which."""
        if self.mass and (self.picks or self.count):
            return None
        if (self.most and not self._leads) or self._contradicts:
            return None
        if self._leads or self.side:
            return self._by_place()
        if self.ordinal:
            return self._ordered()
        if self.size:
            return self._sized()
        return None if self.count > 1 and not self.every else ""  # which two?

    def _by_place(self) -> str | None:
        """The leftmost, or the first ones from the left."""
        place = self.side or self.places[0]
        some = self.ordinal or self.count > 1
        if self.size or (some and (place not in SIDES or self.ordinal < 0)):
            return None
        if not some:
            return None if self.side else f":{_PICKS[place]}"
        return f":sort({SIDES[place]}){self._index()}"

    def _ordered(self) -> str | None:
        if not self.size:
            return self._index()
        if self.size not in ("largest", "smallest") or self.ordinal < 0 or self.count > 1:
            return None
        return f":sort(area{', desc=true' * (self.size == 'largest')}){self._index()}"

    def _index(self) -> str | None:
        """The first, the third, the last two; None for "the third two" and for several thirds."""
        if self.count > 1:
            return {0: f"[0:{self.count}]", 1: f"[0:{self.count}]", -1: f"[-{self.count}:]"}.get(
                self.ordinal
            )
        if not (self.single or self.among):
            return None
        return f"[{self.ordinal - 1 if self.ordinal > 0 else self.ordinal}]"

    def _sized(self) -> str | None:
        if self.count > 1:
            several = {"largest": ":top({})", "smallest": ":sort(area)[0:{}]"}.get(self.size)
            return several.format(self.count) if several and self.superlative else None
        one = self.single and (self.superlative or not self.collective)
        return f":{self.size}" if one or (self.among and self.superlative) else None
