"""A plan as lines of JSON: written for a person to read, shorten and change, and read back.

::

    {"plan": 1, "automask": "0.1", "recipe": 1, "options": {...}, "means": [...]}
    {"action": "do", "name": "a/x.jpg", "image": "/home/me/a/x.jpg", "sha256": "...", ...}

The head says what all lines share, and what the rules meant when it was written: the recipe, the
models and the files that they read. Where one of those is another now, the plan is refused; a
picture that is another now fails when it is its turn.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import PurePosixPath
from typing import Any

from automask.batch.items import Item, Options
from automask.batch.plan import Planned
from automask.batch.recipe import RECIPE, Recipes
from automask.batch.tables import once
from automask.errors import ArgumentError, AutomaskError
from automask.providers.base import provider_of
from automask.version import __version__

FORMAT = 1
ACTIONS = ("do", "done", "skip")
_ITEM = {f.name: type(f.default) for f in fields(Item)} | {"name": str}
_ASIDE = ("action", "reason", "width", "height", "credits")  # for whoever reads it
_HEAD = ("plan", "automask", "recipe", "output", "options", "means")


@dataclass(frozen=True)
class Plan:
    """A plan that was read back.

    Parameters
    ----------
    options : Options
    items : tuple of Item
        Those of the lines whose action is "do".
    output : str
        The batch's folder or address that it was planned for; "" where none was named.
    """

    options: Options
    items: tuple[Item, ...]
    output: str = ""


def head(options: Options, items: Iterable[Item], output: str = "") -> dict[str, Any]:
    """The first line of a plan, for the rules and providers that its items have."""
    return {
        "plan": FORMAT,
        "automask": __version__,
        "recipe": RECIPE,
        **({"output": output} if output else {}),
        "options": options.as_json(),
        "means": _meanings(options, items),
    }


def line(planned: Planned) -> dict[str, Any]:
    """The line of one picture; what is empty is left out."""
    told = {name: value for name, value in asdict(planned).items() if name != "item"}
    item = {name: value for name, value in asdict(planned.item).items() if value}
    return {"action": told.pop("action")} | item | {n: v for n, v in told.items() if v}


def read(lines: Iterable[str], source: str) -> Plan:
    """The plan that `lines` write; `source` is for messages.

    Raises
    ------
    ArgumentError
        If a line is wrong, or means something else than when it was written; the message gives its
        number.
    """
    numbered = _objects(lines, source)
    number, told = next(numbered, (0, {}))
    if not number:
        raise ArgumentError(f"{source} is empty; write one with `automask plan`.")
    options, means = _at(source, number, lambda: _read_head(told))
    output = str(told.get("output", ""))
    items: dict[str, int] = {}
    kept = []
    for number, told in numbered:
        item = _at(source, number, lambda told=told: _item(told, options))
        if item is None:
            continue
        if (first := items.setdefault(item.name, number)) != number:
            raise ArgumentError(
                f"{source}, line {number}: the name {item.name!r} stands in line {first} already."
            )
        kept.append(item)
    _refuse_other_meanings(source, means, _meanings(options, kept))
    return Plan(options, tuple(kept), output)


def _objects(lines: Iterable[str], source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            told = json.loads(text, object_pairs_hook=once)
        except (ValueError, RecursionError) as error:
            raise ArgumentError(f"{source}, line {number}: it is not JSON ({error}).") from None
        if not isinstance(told, dict):
            raise ArgumentError(f"{source}, line {number}: write an object, {{...}}.")
        yield number, told


def _at(source: str, number: int, call: Any) -> Any:
    """What `call` gives; its errors name the line."""
    try:
        return call()
    except AutomaskError as error:
        raise ArgumentError(f"{source}, line {number}: {error}") from None


def _read_head(told: dict[str, Any]) -> tuple[Options, list[str]]:
    if "plan" not in told:
        raise ArgumentError("it is no head of a plan; leave the first line as it was written.")
    if told["plan"] != FORMAT:
        raise ArgumentError(
            f"it is a plan of version {told['plan']}, and this automask reads {FORMAT}; plan again."
        )
    _refuse_unknown(told, _HEAD)
    if told.get("recipe") != RECIPE:
        raise ArgumentError(
            f"it was planned by recipe {told.get('recipe')}, and this automask works by {RECIPE}, "
            "which may select other pixels; plan again."
        )
    means, options = told.get("means", []), told.get("options", {})
    if not (isinstance(options, dict) and isinstance(means, list)):
        raise ArgumentError("options is an object and means a list; leave them as they were.")
    return Options.from_json(options), [str(part) for part in means]


def _item(told: dict[str, Any], options: Options) -> Item | None:
    """The picture of a line; None where nothing is to be done."""
    _refuse_unknown(told, (*_ITEM, *_ASIDE))
    action = told.get("action")
    if action not in ACTIONS:
        raise ArgumentError(f"action cannot be {action!r}; write one of {', '.join(ACTIONS)}.")
    if action != "do":
        return None
    own = {name: value for name, value in told.items() if name in _ITEM}
    for name, value in own.items():
        if type(value) is not _ITEM[name]:
            raise ArgumentError(f"{name} cannot be {value!r}; it is a {_ITEM[name].__name__}.")
    item = Item(**{"name": "", **own})
    _check(item, options)
    return item


def _check(item: Item, options: Options) -> None:
    from automask.selection import read_rule

    place = PurePosixPath(item.name)
    if not place.parts or place.is_absolute() or ".." in place.parts or "\0" in item.name:
        raise ArgumentError(f"name cannot be {item.name!r}; it is a place below OUT: a/x.jpg.")
    if bool(item.image) == bool(item.message_id):
        both = "both are given" if item.image else "neither is given"
        raise ArgumentError(f"give image or message_id; {both}.")
    if not (item.rule or options.rule):
        raise ArgumentError("there is no rule, and none in the head.")
    if item.rule and str(read_rule(item.rule)) != item.rule:
        raise ArgumentError(f"write the rule in its canonical form: {read_rule(item.rule)}")
    if not 0 <= item.upscale <= 4:
        raise ArgumentError(f"upscale cannot be {item.upscale}; give 1 to 4, or leave it out.")
    if item.provider:
        provider_of(item.provider)


def _refuse_unknown(told: dict[str, Any], known: Sequence[str]) -> None:
    unknown = next((name for name in told if name not in known), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, known, 1)
        offer = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
        raise ArgumentError(f"there is no {unknown!r}; {offer}")


def _meanings(options: Options, items: Iterable[Item]) -> list[str]:
    """The models and files that rules and providers read, each with its hash."""
    recipes, whole = Recipes(options), [options.completed(item) for item in items]
    rules = {options.rule, *(item.rule for item in whole)} - {""}
    providers = {options.provider, *(item.provider for item in whole)}
    found = {part for rule in rules for part in recipes.parts(rule)}
    return sorted(found.union(*map(recipes.of_provider, providers)))


def _refuse_other_meanings(source: str, planned: list[str], now: list[str]) -> None:
    was = dict(_named(part) for part in planned)
    for part in now:
        name, digest = _named(part)
        if was.get(name, digest) != digest:
            raise ArgumentError(
                f"{source}: {name} is another one than when this was planned, and may select other "
                "pixels; plan again."
            )


def _named(part: str) -> tuple[str, str]:
    name, _, digest = part.rpartition(" ")
    return name, digest
