"""One RGB point for a colour as a rule writes it: hex digits or a CSS name."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from automask.colours.names import BASIC, is_basic
from automask.errors import ArgumentError
from automask.values import Colour, quote


def rgb_of(colour: Colour) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of hex digits or of a CSS name (CSS Color Module Level 4).

    Raises
    ------
    ArgumentError
        If the word is not a CSS name, or the hex digits ask for an opacity.

    Examples
    --------
    >>> rgb_of(Colour("#ff8800")), rgb_of(Colour("dark orange"))
    ((255, 136, 0), (255, 140, 0))
    """
    check(colour)
    from PIL import ImageColor

    red, green, blue, *_ = ImageColor.getrgb(colour.text)
    return red, green, blue


def check(colour: Colour) -> None:
    """Raise `ArgumentError` if `colour` is not one that pixels can have."""
    if colour.is_hex:
        _check_opaque(colour.text)
    elif not is_word(colour):
        raise ArgumentError(f"{colour} is not a colour that is known; {_offer(colour.text)}")


def is_word(colour: Colour) -> bool:
    """Whether `colour` is written as a word that is known."""
    return is_basic(colour) or colour.text in _css()


def _check_opaque(digits: str) -> None:
    if len(digits) == 9 and not digits.endswith("ff"):
        raise ArgumentError(
            f"{digits} asks for an opacity, which is not part of a colour; write {digits[:7]}, and "
            "& alpha(opacity=..50%) for what is see-through."
        )


def _offer(word: str) -> str:
    close = difflib.get_close_matches(word, known(), 3, 0.7)
    if close:
        return f"did you mean {' or '.join(map(quote, dict.fromkeys(close)))}?"
    return f"write {', '.join(BASIC)}, another CSS name, or hex digits such as #ff8800."


def known() -> tuple[str, ...]:
    """The words for colours: the basic ones first, then the CSS names."""
    return tuple(dict.fromkeys((*BASIC, *_css())))


def _css() -> Collection[str]:
    from PIL import ImageColor  # takes its time, which a basic word need not wait for

    return ImageColor.colormap.keys()
