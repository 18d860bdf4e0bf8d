"""Jobs brought to their end by `automask jobs`, and what is said of each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from automask.cli import boundary, submitting, talk
from automask.cli.outcome import DONE, FAILED, REVIEW, common
from automask.cli.waiting import Wait, named
from automask.errors import AutomaskError

if TYPE_CHECKING:
    from automask.jobs import Desk
    from automask.ledger import Entry, Ledger


def finish(
    ledger: Ledger,
    found: Sequence[Entry],
    out: str | None,
    *,
    as_json: bool,
    workers: int = 8,
    budget: float | None = None,
    again: bool = False,
) -> int:
    """Bring jobs to their end, say how each ended, and give the exit code."""
    from automask import jobs

    folder = submitting.place(out).absolute() if out is not None else None
    wait = Wait(found)
    codes: list[int] = []
    ended: list[Entry] = []
    for provider in dict.fromkeys(entry.provider for entry in found):
        own, desk = [e for e in found if e.provider == provider], desk_of(ledger, provider)
        for entry in own if folder else ():
            desk.kept.wish(entry.ref, folder=str(folder))
        with wait.shown():
            done = jobs.finish(
                desk, own, tell=wait, since=wait.since_s, workers=workers, budget=budget,
                again=again,
            )  # fmt: skip
        codes += [_said(desk, entry, done.errors.get(ref)) for ref, entry in done.entries.items()]
        ended += done.entries.values()
    if as_json:
        talk.put_json([submitting.row(entry) for entry in ended])
    if not found:
        talk.say("No job is waiting.")
    return common(codes)


def desk_of(ledger: Ledger, provider: str) -> Desk:
    """The ledger and that provider together."""
    from automask.jobs import Desk
    from automask.providers.base import provider_of

    return Desk(ledger, provider_of(provider))


def _said(desk: Desk, entry: Entry, error: AutomaskError | None) -> int:
    """The exit code of one job, whose end is said."""
    from automask.jobs.ends import settled

    try:
        if error:
            raise error
        settled(entry)
    except AutomaskError as told:
        talk.error(boundary.message(told, named(entry)))
        return REVIEW if told.exit_code == REVIEW else FAILED
    talk.say(f"{named(entry)}: done{_written(desk, entry)}")
    return DONE


def _written(desk: Desk, entry: Entry) -> str:
    if not entry.results:
        return ""
    folder = talk.named(os.path.dirname(entry.results[0]))  # noqa: PTH120  (a name as it stands)
    several = f" ({len(entry.results)} pictures)" if len(entry.results) > 1 else ""
    drifts = desk.kept.drifts(entry.ref)
    worst = f"; {max(drifts, key=lambda drift: drift.share)}" if drifts else ""
    return f" -> {folder}{several}{worst}"
