"""Where a batch writes: one folder a kind of result, in each the tree of the inputs.

::

    OUT/masks/a/x.jpg.png        OUT/review/a/x.jpg.txt   why it is there
    OUT/rest/a/x.jpg.png         OUT/review/a/x.jpg.jpg   the overlay
    OUT/sidecars/a/x.jpg.json
    OUT/previews/a/x.jpg.jpg     OUT/ledger.db            the record
    OUT/results/a/x.jpg.png      OUT/report.jsonl, OUT/report.html

and one more folder a layout (`automask.batch.layouts`).

The whole name of the picture stays in each, so that ``x.jpg`` and ``x.png`` never meet. One that is
too long for a disk with what is added to it is cut, and told apart by a hash of it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from automask.batch.items import Item

KINDS = ("masks", "rest", "previews", "results", "review", "parents", "sidecars")
LEDGER = "ledger.db"
REPORT = "report.jsonl"
PAGE = "report.html"
MOST_BYTES = 255  # of a name, on nearly every disk


def ledger(shard: str = "") -> str:
    """The name of the record's file; of a share where one is given, such as "2-of-4"."""
    return f"ledger-{shard}.db" if shard else LEDGER


@dataclass(frozen=True)
class Places:
    """Where the results of one picture go.

    Parameters
    ----------
    out : Path
        The batch's folder.
    name : str
        The picture's place in the tree, with slashes.
    """

    out: Path
    name: str

    def mask(self, suffix: str = ".png") -> Path:
        """The mask, or the mask in review."""
        return self._at("masks", suffix)

    def rest(self, suffix: str = ".png") -> Path:
        """The mask of everything else."""
        return self._at("rest", suffix)

    @property
    def preview(self) -> Path:
        """The overlay."""
        return self._at("previews", ".jpg")

    @property
    def sidecar(self) -> Path:
        """The facts of the mask as JSON."""
        return self._at("sidecars", ".json")

    def result(self, number: int = 0, suffix: str = ".png") -> Path:
        """The repainted picture; one of several, from 1 on."""
        return self._at("results", f"-{number}{suffix}" if number else suffix)

    def parent(self, item: Item) -> Path:
        """The picture of `item`, with the batch's options put in, as the service keeps it.

        The name of `item` may come to mean another message, or another picture of a grid.
        """
        source = f"{item.provider} {item.message_id} {item.upscale}"
        return self._at("parents", f"~{_mark(os.fsencode(source))[:8]}.png")

    @property
    def review_overlay(self) -> Path:
        """What a person looks at who reviews the picture."""
        return self._at("review", ".jpg")

    @property
    def review_reason(self) -> Path:
        """Why a person should look."""
        return self._at("review", ".txt")

    def _at(self, kind: str, suffix: str) -> Path:
        folder, _, last = f"{self.name}{suffix}".rpartition("/")
        if len(os.fsencode(last)) > MOST_BYTES:
            last = _shortened(self.name.rpartition("/")[2], suffix)
        return self.out / kind / folder / last


def _shortened(name: str, suffix: str) -> str:
    """`name`, cut where a letter ends, a part of its hash and `suffix`."""
    whole = os.fsencode(name)
    mark = f"~{_mark(whole)[:16]}{suffix}"
    cut = whole[: MOST_BYTES - len(mark)]
    while cut and whole[len(cut)] & 0xC0 == 0x80:  # in the middle of one, in UTF-8
        cut = cut[:-1]
    return os.fsdecode(cut) + mark


def _mark(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
