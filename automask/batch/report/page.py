"""report.html: one file for a browser, from the disk, with all pictures that need a look first.

The rows are compressed, since a browser unpacks them in no time and 100,000 of them are 30 MB of
text; that also keeps names from ever being read as HTML. The template has the rest.
"""

from __future__ import annotations

import base64
import heapq
import json
import os
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from automask.batch.addresses import is_address
from automask.batch.items import Options
from automask.batch.places import PAGE, Places
from automask.batch.record import Record
from automask.batch.report import thumbs
from automask.batch.report.lines import credits_of
from automask.batch.report.unusual import Usual, coverage
from automask.batch.rows import Row
from automask.batch.states import DONE, FAILED, IN_DOUBT, OPEN, REVIEW, SKIPPED
from automask.images import files
from automask.version import __version__

TILES = 200  # pictures that are shown; the rest are lines
ORDINARY = 60  # of each group that needs no look, in a batch of more than TILES
ROWS = 100_000  # that need a look, and as many others; the rest are counted only
RULES = 10_000  # that are told apart; a table may have one for each picture
_WORST: Mapping[str, int] = MappingProxyType({FAILED: 0, REVIEW: 1, IN_DOUBT: 2})
_UNUSUAL, _OPEN = 3, 4
_PLACES: Mapping[str, int] = MappingProxyType({DONE: 5, SKIPPED: 6})
_MARK = "<!-- {} -->"
_LONGEST = 400  # letters of a reason or remark that are kept


def write_page(record: Record, out: Path, options: Options, *, tiles: int | None = None) -> Path:
    """Where the page lies now that was made from all rows of `record`.

    Parameters
    ----------
    record : Record
    out : Path
        The batch's folder.
    options : Options
        Those of the newest run.
    tiles : int, optional
        How many pictures are shown at most: as many of each group, those first that need a look
        most. When left out `TILES`, and in a larger batch `ORDINARY` of those that need none.
    """
    place = out / PAGE
    most = TILES if tiles is None else tiles
    ordinary = ORDINARY if tiles is None and record.states().total() > TILES else most
    pieces = _Page(record, out.absolute(), options, most, ordinary).pieces()
    files.write_pieces(place, (text.encode(errors="replace") for text in pieces))
    return place


def is_current(record: Record, out: Path) -> bool:
    """Whether the page that is there says what `record` says."""
    try:
        return (out / PAGE).stat().st_mtime > record.changed_at()
    except OSError:
        return False


