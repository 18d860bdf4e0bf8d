"""How a job ended, in words: well, or with an error that says what can be done."""

from __future__ import annotations

from automask.errors import (
    AutomaskError,
    BusyError,
    InDoubtError,
    LedgerError,
    ProviderError,
    UnfinishedError,
)
from automask.ledger import Entry, JobState


def busy(entry: Entry) -> BusyError:
    """What is said of a job that may have been taken though the provider asked to wait."""
    name = entry.ref[:12]
    return BusyError(
        f"Job {name} may have been taken and billed: {entry.error.rstrip('.')}. `automask jobs "
        f"resume {name}` looks for it, and sends it once it is clear that it was not taken.",
        entry.ref,
    )


def undecided(entry: Entry) -> BusyError:
    """What is said of such a job where looking for it will not tell."""
    name = entry.ref[:12]
    return BusyError(
        f"Job {name} may have been taken and billed: {entry.error.rstrip('.')}. Whether it was "
        f"cannot be told from the provider's record; `automask jobs reconcile {name}` says why, "
        "and what you can decide.",
        entry.ref,
    )


def settled(entry: Entry) -> Entry:
    """`entry`, if its job ended well.

    Raises
    ------
    InDoubtError, UnfinishedError, ProviderError, LedgerError
        If it did not; the message says what can be done.
    """
    name, why = entry.ref[:12], f": {entry.error.rstrip('.')}" if entry.error else ""
    match entry.state:
        case JobState.DONE:
            return entry
        case JobState.IN_DOUBT:
            raise InDoubtError(
                f"Job {name} may have been taken and billed{why}; "
                f"`automask jobs reconcile {name}` looks for it.",
                entry.ref,
            )
        case JobState.FAILED | JobState.CANCELLED:
            raise ProviderError(
                f"Job {name} {'failed' if entry.state is JobState.FAILED else 'was cancelled'}"
                f"{why}; give --again to pay for it once more."
            )
        case JobState.MASKED if entry.doubtful:
            raise busy(entry)
        case JobState.SUBMITTED | JobState.RUNNING:
            does = "waits to be fetched" if entry.error else "goes on"
            raise UnfinishedError(
                f"Job {name} {does} at {entry.provider} as {entry.handle}{why}; "
                f"`automask jobs wait {name}` fetches its results."
            )
        case JobState.SUBMITTING:
            raise LedgerError(
                f"Job {name} is being submitted by process {entry.owner.split('-')[0]}; wait for "
                "that one."
            )
    raise LedgerError(f"Job {name} is {entry.state} and was not sent{why}.")


def told(entry: Entry, state: AutomaskError, error: AutomaskError | None) -> AutomaskError:
    """What is said of a job left in a `state` by an `error`: a doubt is told as one.

    Where there was a doubt before, the error is why it could not be cleared up.
    """
    if error is None:
        return state
    if not isinstance(state, InDoubtError) or isinstance(error, InDoubtError):
        return error
    if not entry.doubtful:
        return state
    both = InDoubtError(f"{state} It could not be looked for now: {error}", entry.ref)
    both.__cause__ = error
    return both


def unexpected(entry: Entry, error: Exception) -> ProviderError:
    """What is said of a job that was stopped by an error that nobody thought of."""
    name, what = entry.ref[:12], type(error).__name__
    told = ProviderError(
        f"Job {name} was stopped by an unexpected {what} ({str(error) or 'no message'}); "
        f"`automask jobs show {name}` tells how far it came."
    )
    told.__cause__ = error
    return told
