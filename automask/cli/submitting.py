"""What `submit` and `run --message-id` have in common: options, the call, what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from automask.cli import options, outputs, talk
from automask.cli.outcome import DONE
from automask.cli.waiting import Wait, named
from automask.errors import ArgumentError

if TYPE_CHECKING:
    from automask.ledger import Entry
    from automask.selector.syntax import Rule
    from automask.submission import Submission
    from automask.types import Mask

F = TypeVar("F", bound=Callable[..., Any])

_options = (
    click.option("--wait", is_flag=True, help="Wait for the results and write them."),
    options.budget_option,
    click.option("--again", is_flag=True, help="Pay once more for a job that was paid before."),
    click.option(
        "--webhook", default="", metavar="URL", type=options.PlainText(),
        help="Whom the service tells.",
    ),
    click.option("--dry-run", is_flag=True, help="Print what would be sent; send nothing."),
)  # fmt: skip


def paid_options(command: F) -> F:
    """Add the options of what may cost money."""
    for option in reversed(_options):
        command = option(command)
    return command


def submit(
    message_id: str, rule: Rule | Mask, *, out: str | None, as_json: bool, dry_run: bool, **how: Any
) -> int:
    """Submit, say what came of it, and give the exit code."""
    from automask import submission

    folder = place(out)
    if dry_run:
        return _plan(message_id, rule, **how)
    wait = Wait()
    with wait.shown():
        done = submission.submit(message_id, rule, folder=folder, tell=wait, **how)
    for note in done.notes:
        talk.warn(note)
    _say(done)
    if as_json:
        talk.put_json(facts(done))
    return DONE


def place(out: str | None) -> Path:
    """The folder of ``-o``, the working folder without it; refused before anything is paid.

    Raises
    ------
    ArgumentError, OutputError
        If it is no folder, or no file can be written there.
    """
    from automask.images import files

    if out == "":
        raise ArgumentError("-o is empty; give a folder.")
    if out is not None and (Path(out).suffix.lower() in outputs.PICTURES or out == outputs.STDIO):
        raise ArgumentError(f"-o {talk.named(out)}: give a folder; several pictures may come back.")
    folder = Path(out or ".")
    if folder.exists() and not folder.is_dir():
        raise ArgumentError(f"-o {talk.named(str(out))} is a file; give a folder.")
    files.check(folder / "result.png")
    return folder


def _say(done: Submission) -> None:
    entry = done.entry
    paid = f"; {entry.credits:g} credits as far as is known" if done.paid else ""
    if not done.files:
        talk.say(f"{entry.handle}: {entry.state}{paid}")
        talk.say(f"Fetch the results with: automask jobs wait {named(entry)}")
    for number, place in enumerate(done.files):
        drift = f"  {done.drifts[number]}" if number < len(done.drifts) else ""
        talk.say(f"{entry.parent_id} -> {talk.named(str(place))}{drift}")


def facts(done: Submission) -> dict[str, Any]:
    """A submission for programs."""
    return row(done.entry) | {
        "coverage": round(done.coverage, 6),
        "models": list(done.models),
        "paid_now": done.paid,
        "drift": [{"share": round(d.share, 6), "mean": round(d.mean, 4)} for d in done.drifts],
        "notes": list(done.notes),
    }


def row(entry: Entry) -> dict[str, Any]:
    """A row of the ledger for programs; times in UTC as ISO 8601."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    told = asdict(entry) | {"state": str(entry.state), "results": list(entry.results)}
    for name in ("created_at", "updated_at", "intent_at"):
        if told[name] is not None:
            told[name] = datetime.fromtimestamp(told[name], UTC).isoformat(timespec="milliseconds")
    return {name: told[name] for name in told if name not in ("id", "owner")}


def _plan(message_id: str, rule: Rule | Mask, **how: Any) -> int:
    from automask import submission

    told = ("provider", "prompt", "webhook", "upscale")
    asked = {name: how[name] for name in told if name in how}
    talk.put_json(submission.plan(message_id, rule, **asked))
    return DONE
