"""What the commands of a batch have in common: their options, checked and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from automask.cli import engines, options, outputs, talk
from automask.errors import ArgumentError

if TYPE_CHECKING:
    from automask.batch.inputs import Inputs
    from automask.batch.items import Item, Options
    from automask.batch.progress import Patience
    from automask.selector.syntax import Rule

F = TypeVar("F", bound=Callable[..., Any])

_RESULTS = (
    click.option(
        "--on-empty", type=click.Choice(["review", "skip", "fail", "full"]), default="review",
        show_default=True, help="What happens where the rule selects nothing.",
    ),
    click.option(
        "--limit", default="", metavar="LIMITS",
        help="What a mask must measure, such as area=1%..60%; else it goes to review.",
    ),
    click.option(
        "--format", "format_", type=click.Choice(list(outputs.FORMATS)), default="png",
        show_default=True, help="How masks are written.",
    ),
    options.feather_option,
    click.option("--preview", is_flag=True, help="Also write OUT/previews: the mask as overlay."),
    click.option("--sidecar", is_flag=True, help="Also write the facts of each mask as JSON."),
    click.option("--rest", is_flag=True, help="Also write OUT/rest: the mask of all else."),
    click.option(
        "--layout", "layout", multiple=True,
        type=click.Choice(["iopaint", "a1111", "comfy", "coco"]),
        help="Also write OUT/LAYOUT: the masks as that tool wants them; give it once for each.",
    ),
    click.option(
        "--scale", type=click.Choice(["1", "1/2", "1/4"]), default="1", show_default=True,
        help="Compute RULE on pictures made smaller, where it means the same; masks are whole.",
    ),
)  # fmt: skip
_PROVIDER = (
    click.option(
        "--provider", default="", metavar="NAME",
        help="Who repaints; without it only masks are made.",
    ),
    options.prompt_option,
    click.option(
        "--ref", default="", metavar="TEXT", type=options.PlainText(),
        help="A word of your own for the report's lines; it decides nothing.",
    ),
    options.upscale_option,
    options.paste_option,
)  # fmt: skip
_RUN = (
    options.budget_option,
    click.option(
        "-j", "--jobs", "workers", type=click.IntRange(1, 256), metavar="N",
        help="How many pictures at once; one a core.",
    ),
    click.option(
        "--max-failures", default="", metavar="N|N%",
        help="Stop early when more than so many pictures failed.",
    ),
)  # fmt: skip


out_option = click.option(
    "-o", "--output", "out", metavar="OUT", required=True,
    help="The batch's folder, or the address of one (s3://bucket/out).",
)  # fmt: skip
table_option = click.option(
    "--jobs-file", "table", metavar="FILE", type=click.Path(),
    help="A table of pictures in place of INPUT: CSV or JSON lines with the columns image or "
    "message_id, rule, prompt, ref, provider, upscale.",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a command line asks for.

    Parameters
    ----------
    options : Options
    items : iterable of Item
    inputs : Inputs, optional
        Where they come from, if not from a table.
    """

    options: Options
    items: Iterable[Item]
    inputs: Inputs | None = None

    def listen(self, tell: Callable[[str, str], None]) -> None:
        """Have `tell` called with what is left out among the inputs, and why."""
        if self.inputs:
            self.inputs.tell = tell


def result_options(command: F) -> F:
    """Add the options of what is written."""
    for option in reversed(_RESULTS + _PROVIDER):
        command = option(command)
    return command


def run_options(command: F) -> F:
    """Add the options of how it is worked on."""
    for option in reversed(_RUN + engines.OPTIONS):
        command = option(command)
    return command


def one_line(tree: Rule) -> Rule:
    """The rule, unless it cannot be written as one line of a record."""
    if "\n" in str(tree):
        raise ArgumentError("A batch's rule is one line; take the line breaks out of its texts.")
    return tree


def wanted(tree: Rule | None, how: dict[str, Any]) -> Options:
    """The options of a batch, checked before anything is looked at."""
    from automask.batch import layouts
    from automask.batch.items import Options

    names = (
        "on_empty", "limit", "preview", "sidecar", "rest", "provider", "prompt", "ref",
        "paste_back",
    )  # fmt: skip
    feather = how["feather"]
    made = Options(
        rule="" if tree is None else str(tree), format=how["format_"],
        feather=str(feather) if feather else "", upscale=how["upscale"] or 0,
        layout=layouts.read(how["layout"]), scale=int(how["scale"][-1]),
        **{name: how[name] for name in names},
    )  # fmt: skip
    check(made)
    _note_scale(made)
    return made