@dataclass
class _Page:
    """The page while it is written; rows go through, only those with a tile are kept."""

    record: Record
    out: Path
    options: Options
    tiles: int
    ordinary: int
    usual: dict[str, Usual] = field(default_factory=dict)
    seconds: float = 0.0
    credits: float = 0.0
    left_out: int = 0
    _words: dict[str, int] = field(default_factory=dict)
    _shown: dict[int, list[tuple[float, int, Row]]] = field(default_factory=dict)

    def pieces(self) -> Iterator[str]:
        template = resources.files("automask.batch.report").joinpath("page.html").read_text("utf-8")
        for row in self.record.rows(DONE, *OPEN):
            self._usual(row).add(row.facts or {})
        head, rest = template.split(_MARK.format("rows"))
        middle, tail = rest.split(_MARK.format("tiles"))
        yield head
        yield from _in_base64(_compressed(self._data()))
        yield middle
        yield from self._pictures()
        yield tail

    def _usual(self, row: Row) -> Usual:
        rule = self.record.options(row.run).completed(row.item).rule
        if rule not in self.usual and len(self.usual) >= RULES:
            rule = ""
        return self.usual.setdefault(rule, Usual())

    def _data(self) -> Iterator[str]:
        yield '{"rows":['
        kept: Counter[bool] = Counter()
        for row in self.record.rows():
            entry, rank, weight = self._entry(row)
            needs_look = rank <= _UNUSUAL
            kept[needs_look] += 1
            if kept[needs_look] > ROWS:
                self.left_out += 1
                continue
            yield _json(entry) + ","
            self._keep(row, rank, weight)
        yield f'0],"words":{_json(list(self._words))},"batch":{_json(self._batch())}}}'

    def _keep(self, row: Row, rank: int, weight: float) -> None:
        """Keep `row` for a tile while its group has not enough that need a look more."""
        if not self.tiles or "width" not in (row.facts or {}):  # never read: nothing to be seen
            return
        group = self._shown.setdefault(rank, [])
        entry = (weight, -row.id, row)
        if len(group) < (self.tiles if rank <= _UNUSUAL else self.ordinary):
            heapq.heappush(group, entry)
        elif entry > group[0]:
            heapq.heapreplace(group, entry)

    def _chosen(self) -> list[Row]:
        """The rows with a tile: as many of each group, and all of those that have fewer."""
        chosen: list[Row] = []
        groups = sorted(self._shown.values(), key=len)
        for number, group in enumerate(groups):
            share = (self.tiles - len(chosen)) // (len(groups) - number)
            chosen += [row for *_, row in sorted(group, reverse=True)[:share]]
        return chosen

    def _entry(self, row: Row) -> tuple[list[Any], int, float]:
        """A row for the page (see the template), its group, and how much it needs a look."""
        facts = row.facts or {}
        remarks = {} if row.state in _WORST else self._usual(row).remarks(facts)
        rank = _WORST.get(row.state, _PLACES.get(row.state, _OPEN))
        rank, weight = (_UNUSUAL, sum(remarks.values())) if remarks else (rank, 0.0)
        seconds, share = facts.get("seconds", {}), coverage(facts)
        self.seconds += sum(seconds.values())
        self.credits += credits_of(row)
        item = self._completed(row).item
        entry = [
            row.id, item.name, self._word(row.state), rank, round(weight, 2),
            row.reason[:_LONGEST], list(remarks), self._word(item.rule),
            self._word(item.provider), self._word(item.prompt[:_LONGEST]),
            [self._word(model) for model in facts.get("models", ())],
            facts.get("width", 0), facts.get("height", 0),
            None if share is None else round(share, 6), facts.get("regions"),
            {name: round(s, 3) for name, s in seconds.items()}, credits_of(row),
            [self._pattern(place, item.name) for place in self._links(row)],
        ]  # fmt: skip
        return entry, rank, weight

    def _completed(self, row: Row) -> Row:
        """`row`, with what its item leaves to the options of its run."""
        return replace(row, item=self.record.options(row.run).completed(row.item))

    def _word(self, text: str) -> int:
        """The number of a text that many rows have."""
        return self._words.setdefault(text, len(self._words))

    def _links(self, row: Row) -> Iterator[str]:
        """The picture and its files, as seen from the page."""
        image = row.item.image
        if row.item.message_id:
            place = Places(self.out, row.item.name).parent(self._completed(row).item)
            yield place.relative_to(self.out).as_posix()
        if image and not is_address(image):
            folder, name = os.path.split(image)
            with suppress(ValueError):  # another drive
                yield f"{_way(folder, str(self.out))}{name}"
        yield from (place for place, _ in row.outputs)

    def _pattern(self, place: str, name: str) -> list[Any]:
        """A link as the number of what stands before the name, and what stands behind it."""
        before, found, behind = place.rpartition(name)
        return [self._word(before), behind, 1] if found else [self._word(""), place, 0]

    def _batch(self) -> dict[str, Any]:
        started, ended = self.record.times()
        states = self.record.states()
        return {
            "folder": self.out.name,
            "rule": self.options.rule,
            "options": self.options.as_json(),
            "version": __version__,
            "made": time.time(),
            "started": started,
            "ended": ended,
            "pictures": states.total(),
            "states": states,
            "left_out": self.left_out,
            "credits": self.credits,
            "seconds": self.seconds,
        }

    def _pictures(self) -> Iterator[str]:
        mark = "{"
        rows = list(map(self._completed, self._chosen()))
        results = Path(self.options.results(self.out))
        for row, found in zip(rows, thumbs.tiles(rows, results), strict=True):
            yield f'{mark}"{row.id}":{_json(found)}\n'
            mark = ","
        yield "}" if rows else "{}"


@lru_cache(256)
def _way(folder: str, out: str) -> str:
    """The way from `out` to `folder`, with slashes, one of them at the end; "" for itself."""
    way = os.path.relpath(folder, out).replace(os.sep, "/")
    return "" if way == "." else f"{way}/"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _compressed(texts: Iterable[str]) -> Iterator[bytes]:
    packer = zlib.compressobj(6)
    for text in texts:
        yield packer.compress(text.encode())
    yield packer.flush()


def _in_base64(pieces: Iterable[bytes]) -> Iterator[str]:
    left = b""
    for piece in pieces:
        left += piece
        whole = len(left) - len(left) % 3
        if whole:
            yield base64.b64encode(left[:whole]).decode()
            left = left[whole:]
    yield base64.b64encode(left).decode()
