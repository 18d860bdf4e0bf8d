"""Named rules: the ``[rules]`` table of automask.toml, and rules with their names put in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from automask.arguments import parameters
from automask.errors import RuleError
from automask.selector.parse import parse
from automask.selector.syntax import Named, Rule


def expanded(rule: Rule, texts: Mapping[str, str]) -> Rule:
    """`rule` with every ``@name`` replaced by the rule that `texts` gives the name.

    Raises
    ------
    RuleError
        If a name is unknown, its text is not a rule, or it refers to itself.
    """
    try:
        return _expanded(rule, texts, ())
    except RecursionError:
        raise RuleError("The named rules are nested too deep; write them flatter.") from None


def _expanded(rule: Rule, texts: Mapping[str, str], within: tuple[str, ...]) -> Rule:
    if isinstance(rule, Named):
        return _looked_up(rule.name, texts, within)
    changes = {
        field.name: _expanded_value(getattr(rule, field.name), texts, within)
        for field in dataclasses.fields(rule)  # type: ignore[arg-type]
    }
    return dataclasses.replace(rule, **changes)  # type: ignore[type-var]


def _looked_up(name: str, texts: Mapping[str, str], within: tuple[str, ...]) -> Rule:
    if name in within:
        chain = " -> ".join(f"@{n}" for n in (*within, name))
        raise RuleError(f"The named rules refer to themselves: {chain}.")
    if name not in texts:
        known = ", ".join(f"@{n}" for n in sorted(texts)) or "none"
        raise RuleError(
            f"There is no rule named @{name}; add it under [rules] in automask.toml "
            f"(known there: {known})."
        )
    try:
        return _expanded(parse(texts[name]), texts, (*within, name))
    except RuleError as error:
        if error.text and not error.message.startswith("In @"):
            raise RuleError(
                f"In @{name}: {error.message}", error.text, error.position, error.suggestion
            ) from None
        raise


def _expanded_value(value: Any, texts: Mapping[str, str], within: tuple[str, ...]) -> Any:
    if isinstance(value, Rule):
        return _expanded(value, texts, within)
    if isinstance(value, tuple):
        return tuple(_expanded_value(v, texts, within) for v in value)
    if dataclasses.is_dataclass(value) and any(p.takes_rule for p in parameters(type(value))):
        rules = {p.name: getattr(value, p.name) for p in parameters(type(value)) if p.takes_rule}
        done = {key: _expanded_value(rule, texts, within) for key, rule in rules.items()}
        return dataclasses.replace(value, **done)  # type: ignore[type-var]
    return value
