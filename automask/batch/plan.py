"""What a batch would do, before it does it: from headers and hashes, and nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from automask.batch.addresses import is_address
from automask.batch.items import Item, Options
from automask.batch.known import Known
from automask.batch.pay import is_paid, price, upscale_price
from automask.batch.places import Places
from automask.batch.record import Record
from automask.batch.rows import Row
from automask.batch.states import FAILED, OPEN, PLANNED, SENT
from automask.errors import ImageError
from automask.images import decode, formats, sources
from automask.images.header import Header

Action = Literal["do", "done", "skip"]
HEAD_BYTES = 1 << 18  # of a file: nearly every header ends before


@dataclass(frozen=True)
class Planned:
    """What would become of one picture.

    Parameters
    ----------
    item : Item
    action : "do", "done" or "skip"
        "done" is done already; "skip" cannot be done.
    reason : str
        Why: "new", "failed before", ..., or what is wrong with it.
    width, height : int
        In pixels, as stored; 0 where that is not known before the picture is fetched.
    credits : float
        What its paid jobs cost at most.
    """

    item: Item
    action: Action
    reason: str
    width: int = 0
    height: int = 0
    credits: float = 0.0

    @property
    def pixels(self) -> int:
        """Its size; 0 where it is not known."""
        return self.width * self.height


@dataclass
class Planner:
    """Plans a batch.

    Parameters
    ----------
    options : Options
    out : Path
        The batch's folder, which need not be there.
    record : Record, optional
        What was done there before.
    whole : bool
        Read every picture to its end, and plan it by its hash; else headers are enough for those
        that were not done before.

    Attributes
    ----------
    seconds, timed_pixels : float, int
        What pictures that were done by this very recipe took, and how large they were.
    """

    options: Options
    out: Path
    record: Record | None = None
    whole: bool = False
    seconds: float = field(default=0.0, init=False)
    timed_pixels: int = field(default=0, init=False)
    _seen: set[str] = field(default_factory=set, init=False)
    _upscaled: set[tuple[str, str, int]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self.known = Known(self.record, self.out, self.options)

    def planned(self, items: Iterable[Item]) -> Iterator[Planned]:
        """What would become of each of `items`, in their order.

        Raises
        ------
        AutomaskError
            If a rule, a model or a provider cannot be had, as when the batch is run.
        """
        for item in items:
            if item.name in self._seen:
                yield Planned(item, "skip", "it is listed twice")
                continue
            self._seen.add(item.name)
            yield self._one(item)

    def _one(self, item: Item) -> Planned:
        row = self.record.find(item.name) if self.record else None
        if row and row.item.instead:
            item = replace(item, instead=row.item.instead, instead_of=row.item.instead_of)
        recipe, _ = self.known.recipe(item)
        known = self.known.sha256(row, recipe) if row else ""
        whole = self.options.completed(item)
        if is_paid(whole.provider) and not item.message_id:
            words = f"{whole.provider} is paid and takes no files in a batch; give message ids."
            return Planned(item, "skip", words)
        if row and row.recipe == recipe:
            self._time(row)
        try:
            digest, header = self._looked_at(item, bool(known))
        except ImageError as error:
            if row and known:
                return _sized(item, "done", f"{row.state}; its picture cannot be read", row)
            return Planned(item, "skip", str(error))
        open_ = row.state if row and row.state in OPEN else ""
        if row and known and digest == known and not open_:
            return _sized(item, "done", row.state, row)
        why = f"with a job that is {open_}" if open_ else _reason(row, recipe, bool(known))
        credits_ = 0.0 if open_ in SENT else self._price(item, whole)
        size = (header.width, header.height) if header else (0, 0)
        if self.whole and not item.message_id:
            item = replace(item, sha256=digest)
        return Planned(item, "do", why, *size, credits=credits_)

    def _looked_at(self, item: Item, to_the_end: bool) -> tuple[str, Header | None]:
        """The hash of a picture, where that was wanted, and its header, where it is at hand."""
        place = item.image
        if item.message_id:
            place = str(Places(self.out, item.name).parent(self.options.completed(item)))
        if item.message_id and not Path(place).exists():
            return "", None
        if self.whole or to_the_end:
            data = sources.read(place)
            return hashlib.sha256(data).hexdigest(), header_of(data, item.name)
        if is_address(place):
            return "", None
        data = sources.beginning(place, HEAD_BYTES)
        try:
            return "", header_of(data, item.name, cut=len(data) == HEAD_BYTES)
        except ImageError:
            if len(data) < HEAD_BYTES:
                raise
        return "", header_of(sources.read(place), item.name)

    def _time(self, row: Row) -> None:
        facts = row.facts or {}
        took = sum(facts.get("seconds", {}).values())
        if took and "width" in facts:
            self.seconds += took
            self.timed_pixels += facts["width"] * facts["height"]

    def _price(self, item: Item, whole: Item) -> float:
        """What the jobs of `item` cost; the same upscale is paid once."""
        if not is_paid(whole.provider):
            return 0.0
        upscale = (whole.provider, item.message_id, whole.upscale)
        more = 0.0
        if whole.upscale and upscale not in self._upscaled:
            self._upscaled.add(upscale)
            more = upscale_price(whole)
        return price(whole) + more


def header_of(data: bytes, name: str, *, cut: bool = False) -> Header:
    """The header of a picture that can be decoded, as far as that can be told without doing it.

    Parameters
    ----------
    data : bytes
        The file, or with `cut` its beginning.
    name : str
        For messages.

    Raises
    ------
    ImageError
        If it is none, damaged, too large or, without `cut`, cut short.
    """
    found = formats.header(data, name)
    decode.check_size(found, name)
    if not (found.whole or cut):
        raise formats.cut_short(name, data)
    return found


def _sized(item: Item, action: Action, reason: str, row: Row) -> Planned:
    facts = row.facts or {}
    return Planned(item, action, reason, facts.get("width", 0), facts.get("height", 0))


def _reason(row: Row | None, recipe: str, is_there: bool) -> str:
    """Why a picture is to be done."""
    if row is None or row.state == PLANNED:
        return "new"
    if row.state == FAILED:
        return "failed before"
    if row.recipe != recipe:
        return "by another rule, model or option"
    return "changed" if is_there else "without a file of its results"
