"""``automask explain``: how a rule comes to its answer, part by part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.cli import boundary, options, outputs, talk
from automask.cli.outcome import DONE, EMPTY
from automask.errors import ArgumentError

if TYPE_CHECKING:
    from automask.selector.explain import Explanation, Step

SHEETS = (".png", ".jpg", ".jpeg", ".webp")
MOST_TILES = 48  # a sheet of more can no longer be read


@click.command("explain")
@options.rule_argument
@options.image_argument
@click.option(
    "-o", "--output", "out", metavar="FILE",
    help="Write a sheet with the mask of every part (.png, .jpg or .webp).",
)  # fmt: skip
@options.json_option
def explain(rule: str, image: str, out: str | None, as_json: bool) -> int:
    """Show how RULE comes to its answer on IMAGE, part by part.

    A row for every part of the rule, indented under what it is a part of: how many regions and
    pixels it selected, and the milliseconds it took itself. "-" marks parts that were never needed,
    "=" parts that stand earlier in the rule and were not computed again.
    """
    from automask import selection

    tree = options.read_rule(rule)
    if out is not None:
        _check(out, [image, *options.files_of(tree)])
    with boundary.about(image):
        explanation = selection.explain(options.read_image(image), tree)
    if out:
        _write_sheet(explanation, out)
    if as_json:
        steps = [_facts(step) for step in explanation.steps]
        about = {"image": talk.public(image), "rule": str(tree)}
        talk.put_json(about | {"models": explanation.models, "steps": steps})
    else:
        rows = [_row(step) for step in explanation.steps]
        talk.put_table(("regions", "pixels", "ms", "part"), rows, right="regions pixels ms")
        for model in explanation.models:
            talk.say(f"model: {model}")
    if not explanation.steps[0].pixels:
        why = selection.nothing(tree, explanation.image.shape)
        talk.error(f"{talk.named(image)}: {why}")
        return EMPTY
    return DONE


def _check(out: str, read: list[str]) -> None:
    if outputs.is_folder(out):
        raise ArgumentError(f"-o {out} is a folder; give the name of a file in it.")
    if Path(out).suffix.lower() not in SHEETS:
        raise ArgumentError(f"-o {out}: a sheet ends in one of {', '.join(SHEETS)}.")
    outputs.refuse_inputs(read, [Path(out)])


def _write_sheet(explanation: Explanation, out: str) -> None:
    from automask import maskops
    from automask.images import encode, files, preview

    image = explanation.image
    tiles = [
        (step.rule, _told(step), preview.overlay(image, maskops.union(step.regions, image.shape)))
        for step in explanation.steps
        if step.regions is not None and not step.again
    ]
    files.write(out, encode.encode_pixels(preview.sheet(tiles[:MOST_TILES]), Path(out).suffix))
    talk.say(f"{talk.named(image.source)} -> {talk.named(out)}")


def _told(step: Step) -> str:
    count = len(step.regions or ())
    return f"{count} region{'' if count == 1 else 's'}, {step.pixels} px, {step.ms:.1f} ms"


def _row(step: Step) -> tuple[str, ...]:
    part = "  " * step.depth + step.rule
    if step.regions is None:
        return "-", "-", "-", part
    ms = "=" if step.again else f"{step.ms:.1f}"
    return str(len(step.regions)), str(step.pixels), ms, part


def _facts(step: Step) -> dict[str, Any]:
    needed = step.regions is not None
    return {
        "rule": step.rule,
        "depth": step.depth,
        "needed": needed,
        "again": step.again,
        "regions": len(step.regions) if step.regions is not None else None,
        "pixels": step.pixels if needed else None,
        "ms": round(step.ms, 2) if needed else None,
    }
