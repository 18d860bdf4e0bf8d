"""What decides the outcome of a picture besides its own bytes, as one hash.

"Done" means: the same bytes and the same recipe. A file of that name is not enough, and neither is
a mask that an older recipe made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from automask.arguments import written
from automask.batch.items import Item, Options
from automask.errors import ImageError
from automask.filters.base import Filter
from automask.images import sources
from automask.providers.base import Provider, provider_of
from automask.registry import release
from automask.selector.parse import parse
from automask.selector.syntax import Apply, Find, Rule, walk
from automask.strategies.base import Strategy

RECIPE = 1  # raise it when the same rule selects other pixels, or results are written otherwise
_KEPT = 1024  # rules and recipes that are remembered; a table may have another in every line


@dataclass
class Recipes:
    """The recipe of each item of a batch; rules, models and files are looked at once.

    Parameters
    ----------
    options : Options
    """

    options: Options

    def __post_init__(self) -> None:
        self._told = lru_cache(_KEPT)(self._of)
        self._parts = lru_cache(_KEPT)(lambda rule: list(_parts(parse(rule))))
        self._of_provider = lru_cache(_KEPT)(lambda name: list(_of_provider(name)))

    def of(self, item: Item) -> str:
        """The hash of everything that decides the outcome of `item` but its bytes, in hex.

        Raises
        ------
        RuleError, ModelError
            If its rule is none, or needs a model that is not to be had.
        """
        # The outcome does not depend on where the picture is, and many items differ in that alone.
        if item.instead:
            rule = self.options.completed(item).rule
            own = rule if rule == item.instead else item.rule
            item = replace(item, rule=own, instead="", instead_of="")
        return self._told(replace(item, name="", image="", message_id="", sha256="", ref=""))

    def parts(self, text: str) -> list[str]:
        """The models and files that the rule `text` reads, each with its hash."""
        return self._parts(text)

    def of_provider(self, name: str) -> list[str]:
        """The models of the provider `name`, and what the settings say of it, if it is free.

        What is paid is paid once, and goes by the record of jobs.
        """
        return self._of_provider(name)

    def refuse_unready(self, rule: str, provider: str) -> None:
        """Raise where every picture would fail for one reason, whatever is in it.

        Raises
        ------
        ModelError, ImageError, SettingsError, PreflightError
            If a model, a file that the rule reads, or what the provider needs is missing.
        """
        self.parts(rule)
        for path in _files(parse(rule)):
            sources.read(path)
        if provider:
            provider_of(provider).ready()

    def _of(self, item: Item) -> str:
        parts = self.parts(item.rule or self.options.rule)
        parts = parts + self.of_provider(item.provider or self.options.provider)
        told = [RECIPE, replace(self.options, ref="").as_json(), json.loads(item.as_json()), parts]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _parts(tree: Rule) -> Iterator[str]:
    """The models of a rule and the files it reads by their hash, plugins by their version."""
    for part in walk(tree):
        if isinstance(part, Find):
            yield from _brought(part.strategy)
            yield from (f"{path} {_digest(path)}" for path in _path_of(part))
        elif isinstance(part, Apply):
            yield from _brought(part.step)


def _brought(part: Strategy | Filter | Provider) -> Iterator[str]:
    yield from (weights.record for weights in part.weights())
    if plugin := release(type(part)):
        yield plugin


def _files(tree: Rule) -> Iterator[str]:
    return (path for part in walk(tree) if isinstance(part, Find) for path in _path_of(part))


def _path_of(part: Find) -> Iterator[str]:
    path = getattr(part.strategy, "path", None)
    if isinstance(path, str):
        yield path


def _of_provider(name: str) -> Iterator[str]:
    if not name or (engine := provider_of(name)).paid:
        return
    yield from _brought(engine)
    if settings := written(engine):
        yield f"{name} {settings.replace(' ', '')}"


def _digest(path: str) -> str:
    try:
        return hashlib.sha256(sources.read(path)).hexdigest()
    except ImageError:
        return ""  # it will be said of each picture
