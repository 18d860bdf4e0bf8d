"""``automask regions``: the regions that a rule selects, as a table or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from automask.cli import boundary, options, talk
from automask.cli.outcome import DONE, EMPTY

if TYPE_CHECKING:
    from automask.types import Image, Region


@click.command("regions")
@options.rule_argument
@options.image_argument
@options.json_option
@options.lines_option
def regions(rule: str, image: str, as_json: bool, as_lines: bool) -> int:
    """List the regions that RULE selects in IMAGE.

    A row each, in the rule's order: index (for RULE[i]), label, score, box x0,y0,x1,y1 (half-open,
    from the top left), area in pixels and in percent of the picture, centre x,y. --json
    also names the models that took part, with their sha256.
    """
    from automask import selection
    from automask.selector.evaluate import Evaluation

    options.refuse_both(as_json, as_lines)
    tree = options.read_rule(rule)
    with boundary.about(image):
        loaded = options.read_image(image)
        evaluation = Evaluation(loaded)
        found = [facts(i, r, loaded) for i, r in enumerate(evaluation.regions(tree))]
    if as_json:
        size = {"width": loaded.width, "height": loaded.height}
        about = {"image": talk.public(image), "rule": str(tree), **size}
        talk.put_json(about | {"models": evaluation.models, "regions": found})
    elif as_lines:
        for region in found:
            talk.put_json(region, line=True)
    elif found:
        head = ("#", "label", "score", "box", "area", "share", "centre")
        talk.put_table(head, [_row(region) for region in found], right="# score area share")
    if not found:
        talk.error(f"{talk.named(image)}: {selection.nothing(tree, loaded.shape)}")
    return DONE if found else EMPTY


def facts(index: int, region: Region, image: Image) -> dict[str, Any]:
    """The region for programs."""
    return {
        "index": index,
        "label": region.label,
        "score": round(region.score, 4),
        "box": list(map(int, region.box)),
        "area": region.area,
        "share": round(region.area / (image.width * image.height), 6),
        "centre": [round(v, 1) for v in region.centroid],
        "source": region.source,
    }


def _row(region: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(region["index"]),
        region["label"],
        f"{region['score']:.2f}",
        ",".join(map(str, region["box"])),
        str(region["area"]),
        talk.percent(region["share"]),
        ",".join(f"{v:.1f}" for v in region["centre"]),
    )
