"""The options that say where the pictures of a batch are worked on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from automask.errors import ArgumentError

if TYPE_CHECKING:
    from automask.batch.engines.base import Engine

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
