"""``automask run``: what a rule selects, repainted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.cli import boundary, options, outputs, talk
from automask.cli.outcome import DONE
from automask.errors import ArgumentError, OutputError

if TYPE_CHECKING:
    from automask.pipeline import Result
    from automask.providers.base import Progress
    from automask.types import Image


@click.command("run")
@options.rule_argument
@options.image_argument
@click.option("--prompt", default="", metavar="TEXT", help="What to paint there, in words.")
@click.option(
    "--provider", default="", metavar="NAME",
    help="Who repaints; the setting of that name, else opencv (local, free).",
)  # fmt: skip
@click.option(
    "--paste-back", is_flag=True,
    help="Put the picture's own pixels back outside the mask, with a soft seam.",
)  # fmt: skip
@click.option(
    "-o", "--output", "out", required=True, metavar="OUT",
    help="Where to write the new picture (.png, .jpg, .webp ...); - for PNG on stdout.",
)  # fmt: skip
@options.json_option
def run(rule: str, image: str, provider: str, out: str, as_json: bool, **how: Any) -> int:
    """Repaint what RULE selects in IMAGE.

    The mask is made and checked, submitted with the picture to the provider, and the result is
    compared with the picture: how much changed outside the mask is said on stderr.
    """
    from automask import pipeline
    from automask.providers.base import provider_of

    tree = options.read_rule(rule)
    _check([image, *options.files_of(tree)], out, as_json)
    engine = provider_of(provider)
    with boundary.about(image):
        loaded = options.read_image(image)
        _try_place(loaded, out)
        result = pipeline.run(loaded, tree, provider=engine, on_progress=_waiting(), **how)
    for note in result.notes:
        talk.warn(note)
    _write(result, out)
    repainted = f"{talk.percent(result.mask.coverage)} repainted"
    talk.say(f"{talk.named(image)} -> {talk.named(out)}  {repainted}; {result.drift}")
    if as_json:
        talk.put_json({"image": talk.public(image), **_facts(result), "output": out})
    return DONE


def _check(read: list[str], out: str, as_json: bool) -> None:
    if out == outputs.STDIO and as_json:
        raise ArgumentError("The picture and the JSON cannot both go to stdout; give -o FILE.")
    if out == outputs.STDIO:
        talk.refuse_terminal()
    if outputs.is_folder(out):
        raise ArgumentError(f"-o {out} is a folder; give the name of a file in it.")
    outputs.refuse_inputs(read, [Path(out)])


def _try_place(image: Image, out: str) -> None:
    """Refuse a file that cannot hold the result before anything is submitted for it."""
    import numpy as np

    from automask.images import encode, files

    if out == outputs.STDIO:
        return
    seen_through = image.alpha is not None and not (image.alpha == 255).all()
    alpha = np.zeros((1, 1), np.uint8) if seen_through else None
    encode.encode_picture(image.rgb[:1, :1], Path(out).suffix, alpha)
    files.check(out)


def _write(result: Result, out: str) -> None:
    """Write the picture; one that has been made, and perhaps paid for, is not lost on the way."""
    try:
        if out != outputs.STDIO:
            result.save(out)
        else:
            talk.put_bytes(_png(result), text=False)
    except OutputError as error:
        kept = _kept(result)
        raise OutputError(f"{error} {kept}" if kept else str(error)) from None


def _png(result: Result) -> bytes:
    from automask.images import encode

    return encode.encode_picture(result.rgb, ".png", result.image.alpha)


def _kept(result: Result) -> str:
    """Where the picture is kept instead, as a sentence; empty where there is no place for it."""
    import tempfile

    from automask.images import files

    try:
        place = Path(tempfile.gettempdir()) / f"automask-{result.key[:16]}.png"
        files.write(place, _png(result))
    except (OutputError, OSError):
        return ""
    return f"The picture is kept as {place}."


def _waiting() -> Any:
    """Shows the state of the job on one line of a terminal, and nothing anywhere else."""
    if not talk.is_terminal(sys.stderr):
        return None

    def show(progress: Progress) -> None:
        share = "" if progress.share is None else f" {progress.share:.0%}"
        text = "" if progress.state.final else f"{progress.state}{share} ..."
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()

    return show


def _facts(result: Result) -> dict[str, Any]:
    return {
        "rule": result.mask.rule,
        "provider": result.provider,
        "key": result.key,
        "coverage": round(result.mask.coverage, 6),
        "drift": {"share": round(result.drift.share, 6), "mean": round(result.drift.mean, 4)},
        "notes": list(result.notes),
        "seconds": round(result.seconds, 3),
    }
