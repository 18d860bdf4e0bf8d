"""A rule for a picture that was made smaller: every pixel in it counted accordingly."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from automask.arguments import Parameter, parameters
from automask.errors import ArgumentError
from automask.selector.syntax import Apply, Find, Item, Rule, Slice, walk
from automask.values import Quantity, Range

T = TypeVar("T")


def reduced(tree: Rule, scale: int) -> Rule:
    """The rule that means on a picture `scale` times smaller on each side what `tree` means.

    Lengths in pixels become as many times smaller, areas by the square of it; shares stay.

    >>> from automask.selector.parse import parse
    >>> str(reduced(parse('color("red"):area(>400px):grow(8px)'), 2))
    'color("red"):area(>100px):grow(4px)'

    Raises
    ------
    ArgumentError
        If it would mean something else; the text says what is in the way.
    """
    for part in walk(tree):
        if isinstance(part, (Item, Slice)):
            raise ArgumentError("an index counts regions, and small ones may be gone.")
        if isinstance(part, Find) and not part.strategy.reducible:
            raise ArgumentError(f"{part.strategy.name} needs the whole picture.")
        if isinstance(part, Apply) and (why := part.step.irreducible()):
            raise ArgumentError(why)
    made: Rule = _reduced(tree, scale)
    return made


def _reduced(part: Any, scale: int) -> Any:
    if isinstance(part, tuple):
        return tuple(_reduced(one, scale) for one in part)
    if isinstance(part, Find):
        return Find(_rescaled(part.strategy, scale))
    if isinstance(part, Apply):
        return Apply(_reduced(part.source, scale), _rescaled(part.step, scale))
    if isinstance(part, Rule):
        inner = {field.name: _reduced(getattr(part, field.name), scale) for field in fields(part)}  # type: ignore[arg-type]
        return replace(part, **inner)  # type: ignore[type-var]
    return part


def _rescaled(step: T, scale: int) -> T:
    """A strategy or filter with its lengths, areas and rules for the smaller picture."""
    news = {}
    for parameter in parameters(type(step)):
        value = getattr(step, parameter.name)
        if parameter.takes_rule:
            news[parameter.name] = _reduced(value, scale)
        elif parameter.kind.dimension and value is not None:
            each = value if isinstance(value, tuple) else (value,)
            made = tuple(_smaller(one, parameter, scale) for one in each)
            news[parameter.name] = made if isinstance(value, tuple) else made[0]
    return replace(step, **news) if news else step  # type: ignore[type-var]


def _smaller(value: Quantity | Range, parameter: Parameter, scale: int) -> Quantity | Range:
    if value.unit != "px":
        return value
    factor = 1 / scale**parameter.kind.dimension
    ends = [value.value] if isinstance(value, Quantity) else [value.lo, value.hi]
    if any(end and abs(end) * factor < 1 for end in ends):
        raise ArgumentError(f"{value} is less than a pixel at 1/{scale}.")
    if isinstance(value, Quantity):
        return replace(value, value=value.value * factor)
    return replace(value.scaled(factor), unit=value.unit)
