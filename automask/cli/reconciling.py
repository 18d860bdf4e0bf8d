"""Jobs in doubt: what the service tells of them, and what the user decides."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from automask.cli import boundary, talk
from automask.cli.finishing import desk_of
from automask.cli.waiting import named
from automask.errors import ArgumentError, AutomaskError, LedgerError

if TYPE_CHECKING:
    from automask.jobs import Desk
    from automask.ledger import Entry, Ledger
    from automask.providers.base import Recovery, Search


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


def settled(ledger: Ledger, found: Sequence[Entry], handle: str, *, give_up: bool) -> list[Entry]:
    """The rows of jobs in doubt after what the user or the service said of them."""
    for entry in found:
        if not entry.doubtful:
            talk.say(f"{named(entry)}: is {entry.state}; there is no doubt about it")
    if not (handle or give_up):
        looked = {e.ref: e for e in looked_for(ledger, [e for e in found if e.doubtful])}
        return [looked.get(entry.ref, entry) for entry in found]
    return [_decided(ledger, e, handle) if e.doubtful else e for e in found]


def _decided(ledger: Ledger, entry: Entry, handle: str) -> Entry:
    """The row of a job that turned out to be `handle`; without one, it is given up."""
    name, desk = named(entry), desk_of(ledger, entry.provider)
    if handle:
        now = desk.adopt(entry, handle)
        talk.say(f"{name}: is {talk.named(handle)}; fetch it with: automask jobs wait {name}")
        return now
    now = desk.give_up(entry)
    talk.say(f"{name}: failed; its {entry.credits:g} credits stay counted as spent")
    return now


def looked_for(ledger: Ledger, found: Sequence[Entry]) -> list[Entry]:
    """The rows of jobs in doubt after the services were asked, once for all; says what they told.

    A service that does not answer for one is not asked for the others.
    """
    looked: dict[str, Entry] = {}
    for provider in dict.fromkeys(entry.provider for entry in found):
        own = [entry for entry in found if entry.provider == provider]
        looked |= {entry.ref: entry for entry in own}
        try:
            desk = desk_of(ledger, provider)
            search = desk.provider.search()
            while own:
                looked[own[0].ref] = _looked_for(desk, own[0], search)
                del own[0]
        except AutomaskError as error:
            for entry in own:
                talk.error(boundary.message(error, named(entry)))
    return [looked[entry.ref] for entry in found]


def _looked_for(desk: Desk, entry: Entry, search: Search) -> Entry:
    name = named(entry)
    try:
        now, told = desk.reconcile(entry, search)
    except LedgerError as error:  # about this one alone
        talk.error(boundary.message(error, name))
        return entry
    if now.doubtful:
        talk.say(f"{name}: {_unknown(desk, entry, told)}")
    else:
        talk.say(f"{name}: was taken, as {now.handle}; automask jobs wait {name}")
    return now


def _unknown(desk: Desk, entry: Entry, found: Recovery) -> str:
    """Why it is not known what became of the job, and what can be done."""
    wait_s = desk.tells_from(entry) - time.time()
    if found.possible:
        return (
            "cannot be told from other jobs that ask for the same and carry no reference "
            f"({', '.join(found.possible)}); choose with --handle ID, or --give-up"
        )
    if not found.complete:
        return (
            "the service's history does not reach back to when it was sent, so what became of it "
            "cannot be known. Name it with --handle ID, leave it with --give-up, pay again with "
            "--again"
        )
    if wait_s > 0:
        return (
            "the service does not show it, which it would not while it runs; ask again in "
            f"{wait_s / 60:.0f} min"
        )
    if entry.state == "masked":
        return (
            "the service asked to wait and does not show it, so it was not taken, or it failed "
            f"there; send it with: automask jobs resume {named(entry)}"
        )
    return (
        "the service does not show it; it was not taken, or it failed there and was billed, and "
        "which cannot be known. Leave it with --give-up, pay again with --again"
    )
