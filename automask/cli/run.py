"""``automask run``: what a rule selects, repainted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.cli import boundary, options, outputs, submitting, talk
from automask.cli.outcome import DONE
from automask.errors import ArgumentError, OutputError

if TYPE_CHECKING:
    from automask.pipeline import Result
    from automask.providers.base import Progress
    from automask.selector.syntax import Rule
    from automask.types import Image


@click.command("run")
@options.rule_argument
@click.argument("image", required=False, type=click.Path(readable=False))
@click.option(
    "--message-id", metavar="ID", type=options.Name(),
    help="Repaint in a picture that the service keeps under this name, not in IMAGE.",
)  # fmt: skip
@options.upscale_option
@options.prompt_option
@click.option(
    "--provider", default="", metavar="NAME",
    help="Who repaints; the setting of that name, else opencv (local, free).",
)  # fmt: skip
@options.paste_option
@submitting.paid_options
@click.option(
    "-o", "--output", "out", metavar="OUT",
    help="Where to write the new picture (.png, .jpg, .webp ...), - for PNG on stdout; with "
    "--message-id the folder of the results.",
)  # fmt: skip
@options.json_option
def run(rule: str, image: str | None, message_id: str | None, provider: str, **how: Any) -> int:
    """Repaint what RULE selects in IMAGE, or in a picture of the service.

    The mask is made and checked, submitted to the provider, and the result is compared with the
    picture: how much changed outside the mask is said on stderr.

    With --message-id the picture is fetched from the service, and the job is paid: once, however
    often it is asked for. Without --wait it is left running; `automask jobs wait` fetches it.
    """
    tree = options.read_rule(rule)
    if bool(image) == bool(message_id):
        both = "both are given" if image else "neither is given"
        raise ArgumentError(f"Give IMAGE, or --message-id ID for one of the service; {both}.")
    if message_id:
        how["upscale"] = how["upscale"] or 0
        return submitting.submit(message_id, tree, provider=provider or "imaginepro", **how)
    return _run_local(tree, str(image), provider, **how)


def _run_local(
    tree: Rule, image: str, provider: str, *, out: str | None, as_json: bool, **how: Any
) -> int:
    from automask import pipeline
    from automask.providers.base import provider_of

    paid = _paid(how)
    engine = provider_of(provider)
    if paid and not engine.paid:
        raise ArgumentError(f"{paid} is for pictures of a service, named by --message-id.")
    if not out:
        raise ArgumentError("Say where to write the new picture: -o FILE (--output).")
    _check([image, *options.files_of(tree)], out, as_json)
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


def _paid(how: dict[str, Any]) -> str:
    """The first option of paid jobs that was given, all of them taken out of `how`."""
    given = {name: how.pop(name) for name in ("upscale", "wait", "budget", "again", "webhook")}
    given["dry_run"] = how.pop("dry_run")
    found = next((name for name, value in given.items() if value not in (None, False, "", 0)), "")
    return f"--{found.replace('_', '-')}" if found else ""


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
        "models": list(result.mask.models),
        "provider": result.provider,
        "key": result.key,
        "coverage": round(result.mask.coverage, 6),
        "drift": {"share": round(result.drift.share, 6), "mean": round(result.drift.mean, 4)},
        "notes": list(result.notes),
        "seconds": round(result.seconds, 3),
    }
