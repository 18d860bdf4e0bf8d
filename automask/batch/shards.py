"""A batch in parts, for machines without a cluster: each takes its share of the pictures.

Which share a picture belongs to follows from its name or message id alone, so that machines which
list the same inputs agree without a word. Each share has a record of its own,
OUT/ledger-2-of-4.db, since a record belongs to one process; the results lie in one tree.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from automask.batch import layouts, tables
from automask.batch.items import Item
from automask.batch.places import LEDGER
from automask.batch.record import Record
from automask.errors import ArgumentError, LedgerError


@dataclass(frozen=True)
class Shard:
    """One share of a batch.

    Parameters
    ----------
    number : int
        From 1 on.
    count : int
        How many shares there are.
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The share that "2/4" writes.

        Raises
        ------
        ArgumentError
            If it is none.
        """
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise ArgumentError(f"--shard {text}: give a share and their number, such as 2/4.")
        return cls(int(found[1]), int(found[2]))

    @property
    def label(self) -> str:
        """What stands in the name of its record.

        >>> Shard(2, 4).label
        '2-of-4'
        """
        return f"{self.number}-of-{self.count}"

    def of(self, items: Iterable[Item]) -> Iterator[Item]:
        """Those of `items` that are its own."""
        for item in items:
            shared = _shared(item).encode("utf-8", "surrogateescape")
            if int.from_bytes(hashlib.sha256(shared).digest()[:8]) % self.count == self.number - 1:
                yield item


def _shared(item: Item) -> str:
    """What pictures have in common that stay together.

    Those whose names differ in the ending only, since layouts that know no endings have to see
    both; and all lines of one picture of a service, since the same job or upscale among them is
    paid once only where there is one record of jobs.
    """
    return tables.place_of(item.message_id) if item.message_id else layouts.stem(item)


def labels(out: Path) -> list[str]:
    """The shares that have a record in `out`: "1-of-4", "2-of-4"."""
    found = (re.fullmatch(r"ledger-(\d+)-of-(\d+)\.db", path.name) for path in out.glob("*.db"))
    return [Shard(number, count).label for count, number in sorted(
        (int(match[2]), int(match[1])) for match in found if match
    )]  # fmt: skip


def refuse_other_split(out: Path, shard: Shard | None) -> None:
    """Raise `LedgerError` where the batch in `out` is split in another way, or was not.

    Pictures would be done twice, and be in two records.
    """
    counts = {label.rpartition("-")[2] for label in labels(out)}
    if (out / LEDGER).exists():
        counts.add("1")
    if others := counts - {str(shard.count) if shard else "1"}:
        was = "as a whole" if others == {"1"} else f"in {' and '.join(sorted(others))} shares"
        step = "leave --shard out" if others == {"1"} else "give --shard of so many"
        raise LedgerError(f"The batch in {out} was begun {was}; {step}, or give another -o.")


@contextmanager
def gathered(out: Path) -> Iterator[Record]:
    """The record of the batch in `out`, to be read: of all shares where there are several."""
    there = labels(out)
    if not there:
        with Record(out, writing=False) as record:
            yield record
        return
    with tempfile.TemporaryDirectory(prefix="automask-") as folder, Record(Path(folder)) as whole:
        for label in there:
            with Record(out, writing=False, shard=label) as record:
                whole.take(record)
        yield whole
