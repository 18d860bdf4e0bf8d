"""Pictures that are masked at a part of their size: `Options.scale`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from automask.batch import layouts
from automask.batch.items import Item, Options
from automask.errors import ArgumentError
from automask.filters.guard import Limit
from automask.images import reduced as reduction
from automask.selector.parse import parse
from automask.selector.reduced import reduced
from automask.selector.syntax import Apply, Rule


@dataclass(frozen=True)
class Small:
    """A picture that was made smaller, and the rule that means the same on it.

    Parameters
    ----------
    seen : Reduced
    tree : Rule
    """

    seen: reduction.Reduced
    tree: Rule


def small(item: Item, options: Options, data: bytes, sha256: str) -> Small | None:
    """The picture of `item`, whose bytes are `data`, made smaller; None where it is not to be."""
    if options.scale == 1 or why_whole(options, item.rule):
        return None
    seen = reduction.from_bytes(data, item.name, sha256, options.scale)
    return Small(seen, reduced(rule_of(item.rule), options.scale))


@lru_cache(256)
def why_whole(options: Options, rule: str) -> str:
    """Why masks by `rule` are computed at full size though less is asked for; "" where not."""
    if layouts.needs_regions(options.layout):
        return f"--layout {options.layout} tells the regions apart."
    if options.limit and limit_of(options.limit).count:
        return f"--limit {options.limit} counts regions."
    try:
        reduced(rule_of(rule), options.scale)
    except ArgumentError as error:
        return str(error)
    return ""


@lru_cache(256)
def rule_of(text: str) -> Rule:
    """The rule that `text` writes; many pictures have the same."""
    return parse(text)


@lru_cache(16)
def limit_of(arguments: str) -> Limit:
    """The guard that `Options.limit` writes.

    Raises
    ------
    ArgumentError
        If it is something else, or no argument of it is known.
    """
    tree = parse(f"all:limit({arguments})")
    if not (isinstance(tree, Apply) and isinstance(tree.step, Limit) and _is_all(tree.source)):
        raise ArgumentError(
            f"A limit cannot be {arguments!r}; write ranges such as area=1%..60%, count=1..3."
        )
    return tree.step


def _is_all(tree: Rule) -> bool:
    return str(tree) == "all"
