"""Texts as a terminal shows them: nothing in them moves its cursor, and their width is known."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    r"""`text` with a blank for each character that would move or colour a terminal's cursor.

    >>> printable("two\nlines")
    'two lines'
    """
    return "".join(c if c.isprintable() else " " for c in text)


def escaped(text: str) -> str:
    r"""`text` on one printable line, such characters written as Python writes them.

    >>> print(escaped("two\nlines.png"))
    two\nlines.png
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal (wide East Asian characters take two).

    >>> width("abc"), width("寿司")
    (3, 4)
    """
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):  # drawn over another, or not at all
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
