"""The tree of a rule, its printed form, and its operators in Python.

Rules are immutable values: two rules are equal when they mean the same by the same steps, and
``parse(str(rule)) == rule``. The operators are those of the text: ``|  &  -  ^  ~``, ``[i]`` and
``[i:j]``; every filter is a method; ``??`` is `Rule.otherwise`.
"""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from automask.arguments import Parameter, bind, by_name, parameters, positional, written
from automask.errors import ArgumentError, RuleError
from automask.filters.base import FILTERS, Filter
from automask.lazy import cached_property
from automask.strategies.base import Strategy

# From the loosest to the tightest; a part of lower rank needs brackets.
RANK = {"??": 0, "|": 1, "^": 2, "&": 3, "-": 4}
UNARY, CHAIN = 5, 6
MAX_DEPTH = 100  # evaluation takes a few stack frames a level; Python has a thousand


class Rule:
    """A rule: which regions of an image to select."""

    rank: ClassVar[int] = CHAIN

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The rules that this one is made of, its own arguments included."""
        return ()

    @cached_property
    def depth(self) -> int:
        """How many rules are nested in this one, itself included."""
        return 1 + max((part.depth for part in self.parts), default=0)

    def __post_init__(self) -> None:
        if self.depth > MAX_DEPTH:
            raise RuleError(
                f"The rule is nested more than {MAX_DEPTH} deep; "
                "give its inner parts names in automask.toml, or write it flatter."
            )

    def __repr__(self) -> str:
        return f"<rule {self}>"

    def __or__(self, other: Rule | str) -> Rule:
        return combine("|", self, other)

    def __ror__(self, other: str) -> Rule:
        return combine("|", other, self)

    def __and__(self, other: Rule | str) -> Rule:
        return combine("&", self, other)

    def __rand__(self, other: str) -> Rule:
        return combine("&", other, self)

    def __sub__(self, other: Rule | str) -> Rule:
        return combine("-", self, other)

    def __rsub__(self, other: str) -> Rule:
        return combine("-", other, self)

    def __xor__(self, other: Rule | str) -> Rule:
        return combine("^", self, other)

    def __rxor__(self, other: str) -> Rule:
        return combine("^", other, self)

    def __invert__(self) -> Rule:
        return Outside(self)

    def otherwise(self, other: Rule | str) -> Rule:
        """The rule, or `other` where it selects nothing: ``??`` in text."""
        return combine("??", self, other)

    def __getitem__(self, index: int | slice) -> Rule:
        if not isinstance(index, slice):
            return Item(self, int(operators.index(index)))
        if index.step is not None:
            raise RuleError(f"A rule takes no step in [{index.start}:{index.stop}:{index.step}].")
        start, stop = (e if e is None else operators.index(e) for e in (index.start, index.stop))
        return Slice(self, start, stop)

    __iter__ = None  # a rule has no length before it meets an image

    def __bool__(self) -> bool:
        raise TypeError("a rule is neither true nor false; join rules with |, &, - and ~")

    def __getattr__(self, name: str) -> Callable[..., Rule]:
        if name.startswith("_") or name not in FILTERS:
            hint = None if name.startswith("_") else FILTERS.nearest(name)
            offer = f"; did you mean {hint!r}?" if hint else ""
            raise AttributeError(f"there is no filter {name!r}{offer}")

        def method(*args: Any, **named: Any) -> Rule:
            return Apply(self, bound(FILTERS[name], name, args, named))

        method.__doc__ = FILTERS[name].__doc__
        return method

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *FILTERS]


@dataclass(frozen=True, repr=False)
class Find(Rule):
    """What a strategy finds."""

    strategy: Strategy

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The rules among the strategy's arguments."""
        return _rules_in(self.strategy)

    def __str__(self) -> str:
        return _called(self.strategy)


@dataclass(frozen=True, repr=False)
class Named(Rule):
    """A rule that settings give a name: ``@logo``."""

    name: str

    def __str__(self) -> str:
        return f"@{self.name}"


@dataclass(frozen=True, repr=False)
class Apply(Rule):
    """The regions of another rule, passed through a filter."""

    source: Rule
    step: Filter

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The filtered rule, then the rules among the filter's arguments."""
        return (self.source, *_rules_in(self.step))

    def __str__(self) -> str:
        return f"{_inside(self.source, CHAIN)}:{_called(self.step)}"


