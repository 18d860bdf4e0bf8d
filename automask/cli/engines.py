"""The options that say where the pictures of a batch are worked on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from automask.batch.engines.base import Engine
    from automask.batch.items import Item
    from automask.batch.record import Record
    from automask.batch.shards import Shard

OPTIONS = (
    click.option(
        "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
        help="Where pictures are worked on: threads of this process, or a Ray cluster.",
    ),
    click.option(
        "--ray-address", default="", metavar="ADDRESS",
        help="The cluster to join, such as 10.0.0.1:6379 or auto; without it RAY_ADDRESS, or a "
        "cluster on this machine for this run.",
    ),
    click.option(
        "--shard", default="", metavar="I/N",
        help="Do only share I of N, for N machines with one OUT; --budget counts for each.",
    ),
    click.option(
        "--record", "kept", default="", metavar="DIR", type=click.Path(),
        help="Keep the record and the reports here, on a disk of this machine, and only the "
        "results in OUT; where OUT is an address, the usual place is the user's data folder.",
    ),
)  # fmt: skip


def chosen(how: dict[str, Any]) -> Engine:
    """The engine that the options name."""
    workers = how["workers"] or 0
    if how["engine"] == "ray":
        from automask.batch.engines.ray import Ray

        return Ray(workers, how["ray_address"])
    if how["ray_address"]:
        raise ArgumentError("--ray-address is for --engine ray; give both.")
    from automask.batch.engines.local import Local

    return Local(workers)


def shard(how: dict[str, Any]) -> Shard | None:
    """The share of the batch that is asked for; None is all of it."""
    from automask.batch.shards import Shard

    return Shard.parse(how["shard"]) if how["shard"] else None


def part(items: Iterable[Item], how: dict[str, Any]) -> Iterable[Item]:
    """Those of `items` that belong to the share that is asked for."""
    share = shard(how)
    return share.of(items) if share else items


def record(out: Path, how: dict[str, Any], *, begun: bool = False) -> Record:
    """The record of the batch in `out`, or of the share that is asked for, to be written.

    Raises
    ------
    LedgerError
        If it cannot be had, or the batch was split in another way; with `begun`, if it was not.
    """
    from automask.batch.opened import refuse_unless_begun
    from automask.batch.record import Record
    from automask.batch.shards import refuse_other_split

    share = shard(how)
    label = share.label if share else ""
    if begun:
        refuse_unless_begun(out, label)
    refuse_other_split(out, share)
    return Record(out, shard=label)


def home(out: str, how: dict[str, Any]) -> Path:
    """The folder of the record of the batch whose results go to `out`."""
    from automask.batch import outs
    from automask.images import stores

    out = outs.normal(out)
    if kept := how.get("kept"):
        return Path(kept)
    return outs.home(out) if stores.is_stored(out) else Path(out)


def new_home(out: str, how: dict[str, Any]) -> Path:
    """The same for a batch that need not be there yet."""
    from automask.images import stores

    if not out.strip():
        raise ArgumentError("-o is empty; give the folder for the batch.")
    folder = home(out, how)
    if stores.is_stored(out):  # what is wrong with it would be wrong for every picture
        stores.check(out)
    if folder.exists() and not folder.is_dir():
        what = "--record" if how["kept"] else "-o"
        raise ArgumentError(f"{what} {folder} is a file; give the folder for the batch.")
    return folder


def whole_name(out: str) -> str:
    """`out` as it is understood in any folder; "" is none."""
    from automask.batch import outs
    from automask.images import stores

    if not out:
        return ""
    out = outs.normal(out)
    return out if stores.is_stored(out) else str(Path(out).absolute())


def results(out: str, how: dict[str, Any]) -> str:
    """Where the results of a batch go, if that is not beside its record."""
    from automask.batch import outs
    from automask.images import stores

    out = outs.normal(out)
    if stores.is_stored(out):
        return out
    return str(Path(out).absolute()) if how["kept"] else ""
