"""Jobs that may have been taken: what the provider tells of them, and when that is enough.

One whose answer was lost is in doubt, and is never sent again. One that was answered with "too many
requests" was most likely not taken, but may have been. It stays ready, with the intent of that
submit; before it is sent again it is looked for, and that it is not there counts only if the
look began after the time that the provider itself may need for a job had passed since that answer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from automask.errors import ProviderError, TransitionError
from automask.jobs.ends import busy, undecided
from automask.ledger import Entry, JobState, Ledger
from automask.providers.base import Job, Provider, Recovery, Search


@dataclass(frozen=True)
class Doubts:
    """What is found out about the jobs of one provider that may have been taken.

    Parameters
    ----------
    ledger : Ledger
    provider : Provider
    """

    ledger: Ledger
    provider: Provider

    def tells_from(self, entry: Entry) -> float:
        """The moment (s since 1970) from which it tells that a job is not to be found.

        It is counted from the answer where there was one: the intent may have waited for its turn.
        """
        ready = entry.state is JobState.MASKED
        sent_at = entry.updated_at if ready else entry.intent_at or entry.created_at
        return sent_at + self.provider.deadline_s

    def sought(self, entry: Entry) -> str:
        """The handle of a job that was taken though the provider asked to wait; "" if it was not.

        Raises
        ------
        BusyError
            If that is not to be known yet, or not at all.
        """
        if entry.state is not JobState.MASKED or not entry.doubtful:
            return ""
        early = time.time() < self.tells_from(entry)  # before the look, which may take minutes
        found = self.recovered(entry)
        if found.handle:
            return found.handle
        if early:
            raise busy(entry)
        if found.possible or not found.complete:
            raise undecided(entry)
        return ""

    def reconcile(self, entry: Entry, search: Search | None = None) -> tuple[Entry, Recovery]:
        """The row of a job in doubt, which goes on where the provider knows it, and what was found.

        Parameters
        ----------
        entry : Entry
        search : callable, optional
            `Provider.search`, where several are looked for in one go.

        Raises
        ------
        UnreachableError
            If the provider does not say now.
        """
        if not entry.doubtful:
            return entry, Recovery(entry.handle)
        found = self.recovered(entry, search)
        return (self.adopt(entry, found.handle) if found.handle else entry), found

    def recovered(self, entry: Entry, search: Search | None = None) -> Recovery:
        """What the provider tells of a job; those it names are nobody else's in the ledger."""
        # Only what the provider looks for: the mask may be gone, and is not needed.
        asked = Job(entry.provider, b"", entry.prompt, action=entry.action)
        since = datetime.fromtimestamp(entry.intent_at or entry.created_at, UTC)
        found = (search or self.provider.recover)(entry.ref, asked, since)
        if not found.possible:
            return found
        others = {e.handle for e in self.ledger.jobs() if e.provider == entry.provider}
        return replace(found, possible=tuple(p for p in found.possible if p not in others))

    def adopt(self, entry: Entry, handle: str) -> Entry:
        """The row of a job in doubt which turned out to be the provider's job `handle`.

        Raises
        ------
        ProviderError, LedgerError
            If the provider does not know it, or it is another job.
        """
        self.provider.confirm(handle, entry.ref)
        return self._moved(entry, JobState.SUBMITTED, handle=handle)

    def give_up(self, entry: Entry) -> Entry:
        """The row of a job that will not be found: failed, and its credits stay counted.

        Raises
        ------
        ProviderError
            If there is no doubt about it.
        """
        if not entry.doubtful:
            raise ProviderError(f"Job {entry.ref[:12]} is {entry.state}; it cannot be given up.")
        why = "Given up: it is not known whether it was taken."
        return self.ledger.move(entry.ref, JobState.FAILED, error=why, only_from=entry.state)

    def _moved(
        self,
        entry: Entry,
        state: JobState,
        error: str = "",
        results: tuple[str, ...] | None = None,
        handle: str = "",
    ) -> Entry:
        """The row in its new state, or as another process that looked at it has left it."""
        try:
            return self.ledger.move(
                entry.ref, state, error=error or None, results=results, handle=handle
            )
        except TransitionError:
            now = self.ledger.find(entry.ref)
            if now.state is entry.state:
                raise
            return now
