"""Named rules of automask.toml and phrases: what stands for each, put in its place."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automask.arguments import parameters
from automask.errors import RuleError
from automask.selector.parse import parse
from automask.selector.phrase import compiled, phrase_of
from automask.selector.syntax import Named, Rule, walk

MAX_PARTS = 20_000  # names that stand for each other twice over double at every step


def expanded(rule: Rule, texts: Mapping[str, str]) -> Rule:
    """`rule` with every ``@name`` replaced by the rule that `texts` gives the name.

    So is every phrase that the vocabulary covers, by what it is compiled to.

    Raises
    ------
    RuleError
        If a name is unknown, its text is not a rule, or it refers to itself.
    """
    try:
        done = _Names(texts).expanded(rule, ())
        parts = _size(done, {})
    except RecursionError:
        raise RuleError("The named rules are nested too deep; write them flatter.") from None
    if parts > MAX_PARTS:
        raise RuleError(
            f"With its names put in, the rule has {parts} parts, more than {MAX_PARTS}; "
            "use each name less often."
        )
    return done


def is_short(rule: Rule) -> bool:
    """Whether a part of `rule` stands for another rule: a name or a phrase."""
    return any(isinstance(part, Named) or phrase_of(part) != "" for part in walk(rule))


def _size(rule: Rule, known: dict[int, int]) -> int:
    """How many rules `rule` is written with; the same object is counted again, but asked once."""
    if id(rule) not in known:
        known[id(rule)] = 1 + sum(_size(part, known) for part in rule.parts)
    return known[id(rule)]


@dataclass
class _Names:
    """Puts in names; what stands for one is worked out once."""

    texts: Mapping[str, str]
    done: dict[str, Rule] = field(default_factory=dict)

    def expanded(self, rule: Rule, within: tuple[str, ...]) -> Rule:
        """`rule` with its names put in; `within` are the names it stands in."""
        if isinstance(rule, Named):
            if rule.name not in self.done:
                self.done[rule.name] = self._looked_up(rule.name, within)
            return self.done[rule.name]
        stands_for = compiled(text) if (text := phrase_of(rule)) else None
        if stands_for is not None:
            return stands_for
        changes = {
            entry.name: self._value(getattr(rule, entry.name), within)
            for entry in dataclasses.fields(rule)  # type: ignore[arg-type]
        }
        return dataclasses.replace(rule, **changes)  # type: ignore[type-var]

    def _looked_up(self, name: str, within: tuple[str, ...]) -> Rule:
        if name in within:
            chain = " -> ".join(f"@{n}" for n in (*within, name))
            raise RuleError(f"The named rules refer to themselves: {chain}.")
        if name not in self.texts:
            known = ", ".join(f"@{n}" for n in sorted(self.texts)) or "none"
            raise RuleError(
                f"There is no rule named @{name}; add it under [rules] in automask.toml "
                f"(known there: {known})."
            )
        return self.expanded(_parsed(name, self.texts[name]), (*within, name))

    def _value(self, value: Any, within: tuple[str, ...]) -> Any:
        if isinstance(value, Rule):
            return self.expanded(value, within)
        if isinstance(value, tuple):
            return tuple(self._value(v, within) for v in value)
        if dataclasses.is_dataclass(value):
            names = [p.name for p in parameters(type(value)) if p.takes_rule]
            rules = {name: self._value(getattr(value, name), within) for name in names}
            return dataclasses.replace(value, **rules) if rules else value  # type: ignore[type-var]
        return value


def _parsed(name: str, text: str) -> Rule:
    try:
        return parse(text)
    except RuleError as error:
        raise RuleError(
            f"In @{name}: {error.message}", error.text, error.position, error.suggestion
        ) from None
