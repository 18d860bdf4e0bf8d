"""The kinds of arguments: what may be written between the brackets, how it is read and printed.

An annotation of a field names one: `Length`, `Share`, `AreaRange` ... at the end of this file. A
plugin may make kinds of its own.
"""

from __future__ import annotations

import dataclasses
import difflib
import operator
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Annotated, Any

from automask.values import Colour, Quantity, Range, format_number, quote


@dataclass(frozen=True)
class Word:
    """A bare name between the brackets of a rule, such as ``left`` in ``at(left)``."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Kind:
    """What may be written for an argument.

    Parameters
    ----------
    what : str
        The noun phrase of error messages: "a length such as 10px or 5%".
    read : callable
        Takes what the rule or the Python caller wrote (`Quantity`, `Range`, `Colour`, `Word`, str,
        int, float, bool) and gives back the field's value; raises ValueError when it does not fit.
    show : callable
        Takes the field's value and gives back the text of a rule.
    options : tuple of str
        The words there are to choose from, where it is a choice.
    dimension : int
        How its pixels grow with a picture: 1 for lengths, 2 for areas, 0 for what has none.
    """

    what: str
    read: Callable[[Any], Any]
    show: Callable[[Any], str] = str
    options: tuple[str, ...] = ()
    dimension: int = 0


def _quantity(default_unit: str, units: tuple[str, ...], least: float | None = None) -> Any:
    def take(value: Any) -> Quantity:
        quantity = _any_quantity(value)
        unit = quantity.unit or default_unit
        if unit not in units:
            raise ValueError
        if least is not None and quantity.value < least:
            raise ValueError(f"{format_number(least)} or more")
        return Quantity(quantity.value, unit)

    return take


def _any_quantity(value: Any) -> Quantity:
    """What a rule or a Python caller wrote for a number, with its unit if it has one."""
    if isinstance(value, Quantity):
        return value
    if isinstance(value, str):
        return Quantity.parse(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ValueError  # noqa: TRY004  (the caller words it)
    return Quantity(float(value))


def _number(value: Any) -> float:
    number = _quantity("", ("",))(value).value
    return float(number)


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _share(value: Any) -> float:
    quantity = _quantity("", ("", "%"))(value)
    share: float = quantity.value / 100 if quantity.unit == "%" else quantity.value
    if not 0 <= share <= 1:
        raise ValueError("0% to 100%, or 0 to 1")
    return share


def _show_share(value: float) -> str:
    percent = float(format(value * 100, ".12g"))  # 0.07 * 100 is 7.000000000000001
    return f"{format_number(percent)}%" if percent / 100 == value else format_number(value)


def _range(default_unit: str, units: tuple[str, ...]) -> Any:
    def take(value: Any) -> Range:
        found = _any_range(value)
        unit = found.unit or default_unit
        if unit not in units:
            raise ValueError
        placed = dataclasses.replace(found, unit=unit)
        return placed if unit == "deg" else placed.forwards()

    return take


def _any_range(value: Any) -> Range:
    """What a rule or a Python caller wrote for a range: also one number, or (lo, hi)."""
    if isinstance(value, Range):
        return value
    if isinstance(value, str):
        return Range.parse(value)
    if isinstance(value, (tuple, list)):
        lo, hi = value if len(value) == 2 else (None, None)
        return Range.between(*(None if e is None else _any_quantity(e) for e in (lo, hi)))
    number = _any_quantity(value)
    return Range.between(number, number)


def _share_range(value: Any) -> Range:
    found = _any_range(value)
    shares = [e for e in (found.lo, found.hi) if e is not None and 0 < e < 1]
    if shares and not found.unit:  # 0.3 may be meant as 30 %, or as 0.3 %
        percents = dataclasses.replace(found.scaled(100), unit="%")
        raise ValueError(f"percents, such as {percents}")
    checked: Range = _range("%", ("%",))(found)
    return checked


def _text(value: Any) -> str:
    if isinstance(value, (str, Word)):
        return str(value)
    raise ValueError


def _truth(value: Any) -> bool:
    words = {"true": True, "yes": True, "false": False, "no": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, (Word, str)) and str(value).lower() in words:
        return words[str(value).lower()]
    raise ValueError


def _colour(value: Any) -> Colour:
    if isinstance(value, Colour):
        return value
    if isinstance(value, (tuple, list)):
        return Colour("#" + "".join(f"{_channel(channel):02x}" for channel in value))
    return Colour(_text(value))


def _channel(value: Any) -> int:
    try:
        channel = operator.index(value)
    except TypeError:
        channel = -1
    if not 0 <= channel <= 255:
        raise ValueError("red, green and blue as whole numbers from 0 to 255")
    return channel


def choice(options: tuple[str, ...]) -> Kind:
    """The kind of one word of `options`."""
    what = "one of " + ", ".join(options)

    def take(value: Any) -> str:
        text = _text(value)
        if text in options:
            return text
        close = difflib.get_close_matches(text, options, 1)
        raise ValueError(f"{what}; did you mean {close[0]!r}?" if close else what)

    return Kind(what, take, options=options)


def _any_rule(value: Any) -> Any:
    """Pass a rule through; the selector, which knows rules, has read it already."""
    return value


def _show_range_end(value: Range) -> str:
    if value.lo is not None and value.lo == value.hi:
        return str(Quantity(value.lo, value.unit))
    return str(value)


RULE = Kind('a rule such as face or color("red")', _any_rule)
TEXT = Kind('a text in quotes, such as "dog"', _text, quote)

Length = Annotated[
    Quantity,
    Kind("a length such as 10px or 5%", _quantity("px", ("px", "%"), least=0), dimension=1),
]
SignedLength = Annotated[
    Quantity, Kind("a length such as 10px, -10px or 5%", _quantity("px", ("px", "%")), dimension=1)
]
Angle = Annotated[Quantity, Kind("an angle such as 45deg", _quantity("deg", ("deg",)))]
Share = Annotated[float, Kind("a share such as 12% or 0.12", _share, _show_share)]
Count = Annotated[int, Kind("a whole number", _whole)]
Area = Annotated[
    Quantity,
    Kind("an area such as 500px or 1%", _quantity("px", ("px", "%"), least=0), dimension=2),
]
NumberRange = Annotated[
    Range, Kind("a range such as 0.5..2 or >0.6", _range("", ("",)), _show_range_end)
]
RatioRange = Annotated[
    Range, Kind("a range such as >0.6 or 60%..80%", _range("", ("", "%")), _show_range_end)
]
LengthRange = Annotated[
    Range,
    Kind(
        "a range such as 10px..80px or >5%", _range("px", ("px", "%")), _show_range_end, dimension=1
    ),
]
AreaRange = Annotated[
    Range,
    Kind(
        "a range such as 1%..40% or >500px", _range("px", ("px", "%")), _show_range_end, dimension=2
    ),
]
ShareRange = Annotated[
    Range, Kind("a range such as 20%..80% or >50%", _share_range, _show_range_end)
]
AngleRange = Annotated[
    Range, Kind("a range such as 340deg..20deg", _range("deg", ("deg",)), _show_range_end)
]
ColourName = Annotated[Colour, Kind('a colour such as "red" or #ff8800', _colour)]
Operand = Annotated[Any, RULE]

PLAIN: dict[Any, Kind] = {
    str: TEXT,
    int: Kind("a whole number", _whole),
    float: Kind("a number", _number, format_number),
    bool: Kind("true or false", _truth, lambda value: "true" if value else "false"),
}
