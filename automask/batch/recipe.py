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

from automask.batch.items import Item, Options
from automask.errors import ImageError
from automask.images import sources
from automask.selector.parse import parse
from automask.selector.syntax import Find, Rule, walk

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

    def of(self, item: Item) -> str:
        """The hash of everything that decides the outcome of `item` but its bytes, in hex.

        Raises
        ------
        RuleError, ModelError
            If its rule is none, or needs a model that is not to be had.
        """
        # The outcome does not depend on where the picture is, and many items differ in that alone.
        return self._told(replace(item, name="", image="", message_id="", sha256=""))

    def parts(self, text: str) -> list[str]:
        """The models and files that the rule `text` reads, each with its hash."""
        return self._parts(text)

    def _of(self, item: Item) -> str:
        parts = self.parts(item.rule or self.options.rule)
        told = [RECIPE, self.options.as_json(), json.loads(item.as_json()), parts]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


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
