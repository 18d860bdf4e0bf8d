"""A ledger and a provider together: a job is placed, sent once, looked at, cancelled, found again.

The order of steps is what keeps a job from being paid twice. The mask is on the disk before the
row, the row before the intent, the intent before the submit, and the answer after it. Whatever
stops in between leaves a row that says how far it came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from automask import faults
from automask.errors import (
    AutomaskError,
    BusyError,
    InDoubtError,
    LedgerError,
    OutputError,
    PreflightError,
    ProviderError,
    SettingsError,
    TransitionError,
    UnfinishedError,
    UnreachableError,
)
from automask.jobs import deliver
from automask.jobs.doubts import Doubts
from automask.jobs.kept import Kept, Wishes
from automask.ledger import Entry, JobState, Order
from automask.providers.base import Job, Progress, State

SENT = (JobState.SUBMITTED, JobState.RUNNING)
OPEN = (JobState.MASKED, *SENT)
STATES = {
    State.QUEUED: JobState.SUBMITTED,
    State.RUNNING: JobState.RUNNING,
    State.FAILED: JobState.FAILED,
    State.CANCELLED: JobState.CANCELLED,
}


@dataclass(frozen=True)
class Desk(Doubts):
    """What is done with the jobs of one provider.

    Parameters
    ----------
    ledger : Ledger
    provider : Provider
    """

    kept: Kept = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kept", Kept(self.ledger.path))

    def place(
        self,
        job: Job,
        wishes: Wishes,
        *,
        rule: str = "",
        models: Sequence[str] = (),
        again: bool = False,
    ) -> Entry:
        """The row of `job` in the ledger, ready to be sent; nothing is sent yet.

        The `rule` and the `models` that made its mask are told of it; what it is, and whether it
        was paid before, its pixels say.

        The same job is the same row, whatever has become of it. One that the service refused, and
        that cost nothing, gets a new row; so does any with `again`: it will be paid once more.
        """
        fresh = not self.kept.has(job.key)
        if fresh:  # on the disk before the row, whichever that will be
            self.kept.put(job.key, job.mask, job.parent, wishes, models)
        order = Order(
            key=job.key,
            provider=job.provider,
            parent_id=job.parent_id,
            action=job.action,
            prompt=job.prompt,
            rule=rule,
            mask_sha256=job.mask_sha256,
            coverage=_coverage(job),
            credits=self.provider.price(job),
        )
        entry = self.ledger.add(order, again=again)
        free = not entry.handle and not entry.credits
        if (entry.state is JobState.FAILED and free) or _never_sent(entry):
            entry = self.ledger.add(order, after=entry.ref)
        if not (fresh and entry.ref == job.key):
            self.kept.put(entry.ref, job.mask, job.parent, wishes, models)
        return entry

    def job(self, entry: Entry) -> Job:
        """The job of a row, as it was placed.

        Raises
        ------
        LedgerError
            If its mask is not kept any more.
        """
        return Job(
            entry.provider,
            b"" if entry.action else self.kept.mask(entry.ref),
            entry.prompt,
            self.kept.parent(entry.ref),
            entry.parent_id,
            action=entry.action,
            ref=entry.ref,
            webhook=self.kept.wishes(entry.ref).webhook,
        )

    def send(self, entry: Entry, *, budget: float | None = None, since: float = 0.0) -> Entry:
        """The row after its job was submitted, once; unchanged if another process has it.

        Parameters
        ----------
        entry : Entry
        budget : float, optional
            What all that was sent from `since` (s since 1970, UTC) on may cost, in credits.

        Raises
        ------
        PreflightError
            If it would cost more than the budget: it stays ready to be sent.
        BusyError
            If the provider asks to wait and may have taken it: it stays ready, and is looked for
            before it is sent again.
        InDoubtError
            If it may have been taken: the row says so, and it is never sent again.
        UnreachableError
            If it was not taken, and a later try may succeed: it stays ready to be sent.
        ProviderError
            If it was refused: the row says why.
        SettingsError
            If there is no key: it stays ready to be sent.
        """
        if handle := self.sought(entry):
            return self._moved(entry, JobState.SUBMITTED, handle=handle)
        job = self.job(entry)
        claimed = self.ledger.claim(entry.ref, budget=budget, since=since, sent_at=entry.intent_at)
        if claimed is None:
            return self.ledger.find(entry.ref)
        try:
            with faults.blamed(self.provider):
                handle = faults.answer(self.provider, self.provider.submit(job), str)
        except BusyError as error:
            self.ledger.move(entry.ref, JobState.MASKED, error=str(error), perhaps_sent=True)
            raise
        except InDoubtError as error:
            self.ledger.move(entry.ref, JobState.IN_DOUBT, error=str(error))
            raise
        except (UnreachableError, PreflightError, SettingsError) as error:
            self.ledger.move(entry.ref, JobState.MASKED, error=str(error))
            raise
        except ProviderError as error:
            self.ledger.move(entry.ref, JobState.FAILED, error=str(error))
            raise
        except BaseException as error:  # Ctrl-C: it may have been sent
            why = f"{type(error).__name__} while it was being sent"
            self.ledger.move(entry.ref, JobState.IN_DOUBT, error=why)
            raise
        return self.ledger.move(entry.ref, JobState.SUBMITTED, handle=handle)

    def look(self, entry: Entry, tell: Callable[[Entry, Progress], None] | None = None) -> Entry:
        """The row of a job that was sent after one look at it; one that is done is delivered.

        Raises
        ------
        UnreachableError
            If the provider does not say now; the job goes on.
        UnfinishedError, OutputError
            If it is done and cannot be fetched or written; it can be delivered later.
        """
        progress = self._progress(entry)
        if tell:
            tell(entry, progress)
        if progress.state is State.DONE:
            return self.deliver(entry, progress)
        state = STATES[progress.state]
        if state is JobState.SUBMITTED or state is entry.state:
            return entry
        return self._moved(entry, state, progress.error)

    def deliver(self, entry: Entry, progress: Progress | None = None) -> Entry:
        """The row of a job that is done, its results written where they were wanted.

        An upscale has none to write: its handle is what it was paid for. One that cannot be
        delivered keeps a note of it, and stays among those that are waited for.

        Raises
        ------
        UnfinishedError, OutputError
            If the results cannot be fetched or written now.
        """
        if entry.action:
            return self._moved(entry, JobState.DONE)
        progress = progress or self._progress(entry)
        name = entry.ref[:12]
        try:
            places = self._written(entry, progress)
        except OutputError as error:
            self._note(entry, error)
            raise
        except ProviderError as error:  # no picture, or a damaged one: perhaps whole another time
            told = UnfinishedError(
                f"Job {name} is done and paid, and its results cannot be fetched now: "
                f"{str(error).rstrip('.')}. `automask jobs wait {name}` fetches them later."
            )
            self._note(entry, told)
            raise told from error
        done = self._moved(entry, JobState.DONE, results=tuple(map(str, places)))
        self.kept.drop_parent(entry.ref)
        return done

    def _progress(self, entry: Entry) -> Progress:
        with faults.blamed(self.provider):
            return faults.answer(self.provider, self.provider.progress(entry.handle), Progress)

    def _written(self, entry: Entry, progress: Progress) -> tuple[Path, ...]:
        with faults.blamed(self.provider):
            pictures = faults.pictures(self.provider, self.provider.pictures(progress))
        if not pictures:
            raise ProviderError(f"{self.provider.name} shows none.")
        wishes = self.kept.wishes(entry.ref)
        job = self._compared(entry, wishes)
        written = deliver.write(job, pictures, wishes, entry.handle)
        self.kept.note_delivery(entry.ref, wishes, written.drifts)
        return written.places

    def _note(self, entry: Entry, error: AutomaskError) -> None:
        """Keep with a job that is done why it is not delivered; it stays to be waited for."""
        with suppress(LedgerError):  # what went wrong first is what is told
            waits = JobState.DONE if entry.state is JobState.DONE else JobState.RUNNING
            self._moved(entry, waits, str(error))

    def _compared(self, entry: Entry, wishes: Wishes) -> Job:
        """The job with what its results are compared with, as far as that is still to be had.

        What was paid is delivered even if the mask is gone; what is to be pasted back needs both,
        and the parent, which is let go of after the first delivery, is fetched once more.
        """
        try:
            job = self.job(entry)
        except LedgerError:
            if wishes.paste_back:
                raise
            return Job(entry.provider, b"")
        if wishes.paste_back and not job.parent:
            job = replace(job, parent=self.provider.parent(job.parent_id))
        return job

    def cancel(self, entry: Entry) -> Entry:
        """The row of a job that was stopped: before it was sent, or at the provider.

        Raises
        ------
        ProviderError
            If the provider does not stop it, or the job is over, or in doubt.
        """
        ready = entry.state in (JobState.PLANNED, JobState.MASKED, JobState.REVIEW)
        now = "perhaps sent" if entry.doubtful and ready else str(entry.state)
        if entry.state in SENT:
            self.provider.cancel(entry.handle)
            return self._moved(entry, JobState.CANCELLED)
        if ready and not entry.doubtful:
            with suppress(TransitionError):  # another process was faster
                return self.ledger.move(entry.ref, JobState.CANCELLED, only_from=entry.state)
            now = self.ledger.find(entry.ref).state
        name = entry.ref[:12]
        look = f" `automask jobs reconcile {name}` looks for it." if entry.doubtful else ""
        raise ProviderError(f"Job {name} is {now}; it cannot be cancelled.{look}")


def _never_sent(entry: Entry) -> bool:
    """Whether it was cancelled before anything was sent."""
    return entry.state is JobState.CANCELLED and entry.intent_at is None


def _coverage(job: Job) -> float | None:
    from automask.images import encode

    return float(encode.decode(job.mask).mean()) if job.mask else None
