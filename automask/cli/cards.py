"""What there is to say of a strategy, filter or provider: for tables, cards and JSON."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from automask.arguments import Parameter, parameters, signature
from automask.registry import Registry

HOMES = {
    "strategies": ("automask.strategies.base", "STRATEGIES"),
    "filters": ("automask.filters.base", "FILTERS"),
    "providers": ("automask.providers.base", "PROVIDERS"),
}
# In the order of the documentation: the groups of strategies, then those of filters.
GROUPS = ["colour", "shape", "what stands out", "things", "words", "files"]
GROUPS += ["pick", "keep if", "relate", "shape", "group", "guard"]


def registry(kind: str) -> Registry[Any]:
    """The registry of `kind`: "strategies", "filters" or "providers"."""
    module, name = HOMES[kind]
    found: Registry[Any] = getattr(importlib.import_module(module), name)
    return found


def cards(kind: str) -> list[dict[str, Any]]:
    """The cards of everything of `kind`, group by group in the order of the documentation."""
    known = registry(kind)
    made = [card(known, name) for name in known]
    return sorted(made, key=lambda c: (_place(c["group"]), c["group"], c["name"]))


def card(known: Registry[Any], name: str) -> dict[str, Any]:
    """The card of the one called `name`, as plain values that JSON can hold.

    Its keys: name, signature, group, summary, description, needs, example, owner, arguments.
    """
    cls = known[name]
    text = inspect.cleandoc(cls.__doc__ or "").replace("``", "`")
    return {
        "name": name,
        "signature": signature(cls, name),
        "group": _group(cls),
        "summary": " ".join(text.split("\n\n")[0].split()),
        "description": text,
        "needs": getattr(cls, "needs", ""),
        "example": getattr(cls, "example", ""),
        "owner": known.owner(name),
        "arguments": [_argument(parameter) for parameter in parameters(cls)],
    }


def _group(cls: type[Any]) -> str:
    if hasattr(cls, "group"):
        return str(cls.group)
    return "paid" if getattr(cls, "paid", False) else "free"


def _argument(parameter: Parameter) -> dict[str, Any]:
    default = None if parameter.default is None else parameter.kind.show(parameter.default)
    return {
        "name": parameter.name,
        "takes": parameter.kind.what,
        "default": default,
        "required": parameter.required,
        "repeats": parameter.variadic,
        "named": parameter.named_only,
    }


def _place(group: str) -> int:
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)
