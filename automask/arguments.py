"""The arguments of strategies, filters and providers: the fields of a frozen dataclass.

A field's annotation says what a rule may write there. Plain ``str``, ``int``, ``float``, ``bool``
and ``Literal[...]`` work by themselves; the names in `automask.kinds` (`Length`, `Share`,
`AreaRange` ...) carry a `Kind`, which reads a value, prints it again and describes it in help.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from automask.errors import ArgumentError
from automask.kinds import PLAIN, RULE, Kind, choice

T = TypeVar("T")


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
            "str, int, float, bool, Literal[...] or one of those in automask.kinds."
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
        return choice(get_args(hint))
    return PLAIN[hint]


def check_class(cls: type, base: type) -> None:
    """Nothing, if rules and settings can make instances of `cls`, a kind of `base`.

    Raises
    ------
    TypeError
        If they cannot: a mistake in the code of `cls`.
    """
    name = cls.__qualname__
    if not issubclass(cls, base):
        raise TypeError(f"{name} does not derive from {base.__name__}.")
    fields: Mapping[str, Any] = getattr(cls, "__dataclass_fields__", {})
    if cls.__hash__ is None or not fields.keys() >= cls.__annotations__.keys():
        raise TypeError(f"{name} is no frozen dataclass; write @dataclass(frozen=True) above it.")
    if missing := sorted(getattr(cls, "__abstractmethods__", ())):
        raise TypeError(f"{name} does not define {', '.join(missing)}.")
    parameters(cls)


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
    """How `name` is written, with its defaults: ``color(name, tol=12%)``.

    What has no default and has to be named is ``score=...``.
    """
    parts = []
    for p in parameters(cls):
        usual = "..." * p.named_only if p.default is None else p.kind.show(p.default)
        shown = f"{p.name}={usual}" if usual else p.name
        parts.append(f"{p.name}, ..." if p.variadic else p.name if p.required else shown)
    return f"{name}({', '.join(parts)})" if parts else name
