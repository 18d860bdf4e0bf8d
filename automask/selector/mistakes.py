"""Friendly words for the mistakes that people make in rules.

The parser says where it stopped and what stands there; `_TOKENS` below is the table of what that
means, from the particular to the general: the first entry that has an answer gives it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automask.errors import RuleError
from automask.filters.base import FILTERS
from automask.strategies.base import STRATEGIES

WORDS = {
    "and": "Write A | B for both of them, or A & B for where they overlap.",
    "plus": "Write A | B.",
    "or": "Write A | B.",
    "xor": "Write A ^ B.",
    "minus": "Write A - B.",
    "without": "Write A - B.",
    "but": "Write A - B.",
    "except": "Write A - B, or !A for everything except A.",
    "not": "Write !A.",
    "no": "Write !A.",
}
_QUOTES = (
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}"
)
_QUOTES += "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}«»`"
_RANGES = "Ranges stand inside brackets: area(1%..40%), area(>5%)."
_SYMBOLS = {
    "+": "Write A | B for both of them; a region is made larger with :grow(5px).",
    ";": "Write | between rules.",
    "/": "Write ?? between a rule and the one to fall back on.",
    "*": "A region is made larger with :grow(5px).",
    ".": "Filters follow a colon: face:largest.",
    "=": 'A name and = stand only inside brackets: color("red", tol=12%).',
    "%": "Numbers stand inside brackets: grow(5%).",
    "$": "A named rule of automask.toml is written @name.",
    "{": "Brackets of rules are round: (A | B).",
    "}": "Brackets of rules are round: (A | B).",
    "?": "The fallback is written with two: A ?? B.",
    "..": _RANGES,
    ">": _RANGES,
    "<": _RANGES,
    ">=": _RANGES,
    "<=": _RANGES,
}
_VALUES = ("NAME", "STRING", "COLOUR")
_LAST_RESORT = "`automask check RULE` shows how a rule is read."


def explained(text: str, error: Any) -> RuleError:
    """What the parser's `error` on `text` means, and what to write instead."""
    from lark.exceptions import UnexpectedCharacters

    if isinstance(error, UnexpectedCharacters):
        return _bad_character(text, int(error.pos_in_stream or 0))
    history = list(getattr(error, "token_history", None) or [None])
    if error.token.type == "$END":
        return _bad_end(text)
    place = _Place(text, error.token, history[-1])
    return next(found for found in (answer(place) for answer in _TOKENS) if found is not None)


def unknown_strategy(text: str, name: str, at: int) -> RuleError:
    """The error for a bare word that is no strategy."""
    if name.lower() in WORDS:
        return _word(text, name, at)
    near = STRATEGIES.nearest(name)
    offer = f"Did you mean '{near}'? " if near else ""
    if name in FILTERS:
        offer = f"'{name}' is a filter, which follows a colon, as in face:{name}. "
    return RuleError(
        f"There is no strategy '{name}'.",
        text,
        at,
        f'{offer}For a thing described in words, use quotes: "{name}".',
    )


def unknown_filter(text: str, name: str, at: int) -> RuleError:
    """The error for a name after a colon that is no filter."""
    near = FILTERS.nearest(name)
    offer = f"Did you mean '{near}'?" if near else "`automask filters` lists them."
    if name in STRATEGIES:
        offer = f"'{name}' finds regions itself: join it with | & or -."
    return RuleError(f"There is no filter '{name}'.", text, at, offer)


def _word(text: str, word: str, at: int) -> RuleError:
    return RuleError(f"'{word}' is not an operator of rules.", text, at, WORDS[word.lower()])


# --- a character that no rule has --------------------------------------------------------------


def _bad_character(text: str, at: int) -> RuleError:
    char = text[at]
    if char in "\"'":
        return RuleError("This quote is never closed.", text, at, f"Put {char} at its end.")
    if char == "#":
        return RuleError(
            "This is not a colour.", text, at, "After # come 3, 6 or 8 hex digits, such as #f80."
        )
    if char in _QUOTES:
        return RuleError(
            f"{char} is not a quote that rules know.", text, at, 'Use straight quotes: "...".'
        )
    return RuleError(f"{char!r} cannot stand here.", text, at, _SYMBOLS.get(char, _LAST_RESORT))


# --- a rule that ends too early ----------------------------------------------------------------


def _bad_end(text: str) -> RuleError:
    at = len(text.rstrip())
    opened = _open_bracket(text)
    if opened is not None:
        what = "These arguments are" if _follows_name(text, opened) else "This bracket is"
        closing = "]" if text[opened] == "[" else ")"
        return RuleError(f"{what} never closed.", text, opened, f"Add '{closing}' at the end.")
    last = next((s for s in ("??", "..", ">=", "<=") if text[:at].endswith(s)), text[at - 1])
    if last == ":":
        return RuleError("A filter is missing after ':'.", text, at, "For example :largest.")
    if last == "@":
        return RuleError("After @ comes the name of a rule.", text, at, "Write @name.")
    return RuleError(
        f"Something is missing after '{last}'.", text, at, "Put a rule there, or drop it."
    )


