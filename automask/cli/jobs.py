"""``automask jobs``: the record of paid jobs, and what can be done with each of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.cli import boundary, options, submitting, talk
from automask.cli.outcome import DONE, FAILED, REVIEW
from automask.errors import ArgumentError, AutomaskError

if TYPE_CHECKING:
    from automask.jobs import Desk
    from automask.ledger import Entry, Ledger

names_argument = click.argument("names", metavar="[JOB]...", nargs=-1)
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
    return (
        submitting.named(entry), str(entry.state), made, f"{entry.credits:g}",
        *(text if len(text) <= 40 else f"{text[:37]}..." for text in texts),
    )  # fmt: skip


@jobs.command("show")
@click.argument("name", metavar="JOB")
@options.json_option
def show(name: str, as_json: bool) -> int:
    """Show all that is known of one job."""
    with _ledger() as ledger:
        told = submitting.row(ledger.find(name))
    if as_json:
        talk.put_json(told)
        return DONE
    rows = [(field.replace("_", " "), _text(value)) for field, value in told.items()]
    talk.put_table(("job", ""), [row for row in rows if row[1]])
    return DONE


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
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
        return _finish(ledger, found, out, as_json=as_json, again=bool(names or out))


def _not_waited(entry: Entry) -> str:
    name = submitting.named(entry)
    ways = {
        "masked": f"it was not sent yet; `automask jobs resume {name}` sends it",
        "in_doubt": f"whether it was sent is not known; `automask jobs reconcile {name}` looks",
    }
    return f"Job {name} is {entry.state}: {ways.get(entry.state, 'there is nothing to wait for')}."


@jobs.command("resume")
@names_argument
@click.option(
    "--budget", type=click.FloatRange(min=0), metavar="CREDITS",
    help="Submit nothing that takes this command beyond it.",
)  # fmt: skip
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

    Those in doubt are looked for first, and never sent again. Those that were not sent are sent,
    which is paid. All that run are waited for, and their results written.
    """
    from automask.ledger import JobState

    open_ = (JobState.MASKED, JobState.SUBMITTED, JobState.RUNNING, JobState.IN_DOUBT)
    with _ledger() as ledger:
        found = _chosen(ledger, names, *open_)
        found = [_looked_for(ledger, e) if e.state is JobState.IN_DOUBT else e for e in found]
        return _finish(ledger, found, out, as_json=as_json, workers=workers, budget=budget)


@jobs.command("cancel")
@click.argument("names", metavar="JOB...", nargs=-1, required=True)
def cancel(names: tuple[str, ...]) -> int:
    """Stop jobs: before they are sent, or at the service, where what they cost may be lost."""
    with _ledger() as ledger:
        codes = []
        for entry in _chosen(ledger, names):
            try:
                _desk(ledger, entry).cancel(entry)
                talk.say(f"{submitting.named(entry)}: cancelled")
                codes.append(DONE)
            except AutomaskError as error:
                codes.append(boundary.failure(error))
    return max(codes)


@jobs.command("reconcile")
@names_argument
@click.option(
    "--handle", default="", metavar="ID",
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
    names: tuple[str, ...], handle: str, webhook: str | None, give_up: bool, as_json: bool
) -> int:
    """Find out what became of jobs in doubt; of all, when none is named.

    The service's history of the last 24 hours is searched for the job's reference. It lists
    pictures, so that a job which still runs, or failed, is not in it: then it says that it cannot
    know. Nothing is submitted.
    """
    from automask.ledger import JobState

    if (handle or give_up) and len(names) != 1:
        raise ArgumentError("--handle and --give-up are about one job; name it.")
    if handle and give_up:
        raise ArgumentError("--handle and --give-up say two different things; give one of them.")
    if webhook:
        names, handle = _posted(webhook, names)
    with _ledger() as ledger:
        found = _chosen(ledger, names, JobState.IN_DOUBT)
        looked = [_settled(ledger, entry, handle, give_up=give_up) for entry in found]
    if as_json:
        talk.put_json([submitting.row(entry) for entry in looked])
    return REVIEW if any(entry.state is JobState.IN_DOUBT for entry in looked) else DONE


