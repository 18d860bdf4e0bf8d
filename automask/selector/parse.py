"""Text to tree: the grammar says what is a rule, the registry what its names mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from automask.arguments import Parameter, bind, by_name, positional, read
from automask.errors import ArgumentError, RuleError
from automask.filters.base import FILTERS
from automask.kinds import Word
from automask.selector import mistakes
from automask.selector.grammar import grammar
from automask.selector.syntax import (
    MAX_DEPTH,
    Apply,
    Combine,
    Find,
    Item,
    Named,
    Outside,
    Rule,
    Slice,
)
from automask.strategies.base import STRATEGIES
from automask.values import UNITS, Colour, Quantity, Range

if TYPE_CHECKING:
    from lark import Token, Tree

_OPERATORS = {"fallback": "??", "union": "|", "xor": "^", "meet": "&", "minus": "-"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_NESTING = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\S""", re.DOTALL)
_FURTHEST = 10**9  # an index; more digits than Python reads would not mean more


def parse(text: str) -> Rule:
    """The rule that `text` writes.

    Raises
    ------
    RuleError
        If the text is not a rule, whole: with the place, and what to write instead.

    Examples
    --------
    >>> str(parse("luma( 0%..20% ):largest|rect(0,0,50%,10px)"))
    'luma(0%..20%):largest | rect(0px, 0px, 50%, 10px)'
    """
    from lark.exceptions import UnexpectedInput

    if not text.strip():
        raise RuleError('The rule is empty; write one such as color("red"):largest.')
    _check_nesting(text)
    try:
        tree = grammar().parse(text)
    except UnexpectedInput as error:
        raise mistakes.explained(text, error) from None
    try:
        return _Reader(text).rule(tree)
    except RuleError as error:
        if error.text:
            raise
        raise RuleError(error.message, text, 0, error.suggestion) from None


def _check_nesting(text: str) -> None:
    """Refuse what Python's stack would not hold, before anything recurses into it."""
    outer, signs = [0], 0  # the depth at each open bracket; the ! and ~ that stand in a row
    for match in _NESTING.finditer(text):
        symbol = match[0]
        if symbol == "(":
            outer.append(outer[-1] + signs + 1)
        elif symbol == ")" and len(outer) > 1:
            outer.pop()
        signs = signs + 1 if symbol in "!~" else 0
        if outer[-1] + signs > MAX_DEPTH:
            raise RuleError(
                f"The rule is nested more than {MAX_DEPTH} deep.",
                text,
                match.start(),
                "Give its inner parts names in automask.toml, or write it flatter.",
            )