# --- a token where it cannot stand -------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """Where the parser stopped: the token there, and the one before it."""

    text: str
    token: Any
    before: Any

    @property
    def at(self) -> int:
        return int(self.token.start_pos)

    @property
    def bracket(self) -> str:
        """The bracket that the token stands in: "(" of arguments, "[", or "" for neither."""
        opened = _open_bracket(self.text[: self.at])
        if opened is None or (self.text[opened] == "(" and not _follows_name(self.text, opened)):
            return ""
        return self.text[opened]

    def error(self, message: str, suggestion: str) -> RuleError:
        return RuleError(message, self.text, self.at, suggestion)


def _operator_word(place: _Place) -> RuleError | None:
    for token in (place.token, place.before):
        if token is not None and token.type == "NAME" and str(token).lower() in WORDS:
            return _word(place.text, str(token), token.start_pos)
    return None


def _after_sign(place: _Place) -> RuleError | None:
    """What follows a sign that only a name or a number may follow."""
    sign = str(place.before or "")
    if sign == ":" and place.bracket != "[":
        return place.error("The name of a filter is missing here.", "For example :largest.")
    if sign == "@":
        return place.error("After @ comes the name of a rule.", "Write @name.")
    if sign in ("..", ">", "<", ">=", "<="):
        return place.error(f"A number is missing after '{sign}'.", "For example 1%..40% or >5px.")
    return None


def _in_index(place: _Place) -> RuleError | None:
    if place.bracket != "[":
        return None
    return place.error(
        "An index is a whole number, or two with a colon.", "For example face[0] or face[1:3]."
    )


def _stray_closing(place: _Place) -> RuleError | None:
    if str(place.token) not in (")", "]") or _open_bracket(place.text[: place.at]) is not None:
        return None
    opening = "(" if str(place.token) == ")" else "["
    return place.error("This bracket was never opened.", f"Remove it, or add '{opening}'.")


def _stray_comma(place: _Place) -> RuleError | None:
    if str(place.token) != "," or place.bracket == "(":
        return None
    return place.error("A comma stands only between arguments.", "Write A | B for both of them.")


def _side_by_side(place: _Place) -> RuleError | None:
    """Two things with nothing between them."""
    begins = place.token.type in (*_VALUES, "NUMBER") or str(place.token) in "(@!~"
    begins = begins and (place.token.type != "NUMBER" or place.bracket == "(")
    if not begins or not _ends_something(place.before):
        return None
    if place.bracket == "(":
        return place.error("A comma is missing here.", 'For example color("red", tol=12%).')
    if str(place.token) == "(":
        return place.error("No arguments can stand here.", "Put | & - or : between the two.")
    return place.error(
        "An operator is missing here.",
        'Put | & - or : between the two, or quotes around a phrase: "red car".',
    )


def _stray_number(place: _Place) -> RuleError | None:
    if place.token.type not in ("NUMBER", "INT"):
        return None
    if place.bracket == "(":
        return place.error("A number cannot stand here.", "An argument is one value: grow(5px).")
    return place.error("A number cannot stand here.", "Numbers stand inside brackets: grow(5px).")


def _stray_symbol(place: _Place) -> RuleError | None:
    word = str(place.token)
    if word not in _SYMBOLS or not (place.before is None or _ends_something(place.before)):
        return None
    return place.error(f"'{word}' cannot stand here.", _SYMBOLS[word])


def _gap(place: _Place) -> RuleError:
    if place.before is None:
        return place.error(f"A rule cannot begin with '{place.token}'.", "Begin with a strategy.")
    what = "value" if place.bracket == "(" else "rule"
    return place.error(
        f"Something is missing between '{place.before}' and '{place.token}'.",
        f"Put a {what} there.",
    )


_TOKENS: tuple[Callable[[_Place], RuleError | None], ...] = (
    _operator_word,
    _after_sign,
    _in_index,
    _stray_closing,
    _stray_comma,
    _side_by_side,
    _stray_number,
    _stray_symbol,
    _gap,
)


def _ends_something(token: Any) -> bool:
    return token is not None and (
        token.type in (*_VALUES, "NUMBER", "UNIT", "INT") or token in (")", "]")
    )


# --- brackets ----------------------------------------------------------------------------------


def _symbols(text: str) -> list[tuple[int, str]]:
    """The characters of `text` outside quotes, with their places."""
    out, quote, skip = [], "", False
    for place, char in enumerate(text):
        if skip:
            skip = False
        elif quote:
            skip = char == "\\"
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            out.append((place, char))
    return out


def _open_bracket(text: str) -> int | None:
    """Where the innermost bracket stands that `text` does not close."""
    stack: list[int] = []
    for place, char in _symbols(text):
        if char in "([":
            stack.append(place)
        elif char in ")]" and stack:
            stack.pop()
    return stack[-1] if stack else None


def _follows_name(text: str, at: int) -> bool:
    before = text[:at].rstrip()[-1:]
    return text[at] == "(" and (before.isalnum() or before == "_")