def _posted(source: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The job and the handle that a webhook tells of."""
    try:
        with click.open_file(source, encoding="utf-8") as file:
            told = json.load(file)
        ref, handle = str(told.get("ref") or ""), str(told.get("messageId") or "")
    except (OSError, ValueError, AttributeError):
        raise ArgumentError(f"{source} is not the JSON object of a webhook.") from None
    if not handle or not (ref or names):
        raise ArgumentError(f"{source} names no job: it needs messageId and ref.")
    return (names or (ref,)), handle


def _settled(ledger: Ledger, entry: Entry, handle: str, *, give_up: bool) -> Entry:
    from automask.ledger import JobState

    name = submitting.named(entry)
    if entry.state is not JobState.IN_DOUBT:
        talk.say(f"{name}: is {entry.state}; there is no doubt about it")
        return entry
    if give_up:
        why = "Given up: it is not known whether it was taken."
        talk.say(f"{name}: failed; its {entry.credits:g} credits stay counted as spent")
        return ledger.move(entry.ref, JobState.FAILED, error=why)
    if handle:
        found = _desk(ledger, entry).adopt(entry, handle)
        talk.say(f"{name}: is {handle}; fetch it with: automask jobs wait {name}")
        return found
    return _looked_for(ledger, entry)


def _looked_for(ledger: Ledger, entry: Entry) -> Entry:
    """The row of a job in doubt after the service was asked; says what it told."""
    import time

    from automask.ledger import JobState

    name = submitting.named(entry)
    desk = _desk(ledger, entry)
    try:
        now, found = desk.reconcile(entry)
    except AutomaskError as error:
        talk.error(boundary.message(error, name))
        return entry
    if now.state is not JobState.IN_DOUBT:
        talk.say(f"{name}: was taken, as {now.handle}; automask jobs wait {name}")
        return now
    wait_s = (entry.intent_at or 0.0) + desk.provider.deadline_s - time.time()
    if found.possible:
        listed = ", ".join(found.possible)
        talk.say(
            f"{name}: cannot be told from other jobs that ask for the same and carry no reference "
            f"({listed}); choose with --handle ID, or --give-up"
        )
    elif wait_s > 0:
        talk.say(
            f"{name}: the service does not show it, which it would not while it runs; ask again "
            f"in {wait_s / 60:.0f} min"
        )
    else:
        talk.say(
            f"{name}: the service does not show it; it was not taken, or it failed there and was "
            "billed, and which cannot be known. Leave it with --give-up, pay again with --again"
        )
    return now


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
    with _ledger() as ledger:
        talk.say(f"{ledger.path} -> {ledger.backup(target)}")
    return DONE


@contextmanager
def _ledger() -> Iterator[Ledger]:
    from automask.ledger import Ledger

    with Ledger() as ledger:
        yield ledger


def _chosen(ledger: Ledger, names: Sequence[str], *states: Any) -> list[Entry]:
    """The jobs of these names; those in any of `states` where no name is given."""
    return [ledger.find(name) for name in names] if names else ledger.jobs(*states)


def _desk(ledger: Ledger, entry: Entry) -> Desk:
    from automask.jobs import Desk
    from automask.providers.base import provider_of

    return Desk(ledger, provider_of(entry.provider))


def _finish(
    ledger: Ledger, found: Sequence[Entry], out: str | None, *, as_json: bool, **how: Any
) -> int:
    """Bring jobs to their end, say how each ended, and give the exit code."""
    import time

    from automask.jobs import Desk, finish
    from automask.providers.base import provider_of

    shown = submitting.Wait()
    ended: list[Entry] = []
    codes: set[int] = set()
    for provider in dict.fromkeys(entry.provider for entry in found):
        desk = Desk(ledger, provider_of(provider))
        own = [entry for entry in found if entry.provider == provider]
        for entry in own if out else ():
            desk.kept.wish(entry.key, folder=str(Path(str(out)).absolute()))
        with shown.leaving():
            done = finish(desk, own, tell=shown, since=time.time(), **how)
        codes |= {_said(entry, done.errors.get(ref)) for ref, entry in done.entries.items()}
        ended += done.entries.values()
    if as_json:
        talk.put_json([submitting.row(entry) for entry in ended])
    if not found:
        talk.say("No job is waiting.")
    return codes.pop() if len(codes) == 1 else REVIEW if codes else DONE


def _said(entry: Entry, error: AutomaskError | None) -> int:
    """The exit code of one job, whose end is said."""
    from automask.jobs.desk import settled

    name = submitting.named(entry)
    try:
        if error:
            raise error
        settled(entry)
    except AutomaskError as told:
        talk.error(boundary.message(told, name))
        return REVIEW if told.exit_code == REVIEW else FAILED
    written = f" -> {talk.named(str(Path(entry.results[0]).parent))}" if entry.results else ""
    several = f" ({len(entry.results)} pictures)" if len(entry.results) > 1 else ""
    talk.say(f"{name}: done{written}{several}")
    return DONE
