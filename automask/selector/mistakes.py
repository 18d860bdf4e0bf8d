"""Friendly words for the mistakes that people make in rules.

The parser says where it stopped and what it could have read there; this file says it in a sentence.
"""

from __future__ import annotations

from typing import Any

from automask.errors import RuleError
from automask.filters.base import FILTERS
from automask.strategies.base import STRATEGIES

WORDS = {
    "and": "Write A | B for both of them, or A & B for where they overlap.",
    "or": "Write A | B.",
    "not": "Write !A.",
    "minus": "Write A - B.",
    "except": "Write A - B, or !A for everything except A.",
    "xor": "Write A ^ B.",
}
_QUOTES = "“”„«»‘’`"
_SYMBOLS = {
    "+": "Write A | B for both of them; a region is made larger with :grow(5px).",
    ";": "Write | between rules.",
    "/": "Write ?? between a rule and the one to fall back on.",
    "*": "A region is made larger with :grow(5px).",
    ".": "Filters follow a colon: face:largest.",
    "=": "A name and = stand only inside brackets: color(\"red\", tol=12%).",
    "$": "A named rule of automask.toml is written @name.",
    "{": "Brackets of rules are round: (A | B).",
    "}": "Brackets of rules are round: (A | B).",
    "?": "The fallback is written with two: A ?? B.",
}


def explained(text: str, error: Any) -> RuleError:
    """What the parser's `error` on `text` means, and what to write instead."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF

    if isinstance(error, UnexpectedCharacters):
        return _bad_character(text, error.pos_in_stream)
    token = error.token
    if isinstance(error, UnexpectedEOF) or token.type == "$END":
        return _bad_end(text, error)
    return _bad_token(text, token, error)


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
            f"{char} is not a quote that rules know.", text, at, "Use straight quotes: \"...\"."
        )
    if char == "@":
        return RuleError("After @ comes the name of a rule.", text, at, "Write @name.")
    offer = _SYMBOLS.get(char, "`automask check RULE` shows how a rule is read.")
    return RuleError(f"{char!r} cannot stand here.", text, at, offer)


def _bad_end(text: str, error: Any) -> RuleError:
    at = len(text.rstrip())
    opened = _open_bracket(text)
    if opened is not None:
        what = "These arguments are" if _follows_name(text, opened) else "This bracket is"
        closing = "]" if text[opened] == "[" else ")"
        return RuleError(f"{what} never closed.", text, opened, f"Add '{closing}' at the end.")
    last = text.rstrip()[-1:]
    if last == ":":
        return RuleError("A filter is missing after ':'.", text, at, "For example :largest.")
    if last == "@":
        return RuleError("After @ comes the name of a rule.", text, at, "Write @name.")
    return RuleError(
        f"Something is missing after '{_last_symbol(text)}'.", text, at, "Put a rule there, or drop it."
    )


def _bad_token(text: str, token: Any, error: Any) -> RuleError:  # noqa: PLR0911, C901
    at = token.start_pos
    word = str(token)
    history = getattr(error, "token_history", None) or []
    before = history[-1] if history else None
    if token.type == "NAME" and word.lower() in WORDS:
        return _word(text, word, at)
    if before is not None and before.type == "NAME" and str(before).lower() in WORDS:
        return _word(text, str(before), before.start_pos)
    if word == ")" and _depth(text[:at]) <= 0:
        return RuleError("This bracket was never opened.", text, at, "Remove it, or add '('.")
    if word == "," and _depth(text[:at]) <= 0:
        return RuleError(
            "A comma stands only between arguments.", text, at, "Write A | B for both of them."
        )
    if token.type in ("NAME", "STRING", "COLOUR") or word in "(@":
        return _side_by_side(text, at)
    if before is not None and before.type == "COLON":
        return RuleError("The name of a filter is missing here.", text, at, "For example :largest.")
    if token.type == "NUMBER" or token.type == "INT":
        return RuleError(
            f"A number cannot stand here.", text, at, "Numbers stand inside brackets: grow(5px)."
        )
    what = _last_symbol(text[:at])
    if what:
        return RuleError(
            f"Something is missing between '{what}' and '{word}'.", text, at, "Put a rule there."
        )
    return RuleError(f"A rule cannot begin with '{word}'.", text, at, "Begin with a strategy.")


def _side_by_side(text: str, at: int) -> RuleError:
    return RuleError(
        "An operator is missing here.",
        text,
        at,
        'Put | & - or : between the two, or quotes around a phrase: "red car".',
    )


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
    stack: list[int] = []
    for place, char in _symbols(text):
        if char in "([":
            stack.append(place)
        elif char in ")]" and stack:
            stack.pop()
    return stack[-1] if stack else None


def _depth(text: str) -> int:
    return sum({"(": 1, ")": -1}.get(char, 0) for _, char in _symbols(text))


def _follows_name(text: str, at: int) -> bool:
    before = text[:at].rstrip()[-1:]
    return text[at] == "(" and (before.isalnum() or before == "_")


def _last_symbol(text: str) -> str:
    stripped = text.rstrip()
    for symbol in ("??", "..", ">=", "<="):
        if stripped.endswith(symbol):
            return symbol
    return stripped[-1:]
