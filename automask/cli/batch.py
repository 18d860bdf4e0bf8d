"""``automask batch``: a rule over many pictures, hands-free."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.cli import batching, options
from automask.errors import ArgumentError

if TYPE_CHECKING:
    from automask.selector.syntax import Rule


@click.command("batch")
@options.rule_argument
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("-o", "--output", "out", metavar="OUT", required=True, help="The batch's folder.")
@batching.result_options
@batching.run_options
@options.json_option
def batch(rule: str, inputs: tuple[str, ...], out: str, as_json: bool, **how: Any) -> int:
    """Write the mask of what RULE selects in each picture of INPUT.

    INPUT is a file, a folder (with what is below it), a pattern in quotes, an address, or - for a
    list on stdin. The tree of the inputs is kept below OUT/masks; OUT/report.jsonl has a line a
    picture. Pictures that a person should look at go to OUT/review.

    The same command again goes on where it was stopped: what is done with the same bytes, rule and
    options is not done again. A bad picture does not stop the others: exit 4 says that there were
    some.
    """
    from automask.batch.inputs import Inputs

    folder = Path(out)
    found = Inputs(inputs, folder)
    wanted = batching.wanted(_expanded(options.read_rule(rule)), how)
    return batching.begin(folder, wanted, found.items(), inputs, as_json=as_json, how=how)


def _expanded(tree: Rule) -> Rule:
    """The rule, unless it cannot be written as one line of a record."""
    if "\n" in str(tree):
        raise ArgumentError("A batch's rule is one line; take the line breaks out of its texts.")
    return tree
