"""Many jobs brought to their end at once: sent, looked at in turn, delivered.

One thread decides whose turn it is, a few others talk to the provider. However many jobs run, they
are looked at no more than `Provider.looks_per_s` times a second together, which is what the service
allows and what keeps waiting cheap. Only the first look at a job that was just sent is extra.
"""

from __future__ import annotations

import heapq
import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event
from typing import TypeAlias

from automask.errors import (
    AutomaskError,
    BusyError,
    InDoubtError,
    LedgerError,
    UnfinishedError,
    UnreachableError,
)
from automask.jobs.desk import OPEN, SENT, Desk
from automask.jobs.ends import settled, told, unexpected
from automask.ledger import Entry, JobState
from automask.providers.base import Progress, State

log = logging.getLogger("automask.jobs")
PATIENCE = 5  # tries to send, when the provider cannot be reached
SEARCH_LOOKS = 8  # the second look for one in doubt: after that part of the time for it
BUSY_LOOKS = 64  # the first look for a job that may have been taken: after that part of its time
SEARCH_S = 120.0  # for who waits for one in doubt: two or three times as long as a job takes
GRACE_S = 5.0  # for the last look to begin, on a machine that is busy
FETCHES = 3  # tries to fetch what is done, each of several attempts
ON = (*OPEN, JobState.SUBMITTING)  # by another, thread or process: what comes of it is waited for
Tell: TypeAlias = Callable[[Entry, Progress], None]
Over: TypeAlias = Callable[[Entry, AutomaskError | None], None]


@dataclass(order=True)
class _Turn:
    """When a job is to be looked at next."""

    at_s: float
    entry: Entry = field(compare=False)
    began: float = field(default=0.0, compare=False, kw_only=True)  # s since 1970: the last step
    pause_s: float = field(compare=False)
    troubles: int = field(default=0, compare=False)
    error: AutomaskError | None = field(default=None, compare=False)
    search_end_s: float = field(default=0.0, compare=False)
    just_sent: bool = field(default=False, compare=False)


