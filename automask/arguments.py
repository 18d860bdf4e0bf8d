"""The arguments of strategies, filters and providers: the fields of a frozen dataclass.

A field's annotation says what a rule may write there. Plain ``str``, ``int``, ``float``, ``bool``
and ``Literal[...]`` work by themselves; the names at the end of this file (`Length`, `Share`,
`AreaRange` ...) carry a `Kind`, which reads a value, prints it again and describes it in help.
A plugin may make kinds of its own.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import operator
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from automask.errors import ArgumentError
from automask.values import Colour, Quantity, Range, format_number, quote

T = TypeVar("T")


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
    """

    what: str
    read: Callable[[Any], Any]
    show: Callable[[Any], str] = str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One argument of a strategy or filter, as its dataclass field declares it."""

    name: str
    kind: Kind
    default: Any
    required: bool
    variadic: bool = False
    named_only: bool = False

    @property
    def takes_rule(self) -> bool:
        """Whether the argument is itself a rule, such as R in ``inside(R)``."""
        return self.kind is RULE


def parameters(cls: type) -> tuple[Parameter, ...]:
    """The arguments of `cls`, a dataclass, in the order of its fields.

    Raises
    ------
    TypeError
        If an annotation is not one that rules can write: a mistake in the code of `cls`.
    """
    return _parameters(cls)


@functools.cache
def _parameters(cls: Any) -> tuple[Parameter, ...]:
    hints = get_type_hints(cls, include_extras=True)
    fields = [field for field in dataclasses.fields(cls) if field.init]
    try:
        return tuple(_parameter(field, hints[field.name]) for field in fields)
    except (KeyError, StopIteration) as error:
        raise TypeError(
            f"{cls.__qualname__} has a field that rules cannot write ({error}); annotate it with "
            "str, int, float, bool, Literal[...] or one of the kinds in automask.arguments."
        ) from None


def _parameter(field: dataclasses.Field[Any], hint: Any) -> Parameter:
    variadic = get_origin(hint) is tuple
    kind = _kind_of(get_args(hint)[0] if variadic else hint)
    default: Any = field.default
    required = default is dataclasses.MISSING
    if field.default_factory is not dataclasses.MISSING:
        default, required = field.default_factory(), False
    if required:
        default = None
    return Parameter(field.name, kind, default, required, variadic, bool(field.kw_only))


def _kind_of(hint: Any) -> Kind:
    origin = get_origin(hint)
    if origin is Annotated:
        return next(m for m in hint.__metadata__ if isinstance(m, Kind))
    if origin in (Union, types.UnionType):
        return _kind_of(next(a for a in get_args(hint) if a is not type(None)))
    if origin is Literal:
        return _choice(get_args(hint))
    return _PLAIN[hint]


def bind(cls: Callable[..., T], name: str, args: Sequence[Any], named: Mapping[str, Any]) -> T:
    """An instance of the dataclass `cls` from the arguments written after `name`.

    Raises
    ------
    ArgumentError
        If an argument is missing, unknown, given twice or does not fit; the message names it and
        what was expected.
    """
    values: dict[str, Any] = {}
    for parameter, value in _paired(cls, name, args, named):
        if parameter.variadic:
            values.setdefault(parameter.name, []).append(read(parameter, name, value))
        elif parameter.name in values:
            raise ArgumentError(f"{name}() got {parameter.name} twice; give it once.")
        else:
            values[parameter.name] = read(parameter, name, value)
    for parameter in _parameters(cls):
        if parameter.required and parameter.variadic:
            values.setdefault(parameter.name, [])
        elif parameter.required and parameter.name not in values:
            raise ArgumentError(f"{name}() needs {parameter.name}: {parameter.kind.what}.")
    return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def _paired(
    cls: Any, name: str, args: Sequence[Any], named: Mapping[str, Any]
) -> list[tuple[Parameter, Any]]:
    return [(positional(cls, name, i), value) for i, value in enumerate(args)] + [
        (by_name(cls, name, key), value) for key, value in named.items()
    ]


def positional(cls: type, name: str, index: int) -> Parameter:
    """The parameter that the positional argument number `index` (from 0) fills."""
    places = [p for p in parameters(cls) if not p.named_only]
    for place, parameter in enumerate(places[: index + 1]):
        if place == index or parameter.variadic:
            return parameter
    if not parameters(cls):
        raise ArgumentError(f"{name} takes no arguments; write it without brackets.")
    raise ArgumentError(f"Too many arguments; write {signature(cls, name)}.")


def by_name(cls: type, name: str, key: str) -> Parameter:
    """The parameter of `cls` called `key`."""
    known = {p.name: p for p in parameters(cls) if not p.variadic}
    if key in known:
        return known[key]
    if not known:
        raise ArgumentError(f"{name} has no argument {key!r}; write {signature(cls, name)}.")
    hint = difflib.get_close_matches(key, known, 1)
    offer = f"did you mean {hint[0]!r}?" if hint else f"write {signature(cls, name)}."
    raise ArgumentError(f"{name}() has no argument {key!r}; {offer}")


def read(parameter: Parameter, name: str, value: Any) -> Any:
    """`value` as the field `parameter` holds it."""
    if value is None and not parameter.required:
        return None
    try:
        return parameter.kind.read(value)
    except ArgumentError as error:
        raise ArgumentError(f"{name}({parameter.name}): {error}") from None
    except ValueError as error:
        shown = f"{value!r}" if isinstance(value, str) else f"{value}"
        wanted = str(error) or parameter.kind.what
        end = "" if wanted.endswith("?") else "."
        raise ArgumentError(
            f"{name}({parameter.name}) cannot be {shown}; it takes {wanted}{end}"
        ) from None


def written(instance: Any) -> str:
    """The arguments of `instance` as a rule writes them, defaults left out.

    Arguments that are always needed stand first and without a name, the others are named.
    """
    places, named = [], []
    every = parameters(type(instance))
    # What stands before a list of any length cannot be left out, and names come last.
    in_place = any(p.variadic for p in every)
    for p in every:
        value = getattr(instance, p.name)
        if p.variadic:
            places += [p.kind.show(v) for v in value]
            in_place = False
        elif (p.required or in_place) and not p.named_only:
            places.append(p.kind.show(value))
        elif value != p.default:
            named.append(f"{p.name}={p.kind.show(value)}")
    return ", ".join(places + named)


def signature(cls: type, name: str) -> str:
    """How `name` is written, with its defaults: ``color(name, tol=...)``."""
    parts = []
    for p in parameters(cls):
        shown = p.name + ("" if p.default is None else f"={p.kind.show(p.default)}")
        parts.append(f"{p.name}, ..." if p.variadic else p.name if p.required else shown)
    return f"{name}({', '.join(parts)})" if parts else name


# --- kinds -------------------------------------------------------------------------------------


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


def _choice(options: tuple[str, ...]) -> Kind:
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
    Quantity, Kind("a length such as 10px or 5%", _quantity("px", ("px", "%"), least=0))
]
SignedLength = Annotated[
    Quantity, Kind("a length such as 10px, -10px or 5%", _quantity("px", ("px", "%")))
]
Angle = Annotated[Quantity, Kind("an angle such as 45deg", _quantity("deg", ("deg",)))]
Share = Annotated[float, Kind("a share such as 12% or 0.12", _share, _show_share)]
Count = Annotated[int, Kind("a whole number", _whole)]
Area = Annotated[
    Quantity, Kind("an area such as 500px or 1%", _quantity("px", ("px", "%"), least=0))
]
NumberRange = Annotated[
    Range, Kind("a range such as 0.5..2 or >0.6", _range("", ("",)), _show_range_end)
]
RatioRange = Annotated[
    Range, Kind("a range such as >0.6 or 60%..80%", _range("", ("", "%")), _show_range_end)
]
LengthRange = Annotated[
    Range, Kind("a range such as 10px..80px or >5%", _range("px", ("px", "%")), _show_range_end)
]
AreaRange = Annotated[
    Range, Kind("a range such as 1%..40% or >500px", _range("px", ("px", "%")), _show_range_end)
]
ShareRange = Annotated[
    Range, Kind("a range such as 20%..80% or >50%", _share_range, _show_range_end)
]
AngleRange = Annotated[
    Range, Kind("a range such as 340deg..20deg", _range("deg", ("deg",)), _show_range_end)
]
ColourName = Annotated[Colour, Kind('a colour such as "red" or #ff8800', _colour)]
Operand = Annotated[Any, RULE]

_PLAIN: dict[Any, Kind] = {
    str: TEXT,
    int: Kind("a whole number", _whole),
    float: Kind("a number", _number, format_number),
    bool: Kind("true or false", _truth, lambda value: "true" if value else "false"),
}
