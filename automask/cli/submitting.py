"""What `submit` and `run --message-id` have in common: options, the wait, what is said of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from automask.cli import outputs, talk
from automask.cli.outcome import DONE
from automask.errors import ArgumentError

if TYPE_CHECKING:
    from automask.ledger import Entry
    from automask.providers.base import Progress
    from automask.selector.syntax import Rule
    from automask.submission import Submission
    from automask.types import Mask

F = TypeVar("F", bound=Callable[..., Any])
SHOWN = 12  # characters of a ref: as many as tell jobs apart, and `jobs` takes the beginning

prompt_option = click.option(
    "--prompt", default="", metavar="TEXT", help="What to paint there, in words."
)
paste_option = click.option(
    "--paste-back", is_flag=True,
    help="Put the picture's own pixels back outside the mask, with a soft seam.",
)  # fmt: skip
_options = (
    click.option("--wait", is_flag=True, help="Wait for the results and write them."),
    click.option(
        "--budget", type=click.FloatRange(min=0), metavar="CREDITS",
        help="Submit nothing that takes this command beyond it.",
    ),
    click.option("--again", is_flag=True, help="Pay once more for a job that was paid before."),
    click.option("--webhook", default="", metavar="URL", help="Whom the service tells."),
    click.option("--dry-run", is_flag=True, help="Print what would be sent; send nothing."),
)  # fmt: skip


def paid_options(command: F) -> F:
    """Add the options of what may cost money."""
    for option in reversed(_options):
        command = option(command)
    return command


@dataclass
class Wait:
    """The job that is waited for, on one line of a terminal; and what to say if it is left."""

    entry: Entry | None = None

    def __call__(self, entry: Entry, progress: Progress) -> None:
        """Show where the job stands."""
        self.entry = entry
        if not talk.is_terminal(sys.stderr):
            return
        share = "" if progress.share is None else f" {progress.share:.0%}"
        over = progress.state.final
        sys.stderr.write("\r\033[K" + ("" if over else f"{progress.state}{share} ..."))
        sys.stderr.flush()

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Say how to go on, where Ctrl-C ends the wait."""
        try:
            yield
        except KeyboardInterrupt:
            if self.entry:
                talk.say(
                    f"\nThe job goes on and is not lost: automask jobs wait {named(self.entry)}"
                )
            raise


def named(entry: Entry) -> str:
    """The beginning of a row's ref, which names it; all of one that was paid again."""
    return entry.ref if entry.again else entry.ref[:SHOWN]


def submit(
    message_id: str, rule: Rule | Mask, *, out: str | None, as_json: bool, dry_run: bool, **how: Any
) -> int:
    """Submit, say what came of it, and give the exit code."""
    from automask import submission
    from automask.images import files

    if out is not None and (Path(out).suffix.lower() in outputs.PICTURES or out == outputs.STDIO):
        raise ArgumentError(f"-o {out}: give a folder; several pictures may come back.")
    if dry_run:
        return _plan(message_id, rule, **how)
    folder = Path(out or ".")
    files.check(folder / "result.png")  # before anything is paid for what cannot be written
    wait = Wait()
    with wait.leaving():
        done = submission.submit(message_id, rule, folder=folder, tell=wait, **how)
    for note in done.notes:
        talk.warn(note)
    _say(done)
    if as_json:
        talk.put_json(facts(done))
    return DONE


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
