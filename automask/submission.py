"""A picture that a paid service keeps: masked by rule, submitted once, waited for, delivered.

Everything that costs money goes through the ledger (`automask.jobs`): the same call made twice, or
made again after whatever stopped it, is the same job, and is paid once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from automask import images, preflight
from automask.errors import InDoubtError, NothingSelected, PreflightError, ProviderError
from automask.images import encode
from automask.jobs import Desk, Wishes, finish
from automask.jobs.desk import SENT
from automask.jobs.ends import settled
from automask.jobs.waiting import SEARCH_S
from automask.ledger import Entry, JobState, Ledger
from automask.providers.base import Job, Progress, Provider, provider_of
from automask.selection import masked, nothing, read_rule
from automask.selector.syntax import Rule
from automask.types import Mask
from automask.verify import Drift


@dataclass(frozen=True)
class Submission:
    """A job that was submitted, as far as it has come.

    Parameters
    ----------
    entry : Entry
        Its row in the ledger: `ref`, `state`, `handle`, `credits`.
    coverage : float
        The share of the picture that is repainted, 0 to 1.
    files : tuple of Path
        The results, one or several; none while it is not done.
    drifts : tuple of Drift
        How far each result left the parent outside the mask, before anything was pasted back.
    notes : tuple of str
        What the user should know.
    paid : bool
        Whether this call has submitted it, not an earlier one.
    models : tuple of str
        "name sha256" of each model that took part in the mask.
    """

    entry: Entry
    coverage: float
    files: tuple[Path, ...] = ()
    drifts: tuple[Drift, ...] = ()
    notes: tuple[str, ...] = ()
    paid: bool = True
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Wanted:
    """What one call asks for, beside the picture and the rule."""

    engine: Provider
    prompt: str
    wishes: Wishes
    budget: float | None
    again: bool
    wait: bool
    tell: Callable[[Entry, Progress], None] | None = field(default=None)
    since: float = field(default_factory=time.time)


def submit(  # noqa: PLR0913  (each is a word of the command line)
    message_id: str,
    rule: Rule | str | Mask,
    *,
    prompt: str = "",
    provider: str | Provider = "imaginepro",
    upscale: int = 0,
    folder: str | Path = ".",
    paste_back: bool = False,
    wait: bool = True,
    budget: float | None = None,
    again: bool = False,
    webhook: str = "",
    ledger: str | Path | None = None,
    tell: Callable[[Entry, Progress], None] | None = None,
) -> Submission:
    """What became of the job that repaints what `rule` selects in a picture the service keeps.

    Parameters
    ----------
    message_id : str
        The service's name of the picture.
    rule : str, Rule or Mask
        What to repaint, of the picture as the service keeps it; or a mask of its very size.
    prompt : str
        What to paint there.
    provider : str or Provider
    upscale : int
        1 to 4: where `message_id` is a grid, that picture of it is upscaled first, which is paid.
    folder : str or Path
        Where the results are written.
    paste_back : bool
        Put the source's own pixels back outside the mask.
    wait : bool
        Return when the job is over; else as soon as it was sent. One whose answer is lost is
        looked for, for two minutes.
    budget : float, optional
        The credits that this call may spend.
    again : bool
        Pay for it although the same job was paid before.
    webhook : str
        An address that the service is to tell of the job.
    ledger : str or Path, optional
        The record of jobs; the user's own when left out.
    tell : callable, optional
        Called with the row and its `Progress` while waiting.

    Raises
    ------
    NothingSelected
        If the rule selects nothing: nothing is submitted.
    PreflightError
        If the job must not be submitted, or costs more than the budget.
    InDoubtError
        If it may have been taken: it is not sent again, `automask jobs reconcile` looks for it.
    UnfinishedError
        If it goes on, or is done and cannot be fetched now: `automask jobs wait` fetches it later.
    ProviderError, LedgerError, OutputError
        If it failed, cannot be recorded, or its results cannot be written.
    """
    engine = provider if isinstance(provider, Provider) else provider_of(provider)
    wishes = Wishes(str(Path(folder).absolute()), paste_back, webhook)
    wanted = _Wanted(engine, prompt, wishes, budget, again, wait, tell)
    tree = rule if isinstance(rule, Mask) else read_rule(rule)
    with Ledger(ledger) as record:
        desk = Desk(record, engine)
        parent_id = _upscaled(desk, wanted, message_id, upscale, tree) if upscale else message_id
        job, selected = prepared(engine, parent_id, tree, prompt, webhook)
        return _submitted(desk, wanted, job, selected)


def prepared(
    engine: Provider, parent_id: str, tree: Rule | Mask, prompt: str, webhook: str = ""
) -> tuple[Job, Mask]:
    """The job that repaints what `tree` selects in the picture `parent_id`, and its mask."""
    picture = engine.parent(parent_id)
    image = images.load(picture)
    selected = tree if isinstance(tree, Mask) else masked(image, tree)
    if not selected.array.any():
        why = nothing(selected.rule, image.shape)
        raise NothingSelected(f"Message {parent_id}: {why}; nothing was sent.")
    mask = encode.encode(selected, "png")
    return Job(engine.name, mask, prompt, picture, parent_id, webhook=webhook), selected


def _submitted(desk: Desk, wanted: _Wanted, job: Job, selected: Mask) -> Submission:
    notes = wanted.engine.check(job)  # first: it knows the size that the service wants
    notes = preflight.check(selected.array, job.mask, selected.shape) + notes
    entry = desk.place(
        job, wanted.wishes, rule=selected.rule, models=selected.models, again=wanted.again
    )
    paid = entry.state is JobState.MASKED
    if entry.state is JobState.DONE:
        entry = _once_more(desk, entry, wanted.wishes)
        notes.append("This very job was done before: nothing was paid again.")
    elif entry.state in SENT:
        notes.append("This very job was submitted before: nothing was paid again.")
    entry = _brought_on(desk, wanted, entry)
    found = tuple(Path(place) for place in entry.results)
    drifts = desk.kept.drifts(entry.ref) if found else ()
    return Submission(entry, selected.coverage, found, drifts, tuple(notes), paid, selected.models)


def _once_more(desk: Desk, entry: Entry, wishes: Wishes) -> Entry:
    """The row of a job that was done before, its results where they are wanted now."""
    there = all(Path(place).is_file() for place in entry.results)
    if there and entry.results and desk.kept.is_delivered(entry.ref, wishes):
        desk.kept.drop_parent(entry.ref)
        return entry
    try:
        return desk.deliver(entry)
    except ProviderError as error:
        if not there:
            raise
        raise ProviderError(
            f"{error} The results lie in {Path(entry.results[0]).parent} from before."
        ) from None


def _brought_on(desk: Desk, wanted: _Wanted, entry: Entry) -> Entry:
    """The row after it was sent, and waited for where that is wanted."""
    if entry.state is JobState.MASKED and not wanted.wait:
        entry = _sent(desk, wanted, entry)
    if entry.state in SENT and not wanted.wait:
        return entry
    return _waited(desk, wanted, entry)


def _sent(desk: Desk, wanted: _Wanted, entry: Entry) -> Entry:
    try:
        return desk.send(entry, budget=wanted.budget, since=wanted.since)
    except InDoubtError:
        settled(desk.ledger.find(entry.ref))  # which names the job, and the way to go on
        raise


def _waited(desk: Desk, wanted: _Wanted, entry: Entry) -> Entry:
    done = finish(
        desk, [entry], workers=1, budget=wanted.budget, since=wanted.since, tell=wanted.tell,
        search_s=SEARCH_S if wanted.wait else 0.0,
    )  # fmt: skip
    if error := done.errors.get(entry.ref):
        raise error
    return settled(done.entries[entry.ref])


def _upscaled(desk: Desk, wanted: _Wanted, grid: str, number: int, tree: Rule | Mask) -> str:
    """The message id of picture `number` of the grid, upscaled once however often it is asked.

    Before that is paid, the rule is tried on the picture as the grid shows it.
    """
    job = wanted.engine.upscaling(grid, number)
    if job is None:
        return grid
    edit = replace(job, action="")
    entry = desk.place(job, Wishes())
    if wanted.again and entry.state in (JobState.FAILED, JobState.CANCELLED):
        entry = desk.place(job, Wishes(), again=True)
    costs = wanted.engine.price(edit) + entry.credits
    unpaid = entry.state is JobState.MASKED  # else the edit's own claim knows what it costs
    if unpaid and wanted.budget is not None and costs > wanted.budget:
        raise PreflightError(
            f"The upscale and the repainting cost {costs:g} credits and the budget is "
            f"{wanted.budget:g}; nothing was submitted. Allow more, or leave it."
        )
    if unpaid and not entry.doubtful and isinstance(tree, Rule):
        _try(wanted.engine, job, tree)
    return _waited(desk, wanted, entry).handle


def _try(engine: Provider, upscale: Job, tree: Rule) -> None:
    """Raise where the rule selects nothing in what is to be upscaled, or wants it looked at.

    Where that picture is not to be had before, nothing is known of it.
    """
    try:
        picture = engine.preview(upscale)
    except ProviderError:
        return
    if not picture:
        return
    image = images.load(picture)
    if not masked(image, tree).array.any():
        raise NothingSelected(
            f"Picture {upscale.action} of message {upscale.parent_id}: the rule selects nothing in "
            f"it as the grid shows it ({image.width} x {image.height}); nothing was sent."
        )


def plan(
    message_id: str,
    rule: Rule | str | Mask,
    *,
    provider: str | Provider = "imaginepro",
    prompt: str = "",
    webhook: str = "",
    upscale: int = 0,
) -> dict[str, Any]:
    """What `submit` would send, as JSON with the mask shortened; nothing is sent or recorded.

    A rule needs the picture, which is fetched; a mask needs neither key nor network. A grid is
    answered with its upscale, since what comes after it is not known before.
    """
    engine = provider if isinstance(provider, Provider) else provider_of(provider)
    if not engine.keeps_parents:
        engine.parent(message_id)  # which says that it cannot know it
    if upscale and (job := engine.upscaling(message_id, upscale)):
        return engine.outline(job)
    if isinstance(rule, Mask):
        mask = encode.encode(rule, "png")
        return engine.outline(Job(engine.name, mask, prompt, b"", message_id, webhook=webhook))
    job, _ = prepared(engine, message_id, read_rule(rule), prompt, webhook)
    return engine.outline(job)
