"""``automask mask``: the mask of what a rule selects, as a file for each image."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from automask.cli import options, outputs, talk
from automask.cli.outcome import common
from automask.errors import ArgumentError


@click.command("mask")
@options.rule_argument
@options.images_argument
@click.option(
    "-o", "--output", "out", metavar="FILE|DIR|-",
    help="Where to write; a folder for several images, - for stdout.",
)  # fmt: skip
@click.option(
    "--format", "format_", type=click.Choice(list(outputs.FORMATS)),
    help="How to write; by the ending of FILE, else png.",
)  # fmt: skip
@options.feather_option
@click.option("--preview", is_flag=True, help="Also write NAME.preview.jpg, the mask as overlay.")
@click.option("--sidecar", is_flag=True, help="Also write FILE.json: rule, versions, source hash.")
@click.option("--rest", is_flag=True, help="Select everything else: the mask of !(RULE).")
@click.option(
    "--on-empty", type=click.Choice(["fail", "skip", "full"]), default="fail", show_default=True,
    help="Nothing selected: exit 3 without a file, carry on without a file, or select all.",
)  # fmt: skip
@click.option(
    "--stored-orientation", is_flag=True,
    help="Write the mask the way the file stores its pixels, before EXIF turns them.",
)  # fmt: skip
@options.json_option
@options.lines_option
def mask(
    rule: str,
    images: tuple[str, ...],
    out: str | None,
    format_: str | None,
    as_json: bool,
    as_lines: bool,
    rest: bool,
    **how: Any,
) -> int:
    """Write the mask of what RULE selects in each IMAGE.

    IMAGE is a file, an http(s) address, or - for stdin.

    Without -o the mask of photo.jpg is photo.mask.png beside it (photo.jpg.mask.png where the
    folder also holds a photo.png), that of stdin goes to stdout. In a folder given with -o,
    the folders below the images' common one are kept. An older mask of the same name is
    replaced; an image never is.

    A bad image does not stop the others. The exit code is the one that all images share, or 4
    where they differ.
    """
    options.refuse_both(as_json, as_lines)
    tree = options.read_rule(rule)
    sources = outputs.once_each(images)
    format_ = _checked(format_, out) if format_ else _format_of(out)
    _check(sources, out, as_json or as_lines, how)
    places = outputs.places(sources, out, outputs.FORMATS[format_])
    read = (*sources, *options.files_of(tree))
    outputs.refuse_inputs(read, places)
    from automask.cli.masking import Masking  # after all that can be asked wrongly

    masking = Masking(~tree if rest else tree, format_, read, **how)
    outcomes = []
    with talk.progress("masking", list(zip(sources, places, strict=True))) as jobs:
        for source, place in jobs:
            outcome = masking.one(source, place)
            outcomes.append(dataclasses.replace(outcome, image=talk.public(source)))
            if as_lines:
                talk.put_json(outcomes[-1].as_json(), line=True)
    if as_json:
        talk.put_json({"rule": str(masking.rule), "results": [o.as_json() for o in outcomes]})
    return common(outcome.code for outcome in outcomes)


def _format_of(out: str | None) -> str:
    """The format that the ending of -o asks for."""
    if out is None or out == outputs.STDIO or outputs.is_folder(out) or not Path(out).suffix:
        return "png"
    for ending, name in outputs.ENDINGS.items():
        if out.lower().endswith(ending):
            return name
    raise ArgumentError(
        f"-o {out}: no mask format ends in {Path(out).suffix}; end it in "
        f"{', '.join(outputs.ENDINGS)}, or say which with --format ({', '.join(outputs.FORMATS)})."
    )


def _checked(format_: str, out: str | None) -> str:
    """`format_`, where the ending of -o is not that of another format or of a picture."""
    ending = Path(out or "").suffix.lower()
    if out and not outputs.is_folder(out) and ending in {*outputs.PICTURES, ".b64", ".json"}:
        own = Path(outputs.FORMATS[format_]).suffix
        if ending != own:
            raise ArgumentError(f"-o {out}: --format {format_} is kept in files that end in {own}.")
    return format_


def _check(sources: Sequence[str], out: str | None, prints: bool, how: dict[str, Any]) -> None:
    to_stdout = out == outputs.STDIO or (out is None and outputs.STDIO in sources)
    beside = [f"--{name}" for name in ("preview", "sidecar") if how[name]]
    if to_stdout and prints:
        raise ArgumentError("The mask and the JSON cannot both go to stdout; give -o FILE.")
    if to_stdout and beside:
        raise ArgumentError(f"{beside[0]} writes beside the mask; give -o FILE instead of stdout.")
