"""A row of the record of a batch, and how names of files stand there."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from automask.batch import outs
from automask.batch.items import Item
from automask.batch.states import PLANNED


@dataclass(frozen=True)
class Row:
    """A picture of the batch, as far as it has come.

    Parameters
    ----------
    id : int
        In the order in which the pictures were listed.
    item : Item
    state : str
        "planned", "done", "review", "skipped", "failed", or that of its paid job.
    reason : str
        Why it is not done.
    recipe, sha256 : str
        What it was made by, and the hash of its bytes.
    outputs : tuple of (str, int)
        Its files below the batch's folder, and their sizes.
    facts : dict
        Size, area, box, regions, models, seconds.
    job : str
        The ref of its paid job in the ledger of jobs.
    run : int
        The last run that it was listed for, by whose options it is wanted.
    """

    id: int
    item: Item
    state: str = PLANNED
    reason: str = ""
    recipe: str = ""
    sha256: str = ""
    outputs: tuple[tuple[str, int], ...] = ()
    facts: dict[str, Any] | None = None
    job: str = ""
    run: int = 0

    def is_there(self, out: str) -> bool:
        """Whether every file of it is still there, of the size it was written with."""
        return outs.are_there(out, self.outputs)


def key_of(name: str) -> str:
    """`name` as text that SQLite takes: file names may hold bytes that are no UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return json.dumps(name)
    return name


def row_of(row: sqlite3.Row) -> Row:
    """The row that stands in the record as `row`."""
    return Row(
        row["id"], Item.from_json(row["item"]), row["state"], row["reason"], row["recipe"],
        row["sha256"], tuple((place, size) for place, size in json.loads(row["outputs"])),
        json.loads(row["facts"]), row["job"], row["run"],
    )  # fmt: skip