@dataclass(frozen=True, repr=False)
class Item(Rule):
    """One region of another rule, by its index; a negative one counts from the end."""

    source: Rule
    index: int

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The indexed rule."""
        return (self.source,)

    def __str__(self) -> str:
        return f"{_inside(self.source, CHAIN)}[{self.index}]"


@dataclass(frozen=True, repr=False)
class Slice(Rule):
    """Some regions of another rule, as Python slices a list."""

    source: Rule
    start: int | None = None
    stop: int | None = None

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The sliced rule."""
        return (self.source,)

    def __str__(self) -> str:
        ends = ["" if e is None else str(e) for e in (self.start, self.stop)]
        return f"{_inside(self.source, CHAIN)}[{':'.join(ends)}]"


@dataclass(frozen=True, repr=False)
class Outside(Rule):
    """Everything that another rule does not select: ``!A``."""

    operand: Rule
    rank: ClassVar[int] = UNARY

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The rule whose outside this is."""
        return (self.operand,)

    def __str__(self) -> str:
        return f"!{_inside(self.operand, UNARY)}"


@dataclass(frozen=True, repr=False)
class Combine(Rule):
    """Two or more rules with one operator between them, read from the left.

    A first operand of the same operator is continued: ``(A - B) - C`` is ``A - B - C``.
    """

    operator: str
    operands: tuple[Rule, ...]

    def __post_init__(self) -> None:
        first = self.operands[0]
        if isinstance(first, Combine) and first.operator == self.operator:
            object.__setattr__(self, "operands", first.operands + self.operands[1:])
        super().__post_init__()

    @property
    def rank(self) -> int:  # type: ignore[override]
        """How tightly the operator binds."""
        return RANK[self.operator]

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The rules between the operators."""
        return self.operands

    def __str__(self) -> str:
        first, *others = self.operands
        texts = [_inside(first, self.rank), *(_inside(o, self.rank + 1) for o in others)]
        return f" {self.operator} ".join(texts)


def combine(operator: str, *operands: Rule | str) -> Rule:
    """`operands` joined by `operator`; texts are parsed as rules."""
    return Combine(operator, tuple(as_rule(operand) for operand in operands))


def as_rule(value: Any) -> Rule:
    """`value` itself if it is a rule, the rule that it writes if it is a text.

    Raises
    ------
    RuleError
        If it is a text, but not a rule.
    ArgumentError
        If it is neither.
    """
    from automask.selector.parse import parse

    if isinstance(value, Rule):
        return value
    if isinstance(value, str):
        return parse(value)
    shown = repr(value)
    if len(shown) > 40:  # the pixels of a picture, say
        shown = f"{type(value).__name__} object"
    raise ArgumentError(f"{shown} is not a rule; give one, or its text such as 'luma(..20%)'.")


def bound(cls: Any, name: str, args: Any, named: Any) -> Any:
    """An instance of the strategy or filter `cls`, with texts in place of rules parsed."""
    placed = [_ready(positional(cls, name, i), value) for i, value in enumerate(args)]
    keyed = {key: _ready(by_name(cls, name, key), value) for key, value in named.items()}
    return bind(cls, name, placed, keyed)


def _ready(parameter: Parameter, value: Any) -> Any:
    return as_rule(value) if parameter.takes_rule and value is not None else value


def walk(rule: Rule) -> Iterator[Rule]:
    """`rule` and every rule inside it, outermost first."""
    yield rule
    for part in rule.parts:
        yield from walk(part)


def _rules_in(instance: Any) -> tuple[Rule, ...]:
    values = (getattr(instance, p.name) for p in parameters(type(instance)))
    return tuple(value for value in values if isinstance(value, Rule))


def _inside(rule: Rule, rank: int) -> str:
    return str(rule) if rule.rank >= rank else f"({rule})"


def _called(instance: Any) -> str:
    text = getattr(instance, "written", None)
    if text is not None:
        return str(text())
    inner = written(instance)
    return f"{instance.name}({inner})" if inner else str(instance.name)
