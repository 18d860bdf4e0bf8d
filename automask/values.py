"""The values that stand between the brackets of a rule: quantities, ranges, colours."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from automask.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNITS = ("px", "%", "deg")
MOST = 1e9  # far beyond any image, and well inside what fixed point arithmetic holds
_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*(px|%|deg)?\s*")
_BETWEEN = re.compile(rf"\s*({_NUMBER}\s*(?:px|%|deg)?)?\s*\.\.\s*({_NUMBER}\s*(?:px|%|deg)?)?\s*")
_BOUND = re.compile(rf"\s*(>=|<=|>|<)\s*({_NUMBER}\s*(?:px|%|deg)?)\s*")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")


def format_number(value: float) -> str:
    """`value` in the shortest digits that read back to the same number, without an exponent.

    >>> format_number(5.0), format_number(0.083), format_number(1e-7)
    ('5', '0.083', '0.0000001')
    """
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    shortest = repr(float(value))
    return format(Decimal(shortest), "f") if "e" in shortest else shortest


def _check(value: float, unit: str) -> None:
    if not math.isfinite(value):
        raise ArgumentError(f"{value} is not a finite number; write one like 12.5.")
    if unit not in ("", *UNITS):
        raise ArgumentError(f"Unknown unit {unit!r}; the units are {', '.join(UNITS)}.")


@dataclass(frozen=True)
class Quantity:
    """A number with its unit: "px", "%", "deg", or "" for a bare number.

    >>> str(Quantity(5, "%")), Quantity(5, "%").of(200), Quantity(8, "px").of(200)
    ('5%', 10.0, 8.0)
    """

    value: float
    unit: str = ""

    def __post_init__(self) -> None:
        _check(self.value, self.unit)
        if abs(self.value) > MOST:
            raise ArgumentError(f"{self.value:g} is out of reach; write a number up to {MOST:g}.")

    def __str__(self) -> str:
        return format_number(self.value) + self.unit

    def of(self, whole: float) -> float:
        """The quantity in pixels: a share of `whole` for "%", itself otherwise."""
        return self.value * whole / 100 if self.unit == "%" else float(self.value)

    @classmethod
    def parse(cls, text: str) -> Quantity:
        """The quantity that `text` writes, such as ``"5%"``.

        Raises
        ------
        ArgumentError
            If `text` is not a number with one of the units.
        """
        match = _QUANTITY.fullmatch(text)
        if not match:
            raise ArgumentError(f"{text!r} is not a number with a unit, such as 12px or 5%.")
        return cls(float(match[1]), match[2] or "")


@dataclass(frozen=True)
class Range:
    """A range of numbers in one unit; both ends belong to it unless they are open.

    >>> str(Range(1, 40, "%")), str(Range(None, 5)), str(Range(0.6, None, lo_open=True))
    ('1%..40%', '..5', '>0.6')
    """

    lo: float | None = None
    hi: float | None = None
    unit: str = ""
    lo_open: bool = False
    hi_open: bool = False

    def __post_init__(self) -> None:
        ends = [end for end in (self.lo, self.hi) if end is not None]
        if not ends:
            raise ArgumentError("A range needs at least one end, such as 1%..40% or >5px.")
        if (self.lo_open or self.hi_open) and len(ends) > 1:
            raise ArgumentError("A range with two ends includes both; write 1%..40%, or >1%.")
        for end in ends:
            _check(end, self.unit)

    @property
    def runs_backwards(self) -> bool:
        """Whether the first end is the larger one, which only angles may be: 340deg..20deg."""
        return self.lo is not None and self.hi is not None and self.lo > self.hi

    def __str__(self) -> str:
        if self.lo_open and self.lo is not None:
            return f">{format_number(self.lo)}{self.unit}"
        if self.hi_open and self.hi is not None:
            return f"<{format_number(self.hi)}{self.unit}"
        ends = ["" if e is None else format_number(e) + self.unit for e in (self.lo, self.hi)]
        return "..".join(ends)

    def scaled(self, factor: float) -> Range:
        """The same range with its ends multiplied by `factor`, as bare numbers."""
        lo = None if self.lo is None else self.lo * factor
        hi = None if self.hi is None else self.hi * factor
        return Range(lo, hi, "", self.lo_open, self.hi_open)

    def of(self, whole: float) -> Range:
        """The range in pixels: shares of `whole` for "%", itself otherwise."""
        return self.scaled(whole / 100) if self.unit == "%" else self.scaled(1)

    def holds(self, value: float) -> bool:
        """Whether `value`, in the range's own unit, lies in the range."""
        return bool(self.holds_each(value))

    def holds_each(self, values: NDArray[Any] | float) -> NDArray[Any] | bool:
        """Whether each of `values` lies in the range; a backward range wraps around."""
        above, below = self._above(values), self._below(values)
        held: NDArray[Any] | bool = above | below if self.runs_backwards else above & below
        return held

    def _above(self, values: NDArray[Any] | float) -> Any:
        if self.lo is None:
            return values == values  # noqa: PLR0124  (True of the same shape)
        return values > self.lo if self.lo_open else values >= self.lo

    def _below(self, values: NDArray[Any] | float) -> Any:
        if self.hi is None:
            return values == values  # noqa: PLR0124
        return values < self.hi if self.hi_open else values <= self.hi

    @classmethod
    def between(cls, lo: Quantity | None, hi: Quantity | None) -> Range:
        """The range from `lo` to `hi`, None for an open side.

        Raises
        ------
        ArgumentError
            If there is no end at all, the units differ, or the range runs backwards (only
            degrees may, since they wrap; a bare number may turn out to be one).
        """
        unit = (lo.unit if lo else "") or (hi.unit if hi else "")
        if lo and hi and lo.unit != hi.unit:
            same = f"{format_number(lo.value)}{unit}..{format_number(hi.value)}{unit}"
            raise ArgumentError(
                f"The range {lo}..{hi} mixes units; give both ends the same one, such as {same}."
            )
        made = cls(lo.value if lo else None, hi.value if hi else None, unit)
        return made if unit in ("", "deg") else made.forwards()

    def forwards(self) -> Range:
        """The range itself.

        Raises
        ------
        ArgumentError
            If it runs backwards.
        """
        if self.runs_backwards:
            turned = Range(self.hi, self.lo, self.unit)
            raise ArgumentError(f"The range {self} runs backwards; write {turned}.")
        return self

    @classmethod
    def parse(cls, text: str) -> Range:
        """The range that `text` writes: ``"1%..40%"``, ``">5px"``; a lone number is both ends.

        Raises
        ------
        ArgumentError
            If `text` is not a range.
        """
        if match := _BOUND.fullmatch(text):
            return cls.bounded(match[1], Quantity.parse(match[2]))
        if match := _BETWEEN.fullmatch(text):
            lo, hi = (Quantity.parse(end) if end else None for end in match.groups())
            return cls.between(lo, hi)
        if _QUANTITY.fullmatch(text):
            return cls.between(Quantity.parse(text), Quantity.parse(text))
        raise ArgumentError(f"{text!r} is not a range, such as 1%..40% or >5px.")

    @classmethod
    def bounded(cls, sign: str, end: Quantity) -> Range:
        """The range on one side of `end`; `sign` is one of ``> >= < <=``."""
        if sign.startswith(">"):
            return cls(end.value, None, end.unit, lo_open=sign == ">")
        return cls(None, end.value, end.unit, hi_open=sign == "<")


@dataclass(frozen=True)
class Colour:
    """A colour as a rule writes it: a word (basic or CSS) or ``#rgb``, ``#rrggbb``, ``#rrggbbaa``.

    Whether a word is known is for the strategy that uses it to say.

    >>> Colour("#F80").text, Colour("#ff8800").is_hex, Colour(" Dark Red ").text
    ('#ff8800', True, 'darkred')
    """

    text: str

    def __post_init__(self) -> None:
        text = re.sub(r"[\s_-]+", "", self.text).lower()
        if text.startswith("#"):
            if not _HEX.fullmatch(text):
                raise ArgumentError(
                    f"{self.text} is not a colour: after # come 3, 6 or 8 hex digits, "
                    "such as #f80 or #ff8800."
                )
            text = "#" + "".join(2 * c for c in text[1:]) if len(text) == 4 else text
        object.__setattr__(self, "text", text)

    @property
    def is_hex(self) -> bool:
        """Whether the colour is written as hex digits."""
        return self.text.startswith("#")

    def __str__(self) -> str:
        return self.text if self.is_hex else quote(self.text)


def quote(text: str) -> str:
    r"""`text` as a string of the rule language.

    >>> print(quote('a "red" car'))
    "a \"red\" car"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r") + '"'
