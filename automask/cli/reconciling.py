"""Jobs in doubt: what the service tells of them, and what the user decides."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from automask.cli import boundary, talk
from automask.cli.finishing import desk_of
from automask.cli.waiting import named
from automask.errors import ArgumentError, AutomaskError

if TYPE_CHECKING:
    from automask.jobs import Desk
    from automask.ledger import Entry, Ledger
    from automask.providers.base import Recovery


def posted(source: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The job and the handle that a webhook tells of; `names` where it carries no reference.

    Raises
    ------
    ArgumentError
        If it is no webhook's JSON, or names no job.
    """
    name = "The standard input" if source == "-" else talk.named(source)
    try:
        with click.open_file(source, encoding="utf-8") as file:
            told = json.load(file)
        ref, handle = str(told.get("ref") or ""), str(told.get("messageId") or "")
    except (OSError, ValueError, AttributeError, RecursionError):
        raise ArgumentError(
            f"{name} is not the JSON object of a webhook; give what was posted, as it came."
        ) from None
    if not handle or not (ref or names):
        raise ArgumentError(
            f"{name} names no job: it needs messageId and ref; name the JOB, or use --handle."
        )
    return (names or (ref,)), handle


def settle(ledger: Ledger, entry: Entry, handle: str, *, give_up: bool) -> Entry:
    """The row of a job in doubt after what the user or the service said of it."""
    from automask.ledger import JobState

    name = named(entry)
    if entry.state is not JobState.IN_DOUBT:
        talk.say(f"{name}: is {entry.state}; there is no doubt about it")
        return entry
    if give_up:
        why = "Given up: it is not known whether it was taken."
        talk.say(f"{name}: failed; its {entry.credits:g} credits stay counted as spent")
        return ledger.move(entry.ref, JobState.FAILED, error=why)
    if handle:
        found = desk_of(ledger, entry.provider).adopt(entry, handle)
        talk.say(f"{name}: is {talk.named(handle)}; fetch it with: automask jobs wait {name}")
        return found
    return looked_for(ledger, entry)


def looked_for(ledger: Ledger, entry: Entry) -> Entry:
    """The row of a job in doubt after the service was asked; says what it told."""
    from automask.ledger import JobState

    name = named(entry)
    try:
        desk = desk_of(ledger, entry.provider)
        now, found = desk.reconcile(entry)
    except AutomaskError as error:
        talk.error(boundary.message(error, name))
        return entry
    if now.state is JobState.IN_DOUBT:
        talk.say(f"{name}: {_unknown(desk, entry, found)}")
    else:
        talk.say(f"{name}: was taken, as {now.handle}; automask jobs wait {name}")
    return now


def _unknown(desk: Desk, entry: Entry, found: Recovery) -> str:
    """Why it is not known what became of the job, and what can be done."""
    wait_s = (entry.intent_at or 0.0) + desk.provider.deadline_s - time.time()
    if found.possible:
        return (
            "cannot be told from other jobs that ask for the same and carry no reference "
            f"({', '.join(found.possible)}); choose with --handle ID, or --give-up"
        )
    if wait_s > 0:
        return (
            "the service does not show it, which it would not while it runs; ask again in "
            f"{wait_s / 60:.0f} min"
        )
    return (
        "the service does not show it; it was not taken, or it failed there and was billed, and "
        "which cannot be known. Leave it with --give-up, pay again with --again"
    )