def _note_scale(made: Options) -> None:
    """Say where less than the whole picture was asked for, and will not do."""
    from automask.batch.small import why_whole

    if made.scale > 1 and made.rule and (why := why_whole(made, made.rule)):
        talk.warn(f"--scale 1/{made.scale} is left aside, masks are computed at full size: {why}")


def check(made: Options) -> None:
    """Raise `ArgumentError` or `RuleError` if `made` cannot be done.

    They may have been written by hand, in a plan.
    """
    from automask.batch import layouts
    from automask.batch.addresses import is_address
    from automask.batch.items import OnEmpty
    from automask.batch.small import limit_of
    from automask.images import encode
    from automask.images.reduced import SCALES
    from automask.selector.parse import parse
    from automask.values import Quantity

    if made.rule:
        parse(made.rule)
    if made.limit:
        limit_of(made.limit)
    encode.suffix(made.format)  # which says what there is
    if made.on_empty not in get_args(OnEmpty):
        ways = ", ".join(get_args(OnEmpty))
        raise ArgumentError(f"on_empty cannot be {made.on_empty!r}; give one of {ways}.")
    if made.scale not in SCALES:
        raise ArgumentError(f"scale cannot be {made.scale!r}; give 1, 2 or 4.")
    if made.feather:
        Quantity.parse(made.feather)
        if made.format not in encode.SOFT_FORMATS:
            soft = " and ".join(encode.SOFT_FORMATS)
            raise ArgumentError(f"--feather is for {soft}, not for {made.format}; leave it out.")
    if made.provider:
        _check_provider(made)
    if made.out and is_address(made.out) and layouts.COCO in made.layout.split(","):
        raise ArgumentError("--layout coco needs a folder for OUT, not an address.")


def ask(words: Sequence[str], table: str | None, out: str, how: dict[str, Any]) -> Asked:
    """What RULE, INPUT, --jobs-file and the options ask for, checked; nothing is listed yet."""
    from automask.batch import tables
    from automask.batch.inputs import Inputs

    rule, *inputs = words or ("",)
    if bool(inputs) == bool(table):
        both = "both are given" if table else "neither is given"
        raise ArgumentError(f"Give RULE and INPUT, or --jobs-file FILE; {both}.")
    read_patience(how["max_failures"])
    tree = one_line(options.read_rule(rule)) if rule else None
    options_ = replace(wanted(tree, how), out=engines.results(out, how))
    check(options_)
    if table:
        lines = tables.items(Path(table), needs_rule=tree is None)
        return Asked(options_, engines.part(lines, how))
    _refuse_unready(options_)
    listed = Inputs(inputs, options_.results(engines.home(out, how)))
    return Asked(options_, engines.part(listed.items(), how), listed)


def _refuse_unready(made: Options) -> None:
    """Raise where each file among the inputs would fail for the same reason."""
    from automask.batch.recipe import Recipes
    from automask.providers.base import provider_of

    if made.provider and provider_of(made.provider).paid:
        raise ArgumentError(
            f"{made.provider} takes no files in a batch; give message ids, with --jobs-file."
        )
    Recipes(made).refuse_unready(made.rule, made.provider)


def threads(how: dict[str, Any]) -> int:
    """How many pictures are worked on at once."""
    from automask.batch.engines.local import cores

    return how["workers"] or cores()


def _check_provider(made: Options) -> None:
    from automask.providers.base import provider_of

    engine = provider_of(made.provider)
    if engine.paid and made.out:
        raise ArgumentError(f"{made.provider} is paid: its results go to a folder with the record.")
    if engine.paid and (made.format != "png" or made.feather):
        raise ArgumentError(
            f"{made.provider} takes masks of two values; leave --format and --feather out."
        )
    if not engine.paid and made.upscale:
        raise ArgumentError(f"--upscale is for pictures of a service, not for {made.provider}.")


def read_patience(text: str) -> Patience | None:
    """What ``--max-failures`` writes: 10, or 5%."""
    from automask.batch.progress import Patience

    if not text:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", text.strip())
    if not found or (found[2] and float(found[1]) > 100):
        raise ArgumentError(f"--max-failures {text}: give a number such as 10, or 5%.")
    return Patience(float(found[1]) / 100, is_share=True) if found[2] else Patience(float(found[1]))
