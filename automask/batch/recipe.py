"""What decides the outcome of a picture besides its own bytes, as one hash.

"Done" means: the same bytes and the same recipe. A file of that name is not enough, and neither is
a mask that an older recipe made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from automask.batch.items import Item, Options
from automask.errors import ImageError
from automask.images import sources
from automask.selector.parse import parse
from automask.selector.syntax import Find, Rule, walk

RECIPE = 1  # raise it when the same rule selects other pixels, or results are written otherwise
# What the outcome of a picture does not depend on.
_ASIDE = frozenset(("name", "image", "message_id", "sha256"))


@dataclass
class Recipes:
    """The recipe of each item of a batch; rules, models and files are looked at once.

    Parameters
    ----------
    options : Options
    """

    options: Options
    _trees: dict[str, Rule] = field(default_factory=dict)
    _parts: dict[str, list[str]] = field(default_factory=dict)

    def of(self, item: Item) -> str:
        """The hash of everything that decides the outcome of `item` but its bytes, in hex.

        Raises
        ------
        RuleError, ModelError
            If its rule is none, or needs a model that is not to be had.
        """
        parts = self.parts(item.rule or self.options.rule)
        own = json.loads(item.as_json())
        own = {name: value for name, value in own.items() if name not in _ASIDE}
        told = [RECIPE, self.options.as_json(), own, parts]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def parts(self, text: str) -> list[str]:
        """The models and files that the rule `text` reads, each with its hash."""
        if text not in self._parts:
            self._parts[text] = list(_parts(self.tree(text)))
        return self._parts[text]

    def tree(self, text: str) -> Rule:
        """The rule that `text` writes."""
        if text not in self._trees:
            self._trees[text] = parse(text)
        return self._trees[text]


def _parts(tree: Rule) -> Iterator[str]:
    """The models of a rule by their hash, and the files it reads by theirs."""
    for part in walk(tree):
        if isinstance(part, Find):
            yield from (weights.record for weights in part.strategy.weights())
            path = getattr(part.strategy, "path", None)
            if isinstance(path, str):
                yield f"{path} {_digest(path)}"


def _digest(path: str) -> str:
    try:
        return hashlib.sha256(sources.read(path)).hexdigest()
    except ImageError:
        return ""  # it will be said of each picture
