"""``automask jobs``: the record of paid jobs, and what can be done with each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.cli import boundary, finishing, options, outputs, reconciling, submitting, talk
from automask.cli.outcome import DONE, REVIEW, common
from automask.cli.waiting import named
from automask.errors import ArgumentError, AutomaskError

if TYPE_CHECKING:
    from automask.ledger import Entry, Ledger

SQLITE = b"SQLite format 3\0"
names_argument = click.argument("names", metavar="[JOB]...", nargs=-1, type=options.Name())
out_option = click.option(
    "-o", "--output", "out", metavar="DIR", help="Where to write the results; as was asked."
)


@click.group("jobs", cls=options.Words, invoke_without_command=True)
@options.json_option
@click.pass_context
def jobs(context: click.Context, as_json: bool) -> int | None:
    """The record of paid jobs: look, wait, resume, cancel, reconcile.

    A JOB is named by its ref, the beginning of it, or the service's own id. Without a word: list
    them.
    """
    if context.invoked_subcommand is None:
        return _list((), as_json=as_json, as_lines=False)
    return None


@jobs.command("list")
@click.option("--state", "states", multiple=True, metavar="STATE", help="Only these; repeatable.")
@options.json_option
@options.lines_option
def list_(states: tuple[str, ...], as_json: bool, as_lines: bool) -> int:
    """List the jobs, the oldest first."""
    return _list(states, as_json=as_json, as_lines=as_lines)


def _list(states: Sequence[str], *, as_json: bool, as_lines: bool) -> int:
    from automask.ledger import JobState

    options.refuse_both(as_json, as_lines)
    unknown = next((state for state in states if state not in list(JobState)), None)
    if unknown is not None:
        raise ArgumentError(f"There is no state {unknown!r}; choose from: {', '.join(JobState)}.")
    with _ledger() as ledger:
        found = ledger.jobs(*map(JobState, states))
    if as_json:
        talk.put_json([submitting.row(entry) for entry in found])
    elif as_lines:
        for entry in found:
            talk.put_json(submitting.row(entry), line=True)
    else:
        head = ("job", "state", "made (UTC)", "credits", "parent", "rule or action", "prompt")
        talk.put_table(head, [_line(entry) for entry in found], right="credits")
    return DONE


def _line(entry: Entry) -> tuple[str, ...]:
    told = submitting.row(entry)
    what = entry.action or entry.rule or "a mask"
    made = str(told["created_at"])[:19].replace("T", " ")
    texts = (entry.parent_id, what, entry.prompt)
    perhaps = " (perhaps sent)" if entry.doubtful and entry.state == "masked" else ""
    return (
        named(entry), f"{entry.state}{perhaps}", made, f"{entry.credits:g}",
        *(text if len(text) <= 40 else f"{text[:37]}..." for text in texts),
    )  # fmt: skip


@jobs.command("show")
@click.argument("name", metavar="JOB", type=options.Name())
@options.json_option
def show(name: str, as_json: bool) -> int:
    """Show all that is known of one job."""
    from automask.jobs.kept import Kept

    with _ledger() as ledger:
        entry = ledger.find(name)
        told = submitting.row(entry) | {"models": list(Kept(ledger.path).models(entry.ref))}
    if as_json:
        talk.put_json(told)
        return DONE
    rows = [
        (field.replace("_", " "), _text(each))
        for field, value in told.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    talk.put_table(("job", ""), [row for row in rows if row[1]])
    return DONE


def _text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


@jobs.command("wait")
@names_argument
@out_option
@options.json_option
def wait(names: tuple[str, ...], out: str | None, as_json: bool) -> int:
    """Wait for jobs that were sent, and write their results; for all, when none is named.

    A job that is done is fetched again, to where -o says. Nothing is submitted and nothing paid.
    """
    from automask.ledger import JobState

    states = (JobState.SUBMITTED, JobState.RUNNING)
    with _ledger() as ledger:
        found = _chosen(ledger, names, *states)
        unsent = next((e for e in found if e.state not in (*states, JobState.DONE)), None)
        if unsent is not None:
            raise ArgumentError(_not_waited(unsent))
        if not names and (doubted := ledger.in_doubt()):
            are = "1 job may" if len(doubted) == 1 else f"{len(doubted)} jobs may"
            talk.say(f"{are} have been sent: automask jobs reconcile")
        return finishing.finish(ledger, found, out, as_json=as_json, again=bool(names or out))


def _not_waited(entry: Entry) -> str:
    name = named(entry)
    ways = {
        "masked": f"it was not sent yet; `automask jobs resume {name}` sends it",
        "in_doubt": f"whether it was sent is not known; `automask jobs reconcile {name}` looks",
    }
    return f"Job {name} is {entry.state}: {ways.get(entry.state, 'there is nothing to wait for')}."


@jobs.command("resume")
@names_argument
@options.budget_option
@click.option(
    "-j", "--jobs", "workers", type=click.IntRange(1, 64), default=8, show_default=True,
    metavar="N", help="How many at once talk to the service.",
)  # fmt: skip
@out_option
@options.json_option
def resume(
    names: tuple[str, ...], budget: float | None, workers: int, out: str | None, as_json: bool
) -> int:
    """Go on with jobs that were stopped; with all that can go on, when none is named.

    Those in doubt are looked for first, and never sent again. Those that were never sent are sent
    only when they are named or a budget is given, since that is paid; one that was answered with
    "too many requests", only when it is clear that it was not taken. All that run are waited for,
    and their results written.
    """
    from automask.ledger import JobState

    open_ = (JobState.MASKED, JobState.SUBMITTED, JobState.RUNNING, JobState.IN_DOUBT)
    may_pay = bool(names) or budget is not None
    with _ledger() as ledger:
        found = _chosen(ledger, names, *open_)
        # What is sent again only after a look at it is looked for on the way.
        lost = [e for e in found if e.doubtful and not (may_pay and e.state is JobState.MASKED)]
        looked = {e.ref: e for e in reconciling.looked_for(ledger, lost)}
        found = [looked.get(e.ref, e) for e in found]
        unsent = [] if may_pay else [e for e in found if e.state is JobState.MASKED]
        found = [e for e in found if e not in unsent]
        code = DONE
        if found or not unsent:
            code = finishing.finish(
                ledger, found, out, as_json=as_json, workers=workers, budget=budget
            )
        refused = [_unsent(entry) for entry in unsent]
    return REVIEW if refused else code


def _unsent(entry: Entry) -> int:
    """The exit code of a job that was never sent and is not sent now, which is said."""
    name = named(entry)
    was = "was perhaps never sent" if entry.doubtful else "was never sent"
    talk.say(
        f"{name}: {was}; {entry.credits:g} credits are paid when it is: "
        f"automask jobs resume {name}, or resume --budget CREDITS for all"
    )
    return REVIEW


@jobs.command("cancel")
@click.argument("names", metavar="JOB...", nargs=-1, required=True, type=options.Name())
def cancel(names: tuple[str, ...]) -> int:
    """Stop jobs: before they are sent, or at the service, where what they cost may be lost."""
    with _ledger() as ledger:
        return common([_cancelled(ledger, e) for e in _chosen(ledger, names)])


def _cancelled(ledger: Ledger, entry: Entry) -> int:
    """The exit code of one job to be stopped; says what came of it."""
    try:
        finishing.desk_of(ledger, entry.provider).cancel(entry)
    except AutomaskError as error:
        return boundary.failure(error, named(entry))
    talk.say(f"{named(entry)}: cancelled")
    return DONE


@jobs.command("reconcile")
@names_argument
@click.option(
    "--handle", metavar="ID", type=options.Name(),
    help="It turned out to be this job of the service: go on with that.",
)  # fmt: skip
@click.option(
    "--webhook", metavar="FILE", type=click.Path(),
    help="What a webhook posted, as JSON; - for stdin. It is a hint, and is looked up.",
)  # fmt: skip
@click.option(
    "--give-up",
    is_flag=True,
    help="It will not be found: call it failed. Its credits stay counted as spent.",
)
@options.json_option
def reconcile(
    names: tuple[str, ...], handle: str | None, webhook: str | None, give_up: bool, as_json: bool
) -> int:
    """Find out what became of jobs in doubt; of all, when none is named.

    The service's history of the last 24 hours is searched for the job's reference. It lists
    pictures, so that a job which still runs, or failed, is not in it: then it says that it cannot
    know. Nothing is submitted.
    """
    given = [bool(handle), webhook is not None, give_up]
    if sum(given) > 1:
        raise ArgumentError("--handle, --webhook and --give-up exclude each other; give one.")
    if (handle or give_up) and len(names) != 1:
        raise ArgumentError("--handle and --give-up are about one job; name it.")
    if webhook is not None:
        names, handle = reconciling.posted(webhook, names)
    if handle and len(names) != 1:
        raise ArgumentError("A webhook is about one job; name that one, or none.")
    with _ledger() as ledger:
        found = _chosen(ledger, names) if names else ledger.in_doubt()
        looked = reconciling.settled(ledger, found, handle or "", give_up=give_up)
    if as_json:
        talk.put_json([submitting.row(entry) for entry in looked])
    if not found:
        talk.say("No job is in doubt.")
    return REVIEW if any(entry.doubtful for entry in looked) else DONE


@jobs.command("path")
def path() -> int:
    """Print where the record is."""
    from automask.ledger import default_path

    talk.put(str(default_path().absolute()))
    return DONE


@jobs.command("backup")
@click.argument("target", metavar="FILE", type=click.Path())
def backup(target: str) -> int:
    """Write a whole copy of the record to FILE, while others may go on writing."""
    _check_backup(target)
    with _ledger() as ledger:
        talk.say(f"{ledger.path} -> {ledger.backup(target)}")
    return DONE


def _check_backup(target: str) -> None:
    """Raise `ArgumentError` where a copy would replace something else than an older copy."""
    place = Path(target)
    if not target or target == outputs.STDIO or place.is_dir():
        raise ArgumentError(f"{talk.named(target) or 'An empty name'} is no file to copy to.")
    if place.is_file() and _starts_with(place) not in (b"", SQLITE):
        raise ArgumentError(f"{talk.named(target)} is there and no record; give another name.")


def _starts_with(place: Path) -> bytes:
    with place.open("rb") as file:
        return file.read(len(SQLITE))


@contextmanager
def _ledger() -> Iterator[Ledger]:
    from automask.ledger import Ledger

    with Ledger() as ledger:
        yield ledger


def _chosen(ledger: Ledger, names: Sequence[str], *states: Any) -> list[Entry]:
    """The jobs of these names, each once; those in any of `states` where no name is given."""
    if not names:
        return ledger.jobs(*states)
    return list({entry.ref: entry for entry in map(ledger.find, names)}.values())
