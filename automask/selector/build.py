"""Rules written in Python: ``rule("person") - rule.color("red", tol=0.12)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from automask.selector.syntax import Find, Rule, as_rule, bound
from automask.strategies.base import STRATEGIES


class RuleBuilder:
    """Makes rules: called with a text it parses it, its attributes are the strategies.

    >>> rule = RuleBuilder()
    >>> str(rule("all") - rule.luma((0, 20)).largest().grow("5%"))
    'all - luma(0%..20%):largest:grow(5%)'
    """

    def __call__(self, text: str | Rule) -> Rule:
        """The rule that `text` writes; a rule is given back as it is.

        Raises
        ------
        RuleError
            If `text` is not a rule.
        """
        return as_rule(text)

    def __getattr__(self, name: str) -> Callable[..., Rule]:
        if name.startswith("_") or name not in STRATEGIES:
            near = None if name.startswith("_") else STRATEGIES.nearest(name)
            offer = f"; did you mean {near!r}?" if near else ""
            raise AttributeError(f"there is no strategy {name!r}{offer}")

        def strategy(*args: Any, **named: Any) -> Rule:
            return Find(bound(STRATEGIES[name], name, args, named))

        strategy.__doc__ = STRATEGIES[name].__doc__
        return strategy

    def __dir__(self) -> list[str]:
        return STRATEGIES.names()

    def __repr__(self) -> str:
        return "<automask.rule>"


rule = RuleBuilder()
