"""What the record of a batch knows of a picture: the recipe it is wanted by, whether it is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from automask.batch import layouts
from automask.batch.items import Item, Options
from automask.batch.recipe import Recipes
from automask.batch.record import Record
from automask.batch.rows import Row
from automask.batch.states import ENDED


@dataclass
class Known:
    """What `record` knows, for those who want `options`.

    Parameters
    ----------
    record : Record, optional
        None where the batch was not begun.
    out : Path
    options : Options
    """

    record: Record | None
    out: Path
    options: Options
    recipes: Recipes = field(init=False)

    def __post_init__(self) -> None:
        self.recipes = Recipes(self.options)

    def recipe(self, item: Item) -> tuple[str, bool]:
        """The recipe by which `item` is wanted, and whether a layout takes another for it."""
        twin = self._has_twin(item)
        return self.recipes.of(item) + ("+twins" if twin else ""), twin

    def sha256(self, row: Row, recipe: str) -> str:
        """The hash of the bytes with which all that is wanted is there, in hex; "" where not."""
        same = (
            row.recipe == recipe
            and row.state in ENDED
            and row.is_there(self.options.results(self.out))
        )
        return row.sha256 * same

    def _has_twin(self, item: Item) -> bool:
        if self.record is None or not layouts.needs_stems(self.options.layout):
            return False
        stem = layouts.stem(item)
        return any(layouts.stem(other) == stem for other in self.record.beside(item.name, stem))