class _Reader:
    """Turns the parse tree of `text` into a `Rule`."""

    def __init__(self, text: str) -> None:
        self.text = text

    def fail(self, message: str, at: int, suggestion: str = "") -> RuleError:
        return RuleError(message, self.text, at, suggestion)

    def rule(self, tree: Tree[Any]) -> Rule:
        if tree.data in _OPERATORS:
            operands = tuple(self.rule(child) for child in tree.children)
            return Combine(_OPERATORS[tree.data], operands)
        result: Rule = getattr(self, f"read_{tree.data}")(*tree.children)
        return result

    def read_group(self, inner: Tree[Any]) -> Rule:
        return self.rule(inner)

    def read_outside(self, operand: Tree[Any]) -> Rule:
        return Outside(self.rule(operand))

    def read_named(self, name: Token) -> Rule:
        return Named(str(name))

    def read_phrase(self, token: Token) -> Rule:
        return self.literal("phrase", unquoted(token), token)

    def read_colour(self, token: Token) -> Rule:
        return self.literal("color", Colour(str(token)), token)

    def literal(self, name: str, value: Any, token: Token) -> Rule:
        """The strategy that a value standing alone is short for."""
        try:
            return Find(bind(STRATEGIES[name], name, [value], {}))
        except ArgumentError as error:
            raise self.fail(str(error), _at(token)) from None

    def read_call(self, name: Token, arguments: Tree[Any] | None) -> Rule:
        if name not in STRATEGIES:
            raise mistakes.unknown_strategy(self.text, str(name), _at(name))
        return Find(self.bound(STRATEGIES[name], name, arguments))

    def read_chain(self, atom: Tree[Any], *links: Tree[Any]) -> Rule:
        rule = self.rule(atom)
        for link in links:
            rule = getattr(self, f"link_{link.data}")(rule, *link.children)
        return rule

    def link_filter(self, rule: Rule, name: Token, arguments: Tree[Any] | None) -> Rule:
        if name not in FILTERS:
            raise mistakes.unknown_filter(self.text, str(name), _at(name))
        return Apply(rule, self.bound(FILTERS[name], name, arguments))

    def link_index(self, rule: Rule, index: Token) -> Rule:
        return Item(rule, self.whole(index))

    def link_slice(
        self, rule: Rule, start: Token | None, _colon: Token, stop: Token | None
    ) -> Rule:
        ends = (None if end is None else self.whole(end) for end in (start, stop))
        return Slice(rule, *ends)

    def whole(self, token: Token) -> int:
        if len(token) > len(str(_FURTHEST)):
            raise self.fail(f"An index has to be between {-_FURTHEST} and {_FURTHEST}.", _at(token))
        return int(token)

    def bound(self, cls: Any, name: Token, arguments: Tree[Any] | None) -> Any:
        """The strategy or filter `cls` with the arguments written after its name."""
        args: list[Any] = []
        named: dict[str, Any] = {}
        at = _at(name)
        try:
            for child in arguments.children if arguments else ():
                if child is None:
                    continue
                at = _at(child)
                self._take(cls, str(name), child, args, named)
            at = _at(name)
            return bind(cls, str(name), args, named)
        except ArgumentError as error:
            raise self.fail(str(error), at) from None

    def _take(
        self, cls: Any, name: str, child: Any, args: list[Any], named: dict[str, Any]
    ) -> None:
        if child.data == "keyword":
            key, value = child.children
            if key in named:
                raise ArgumentError(f"{name}() got {key} twice; give it once.")
            named[str(key)] = self.checked(by_name(cls, name, str(key)), name, value)
        elif named:
            raise ArgumentError(
                f"A value without a name stands after {next(iter(named))}=...; "
                "put values without a name first."
            )
        else:
            args.append(self.checked(positional(cls, name, len(args)), name, child))

    def checked(self, parameter: Parameter, name: str, tree: Tree[Any]) -> Any:
        """The value in `tree`, checked at once so that an error points at it."""
        if parameter.takes_rule:
            if tree.data in ("quantity", "between", "upto", "bound"):
                raise ArgumentError(f"{name}({parameter.name}) takes {parameter.kind.what}.")
            return self.rule(tree)
        value = self.value(tree)
        if isinstance(value, Rule):
            raise ArgumentError(
                f"{name}({parameter.name}) takes {parameter.kind.what}, not a rule."
            )
        read(parameter, name, value)
        return value

    def value(self, tree: Any) -> Any:
        """The literal in `tree`; a `Word` for a bare name, a `Rule` for anything larger."""
        if tree.data == "quantity":
            return self.quantity(tree)
        if tree.data in ("between", "upto", "bound"):
            return self.range(tree)
        token = tree.children[0]
        if tree.data == "phrase":
            return unquoted(token)
        if tree.data == "colour":
            return Colour(str(token))
        if tree.data == "call" and tree.children[1] is None:
            return Word(str(token))
        return self.rule(tree)

    def quantity(self, tree: Any) -> Quantity:
        number, unit = tree.children
        if unit is not None and unit not in UNITS:
            raise self.fail(
                f"Unknown unit {str(unit)!r}; the units are {', '.join(UNITS)}.", _at(unit)
            )
        return Quantity(float(number), str(unit or ""))

    def range(self, tree: Tree[Any]) -> Range:
        if tree.data == "bound":
            sign, end = tree.children
            return Range.bounded(str(sign), self.quantity(end))
        ends = [None, *tree.children] if tree.data == "upto" else tree.children
        lo, hi = (None if end is None else self.quantity(end) for end in ends)
        return Range.between(lo, hi)


def unquoted(token: str) -> str:
    """The text of a quoted string, its backslash escapes resolved."""
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), token[1:-1], flags=re.DOTALL)


def _at(node: Any) -> int:
    position = node.start_pos if hasattr(node, "start_pos") else node.meta.start_pos
    return int(position)
