"""``automask batch``: a rule over many pictures, hands-free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.cli import batching, options
from automask.errors import ArgumentError

if TYPE_CHECKING:
    from automask.batch.items import Item


@click.command("batch")
@click.argument("words", metavar="[RULE] [INPUT]...", nargs=-1)
@click.option("-o", "--output", "out", metavar="OUT", required=True, help="The batch's folder.")
@click.option(
    "--jobs-file", "table", metavar="FILE", type=click.Path(),
    help="A table of pictures in place of INPUT: CSV or JSON lines with the columns image or "
    "message_id, rule, prompt, ref, provider, upscale.",
)  # fmt: skip
@batching.result_options
@batching.run_options
@options.json_option
def batch(words: tuple[str, ...], out: str, table: str | None, as_json: bool, **how: Any) -> int:
    """Select by RULE in each picture of INPUT, and have it repainted.

    INPUT is a file, a folder (with what is below it), a pattern in quotes, an address, or - for a
    list on stdin. The tree of the inputs is kept below OUT/masks, and below OUT/results where
    --provider says who repaints. OUT/report.jsonl has a line a picture. Pictures that a person
    should look at go to OUT/review and are never submitted.

    The same command again goes on where it was stopped: what is done with the same bytes, rule and
    options is not done again. A bad picture does not stop the others: exit 4 says that there were
    some.
    """
    folder, (rule, *inputs) = batching.read_out(out), words or ("",)
    if bool(inputs) == bool(table):
        both = "both are given" if table else "neither is given"
        raise ArgumentError(f"Give RULE and INPUT, or --jobs-file FILE; {both}.")
    tree = batching.one_line(options.read_rule(rule)) if rule else None
    wanted = batching.wanted(tree, how)
    found = _items(inputs, table, folder, needs_rule=tree is None)
    return batching.begin(folder, wanted, found, words, as_json=as_json, how=how)


def _items(
    inputs: Sequence[str], table: str | None, folder: Path, *, needs_rule: bool
) -> Iterable[Item]:
    from automask.batch import tables
    from automask.batch.inputs import Inputs

    if table:
        return tables.items(Path(table), needs_rule=needs_rule)
    return Inputs(inputs, folder).items()
