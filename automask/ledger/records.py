"""What the ledger holds: the states of a job and which may follow which, an order, a row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JobState(StrEnum):
    """Where a job of the ledger stands."""

    PLANNED = "planned"  # known, without a mask
    MASKED = "masked"  # ready to be submitted
    EMPTY = "empty"  # the rule selects nothing
    REVIEW = "review"  # a person should look first
    SUBMITTING = "submitting"  # about to be sent, or sent and not answered
    IN_DOUBT = "in_doubt"  # perhaps sent, perhaps billed: to be reconciled, never sent again
    SUBMITTED = "submitted"  # the service has it, under its handle
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


# The states that may follow each. One that may follow itself can be told twice (by a webhook and
# a poll, by two processes that wait) or takes a new note. From submitting back to masked: it
# surely never arrived, or (then it keeps its intent) it was answered with "too many requests" and
# is looked for before it is claimed again; on to failed: the service refused it. From masked to
# submitted: it had been taken all the same.
TRANSITIONS = {
    JobState(state): frozenset(JobState(each) for each in following.split())
    for state, following in {
        "planned": "masked empty review failed cancelled",
        "review": "masked empty cancelled",
        "masked": "submitting submitted empty review failed cancelled",
        "submitting": "masked submitted running done failed in_doubt",
        "in_doubt": "in_doubt submitted running done failed cancelled",
        "submitted": "submitted running done failed cancelled",
        "running": "running done failed cancelled",
        "done": "done",
        "failed": "failed",
        "cancelled": "cancelled",
        "empty": "",
    }.items()
}
WITH_HANDLE = (JobState.SUBMITTED, JobState.RUNNING, JobState.DONE)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked of a provider.

    Parameters
    ----------
    key : str
        Hash of all that decides the outcome (of a planned job: of all that will decide it).
    provider, parent_id, prompt, rule : str
    action : str
        What to do with the parent, in the provider's own word: "Vary (Region)", "U2".
    mask_sha256 : str
        In hex; empty where there is no mask, or not yet.
    coverage : float, optional
        Share of the picture that the mask selects, 0 to 1.
    credits : float
        The price, as far as it is known.
    """

    key: str
    provider: str
    parent_id: str = ""
    action: str = ""
    prompt: str = ""
    rule: str = ""
    mask_sha256: str = ""
    coverage: float | None = None
    credits: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Entry(Order):
    """A row of the ledger; times are seconds since 1970 in UTC.

    Parameters
    ----------
    again : int
        0 for the first row of a key; 1, 2, ... for those that are paid once more on purpose.
    ref : str
        The row's own name, which the service is given and gives back: the key, ``.again``.
    handle : str
        The service's name of the job; empty until it is known.
    owner : str
        Who is submitting it.
    error : str
        Why it failed or is in doubt: the latest note.
    results : tuple of str
        Paths or addresses of the pictures.
    intent_at : float, optional
        When it was last claimed to be submitted; None when nothing can have been sent.
    """

    id: int
    again: int
    ref: str
    state: JobState
    handle: str
    owner: str
    error: str
    results: tuple[str, ...]
    created_at: float
    updated_at: float
    intent_at: float | None

    @property
    def doubtful(self) -> bool:
        """Whether it may have been taken and billed: to be looked for, or to be given up."""
        asked_to_wait = self.state is JobState.MASKED and self.intent_at is not None
        return self.state is JobState.IN_DOUBT or asked_to_wait
