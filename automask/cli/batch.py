"""``automask batch``: a rule over many pictures, hands-free."""

from __future__ import annotations

from typing import Any

import click

from automask.cli import batching, engines, options, working
from automask.errors import ArgumentError


@click.command("batch")
@click.argument("words", metavar="[RULE] [INPUT]...", nargs=-1)
@batching.out_option
@batching.table_option
@batching.result_options
@batching.run_options
@click.option("--dry-run", is_flag=True, help="Say what would be done; write and send nothing.")
@click.option("--watch", is_flag=True, help="Go on with pictures that come later, until Ctrl-C.")
@click.option(
    "--settle", type=click.FloatRange(0.05, 3600), default=2.0, show_default=True,
    metavar="SECONDS", help="With --watch: how long a file must not have changed.",
)  # fmt: skip
@options.json_option
def batch(words: tuple[str, ...], out: str, table: str | None, as_json: bool, **how: Any) -> int:
    """Select by RULE in each picture of INPUT, and have it repainted.

    INPUT is a file, a folder (with what is below it), a pattern in quotes, an address, or - for a
    list on stdin. The tree of the inputs is kept below OUT/masks, and below OUT/results where
    --provider says who repaints. OUT/report.jsonl has a line a picture. Pictures that a person
    should look at go to OUT/review and are never submitted.

    The same command again goes on where it was stopped: what is done with the same bytes, rule and
    options is not done again. A bad picture does not stop the others: exit 4 says that there were
    some. --watch does so again and again with what is new or changed, and stopped growing.
    """
    folder = engines.new_home(out, how)
    asked = batching.ask(words, table, out, how)
    if how["watch"]:
        if table or how["dry_run"]:
            other = "--jobs-file" if table else "--dry-run"
            raise ArgumentError(f"--watch looks into folders and does not go with {other}.")
        from automask.cli import watching

        return watching.watch(words[1:], folder, asked.options, as_json=as_json, how=how)
    if how["dry_run"]:
        from automask.cli import planning

        return planning.dry_run(asked, folder, as_json=as_json, how=how)
    return working.begin(folder, asked.options, asked.items, words, as_json=as_json, how=how)
