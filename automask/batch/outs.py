"""The results of a batch where they lie: in a folder, or in a store such as s3://bucket/out.

The record of a batch is a database, which only a disk of one's own can hold; its results may lie
anywhere. Each is there as a whole or not at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from automask.errors import ArgumentError
from automask.images import files, sources, stores


def normal(out: str) -> str:
    """`out` as a path, or as an address that can be written to.

    >>> normal("s3://bucket/out/"), normal("file:///tmp/out")
    ('s3://bucket/out', '/tmp/out')

    Raises
    ------
    ArgumentError
        If nothing can be written there.
    """
    if stores.scheme(out) in ("http", "https"):
        raise ArgumentError(f"{out} cannot be written to; give a folder, or a store such as s3://.")
    if "::" in out and stores.is_stored(out):
        raise ArgumentError(f"{out}: results are not written into archives; give a store itself.")
    return out.rstrip("/") if stores.is_stored(out) else str(sources.plain(out))


def home(out: str) -> Path:
    """The folder of the user's in which the record of the batch at the address `out` is kept."""
    from platformdirs import user_data_path

    name = re.sub(r"[^\w.-]+", "-", out)[-60:].strip("-")
    mark = hashlib.sha256(out.encode()).hexdigest()[:8]
    return user_data_path("automask", appauthor=False) / "batches" / f"{name}-{mark}"


def write(out: str, place: str, data: bytes) -> None:
    """Put `data` at `place` below `out`; what is lost with the power is made again.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    if stores.is_stored(out):
        stores.write(f"{out}/{place}", data)
    else:
        files.write(Path(out) / place, data, durable=False)


def remove(out: str, place: str) -> None:
    """Remove what is at `place` below `out`, if anything is."""
    if stores.is_stored(out):
        stores.remove(f"{out}/{place}")
    else:
        (Path(out) / place).unlink(missing_ok=True)


def are_there(out: str, outputs: Iterable[tuple[str, int]]) -> bool:
    """Whether every one of `outputs` is there, of the size that is told with it."""
    try:
        return all(_size(out, place) == size for place, size in outputs)
    except OSError:
        return False


def _size(out: str, place: str) -> int | None:
    if stores.is_stored(out):
        return stores.size(f"{out}/{place}")
    return (Path(out) / place).stat().st_size