@dataclass
class Finished:
    """What became of jobs that were waited for.

    Parameters
    ----------
    entries : dict
        The last row of each, by ref, in the order in which they were given.
    errors : dict
        What went wrong with some of them, by ref: also those that can be waited for again.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    errors: dict[str, AutomaskError] = field(default_factory=dict)


def finish(  # noqa: PLR0913  (each is told apart by its name)
    desk: Desk,
    entries: Iterable[Entry],
    *,
    workers: int = 8,
    budget: float | None = None,
    since: float = 0.0,
    tell: Tell | None = None,
    again: bool | Callable[[Entry], bool] = False,
    looks_per_s: float | None = None,
    stopping: Event | None = None,
    search_s: float = 0.0,
    at_once: int | None = None,
    over: Over | None = None,
) -> Finished:
    """What became of the jobs of `entries`, each brought as far as it will go.

    One that is ready is sent, one that was sent, or that another is sending, is looked at until it
    is over, one that is done is delivered. No error of one stops the others, and none is looked at
    for ever: what is not over when the provider's own time limit has passed without news of any of
    them, or cannot be fetched after some tries, is left as it is, with an `UnfinishedError`, and
    can be waited for again.

    Parameters
    ----------
    desk : Desk
    entries : iterable of Entry
    workers : int
        How many at once talk to the provider.
    budget, since
        As for `Desk.send`.
    tell : callable, optional
        Called with each row and what the provider says of it, in several threads.
    again : bool or callable
        Deliver those once more that were delivered already; all, or those of which it is true.
    looks_per_s : float, optional
        How many looks there are at all of them together; the provider's own number when left out.
    stopping : Event, optional
        When it is set, nothing more is sent or looked at; what is under way is finished.
    search_s : float
        How long those in doubt are looked for; what is not found then stays in doubt.
    at_once : int, optional
        How many may be on at a time: the next of `entries` is asked for when one of them is over,
        and none when it is `stopping`. When left out all are on from the start.
    over : callable, optional
        Called in this thread with each job that is over or left, and why it is left. What it was
        called with is not in what is given back, so that memory does not grow with the jobs.
    """
    pace_s = 1 / (looks_per_s or desk.provider.looks_per_s)
    waiting = _Waiting(
        desk, Finished(), budget, since, tell,
        again if callable(again) else lambda _: bool(again),
        pace_s, stopping or Event(), search_s, iter(entries), at_once, over,
    )  # fmt: skip
    pool = ThreadPoolExecutor(workers, "automask-wait")
    try:
        waiting.run(pool, workers)
    finally:
        pool.shutdown(cancel_futures=True)  # waits; a Ctrl-C meanwhile is one that waits no more
    return waiting.finished


@dataclass
class _Waiting:
    desk: Desk
    finished: Finished
    budget: float | None
    since: float
    tell: Tell | None
    again: Callable[[Entry], bool]
    between_looks_s: float
    stopping: Event
    search_s: float
    source: Iterator[Entry]
    at_once: int | None
    over: Over | None
    more: bool = True  # whether the source may have others
    turns: list[_Turn] = field(default_factory=list)
    next_look_s: float = 0.0
    end_s: float = 0.0

    def run(self, pool: ThreadPoolExecutor, workers: int) -> None:
        while self.more:
            if self.at_once is None:
                while self._take():
                    pass
            self._extend()
            self._work(pool, workers)
            self.more = self.more and not self.stopping.is_set()

    def _take(self) -> bool:
        """Take the next job; whether there was one."""
        began_s = time.monotonic()
        entry = next(self.source, None)
        self.end_s += time.monotonic() - began_s  # in which nobody has looked at the others
        self.more = entry is not None
        if entry is None or entry.ref in self.finished.entries:
            return self.more
        self.finished.entries[entry.ref] = entry
        undelivered = entry.state is JobState.DONE and (self.again(entry) or not entry.results)
        undelivered = undelivered and not entry.action
        searched = entry.state is JobState.IN_DOUBT and self.search_s > 0
        if entry.state in ON or undelivered or searched:
            first_s = max(self.desk.provider.first_poll_s, 0.05)
            heapq.heappush(self.turns, _Turn(0.0, entry, first_s))
        else:
            self._end(entry)
        return True

    def _work(self, pool: ThreadPoolExecutor, workers: int) -> None:
        """Bring all that are on to their end, or as far as they go; take others when there is room.

        Whoever places jobs one by one sees the first sent before the last is placed.
        """
        busy: dict[Future[Entry], _Turn] = {}
        while (self.turns or busy or self.more) and self._goes_on():
            room = self.more and len(self.turns) + len(busy) < (self.at_once or 0)
            room = room and self._take()
            if not (self.turns or busy):
                continue
            while self.turns and len(busy) < workers and self._due(self.turns[0]):
                turn = heapq.heappop(self.turns)
                turn.began = time.time()
                busy[pool.submit(self._step, turn.entry)] = turn
            pause_s = 0.0 if room else self._pause_s(len(busy) < workers)
            if not busy:
                time.sleep(pause_s)
                continue
            for future in wait(busy, timeout=pause_s, return_when=FIRST_COMPLETED).done:
                self._after(busy.pop(future), future)
        for future, turn in busy.items():
            self._after(turn, future)
        turns, self.turns = self.turns, []
        for turn in turns:
            self._settle(turn.entry, turn.error)

    def _end(self, entry: Entry, error: AutomaskError | None = None) -> None:
        """Keep what became of a job that is over or left, or hand it on."""
        if self.over:
            del self.finished.entries[entry.ref]
            self.over(entry, error)
            return
        self.finished.entries[entry.ref] = entry
        if error:
            self.finished.errors[entry.ref] = error

    def _goes_on(self) -> bool:
        return time.monotonic() < self.end_s and not self.stopping.is_set()

    def _extend(self) -> None:
        """There is news of one of them: wait for more."""
        provider = self.desk.provider
        self.end_s = time.monotonic() + provider.deadline_s + provider.last_poll_s

    def _due(self, turn: _Turn) -> bool:
        now_s = time.monotonic()
        if turn.at_s > now_s:
            return False
        if turn.entry.state in SENT and not turn.just_sent:
            if self.next_look_s > now_s:
                return False
            self.next_look_s = max(self.next_look_s, now_s - 0.5) + self.between_looks_s
        return True

    def _pause_s(self, room: bool) -> float:
        if not (self.turns and room):
            return 1.0
        at_s = max(self.turns[0].at_s, self.next_look_s)
        return min(max(at_s - time.monotonic(), 0.001), 1.0)

    def _step(self, entry: Entry) -> Entry:
        if entry.state is JobState.MASKED:
            sent = self.desk.send(entry, budget=self.budget, since=self.since)
            if self.tell and sent.state in SENT:
                self.tell(sent, Progress(State.QUEUED))
            return sent
        if entry.state is JobState.DONE:
            return self.desk.deliver(entry)
        if entry.state is JobState.SUBMITTING:
            now = self.desk.ledger.find(entry.ref)
            if self.tell and now.state is JobState.SUBMITTING:
                self.tell(now, Progress(State.QUEUED))
            return settled(now) if now.state is JobState.IN_DOUBT else now
        if entry.state is JobState.IN_DOUBT:
            found, _ = self.desk.reconcile(entry)
            return found if found.state in SENT else settled(found)  # which says that it is open
        return self.desk.look(entry, self.tell)

    def _after(self, turn: _Turn, future: Future[Entry]) -> None:
        """Take what came of a step, and plan the next."""
        try:
            entry = future.result()
        except BusyError as error:
            self._look_again(turn, error)
            return
        except InDoubtError as error:
            self._search(turn, error)
            return
        except (UnreachableError, UnfinishedError) as error:
            if not self._may_try_again(turn, error):
                self._settle(turn.entry, error)
                return
            entry = turn.entry
        except AutomaskError as error:
            self._settle(turn.entry, error)
            return
        except Exception as error:  # noqa: BLE001  (whatever it is, the others go on)
            self._settle(turn.entry, unexpected(turn.entry, error))
            return
        else:
            turn.troubles, turn.error = 0, None
            if entry.state is not turn.entry.state:
                self._extend()
        if entry.state in ON or turn.error:
            self.finished.entries[entry.ref] = entry
            self._plan(turn, entry)
        else:
            self._end(entry)

    def _may_try_again(self, turn: _Turn, error: AutomaskError) -> bool:
        """Whether trouble with a job is no reason yet to leave it."""
        turn.troubles, turn.error = turn.troubles + 1, error
        if isinstance(error, UnfinishedError):
            return turn.troubles < FETCHES
        # A job that runs is waited for to the end; one that was not sent is not pressed.
        return turn.entry.state in SENT or turn.troubles < PATIENCE

    def _plan(self, turn: _Turn, entry: Entry) -> None:
        known = turn.entry.state in SENT  # else it was sent, or found, just now
        turn.just_sent = not known and entry.state in SENT
        turn.entry = entry
        if turn.just_sent:
            turn.pause_s = self.desk.provider.first_poll_s
        # Spread, so that many who wait do not ask all at once.
        turn.at_s = time.monotonic() + turn.pause_s * random.uniform(1, 1.25)  # noqa: S311
        turn.pause_s = min(max(2 * turn.pause_s, 0.05), self.desk.provider.last_poll_s)
        heapq.heappush(self.turns, turn)

    def _look_again(self, turn: _Turn, error: BusyError) -> None:
        """Plan when to look for a job that may have been taken, the last time when that tells."""
        deadline_s = self.desk.provider.deadline_s
        try:
            entry = self.desk.ledger.find(turn.entry.ref)
        except LedgerError as worse:
            self._settle(turn.entry, worse)
            return
        if entry.state not in ON:  # another process has decided
            self._settle(entry, None)
            return
        if entry.intent_at != turn.entry.intent_at:  # it was answered just now
            self._extend()
            turn.pause_s = deadline_s / BUSY_LOOKS
        tells_from = self.desk.tells_from(entry)
        if turn.began >= tells_from:  # there are others like it, or too many: for a person
            self._settle(entry, error)
            return
        left_s = max(tells_from - time.time(), 0.0)
        self.end_s = max(self.end_s, time.monotonic() + left_s + GRACE_S)
        turn.entry, turn.error = entry, error
        turn.at_s = time.monotonic() + min(turn.pause_s, left_s) + 0.01
        turn.pause_s *= 2
        self.finished.entries[entry.ref] = entry
        heapq.heappush(self.turns, turn)

    def _search(self, turn: _Turn, error: InDoubtError) -> None:
        """Plan when to look for a job in doubt: soon, then less and less, as long as is wanted."""
        now_s, entry = time.monotonic(), self._now(turn.entry)
        if entry.state is not JobState.IN_DOUBT or not self.search_s:
            self._settle(turn.entry, error)
            return
        if not turn.search_end_s:
            turn.search_end_s = now_s + self.search_s
            turn.at_s = now_s + max(self.desk.provider.first_poll_s, 0.05)
            turn.pause_s = self.search_s / SEARCH_LOOKS
            log.warning("%s Looking for it, for up to %.0f s.", error, self.search_s)
        elif now_s >= turn.search_end_s:
            self._settle(turn.entry, error)
            return
        else:
            turn.at_s = min(now_s + turn.pause_s, turn.search_end_s)
            turn.pause_s *= 2
        turn.entry, turn.error = entry, error
        self.finished.entries[entry.ref] = entry
        heapq.heappush(self.turns, turn)

    def _now(self, entry: Entry) -> Entry:
        """The row as the ledger has it; as it was where that cannot be read."""
        try:
            return self.desk.ledger.find(entry.ref)
        except LedgerError:
            return entry

    def _settle(self, entry: Entry, error: AutomaskError | None) -> None:
        """Leave a job as it is, and keep why."""
        before = entry
        try:
            entry = self.desk.ledger.find(entry.ref)
            settled(entry)
        except AutomaskError as why:
            error = told(before, why, error)
        self._end(entry, error)
