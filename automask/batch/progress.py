"""How far a run has come, and when it has gone too far."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from automask.batch.states import OPEN
from automask.ledger import Entry
from automask.providers.base import Progress as Said
from automask.providers.base import State

_FINAL = tuple(str(state) for state in State if state.final)
SPENT_S = 1.0  # between two looks at what was spent
FEWEST_FOR_SHARE = 20  # pictures before a share of failures says anything


@dataclass(frozen=True)
class Patience:
    """How many pictures may fail before a run stops.

    Parameters
    ----------
    most : float
        A number of pictures, or with `is_share` a share of those that are over, 0 to 1.
    is_share : bool
    """

    most: float
    is_share: bool = False

    def is_over(self, failed: int, over: int) -> bool:
        """Whether it is too many."""
        if self.is_share:
            return over >= FEWEST_FOR_SHARE and failed > self.most * over
        return failed > self.most


@dataclass
class Progress:
    """How far a run has come; read by who shows it, written by the run alone.

    Parameters
    ----------
    total : int
        Pictures in all.
    states : Counter of str
        What became of those that are over.
    unchanged : int
        Those of them that had been done before.
    gone : int
        Those of these whose picture cannot be read any more.
    credits : float
        What was or may have been paid in this run.
    jobs : Counter of str
        What providers last said of the paid jobs that are on.
    stopped : str
        Why the run ended before all were done; "" while it goes on.
    """

    total: int
    states: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    gone: int = 0
    credits: float = 0.0
    jobs: Counter[str] = field(default_factory=Counter)
    stopped: str = ""
    started: float = field(default_factory=time.monotonic)

    def add(self, other: Progress) -> None:
        """Take in a run that ended; what both have spent since the same time is in each."""
        self.total += other.total
        self.states += other.states
        self.unchanged += other.unchanged
        self.gone += other.gone
        self.credits = max(self.credits, other.credits)
        self.stopped = self.stopped or other.stopped

    @property
    def over(self) -> int:
        """Pictures that are over, but for their paid jobs."""
        return self.states.total()

    @property
    def ended(self) -> int:
        """Pictures of which nothing more is to come, as far as is known now."""
        paid = sum(self.states[state] for state in OPEN)
        return self.over - paid + sum(self.jobs[state] for state in _FINAL)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started


@dataclass
class Ear:
    """Takes what providers say of jobs, in several threads, into the progress of a run.

    Parameters
    ----------
    progress : Progress
    spent : callable
        What the run has cost so far, in credits.
    tell : callable, optional
        Called with the progress when there is news.
    """

    progress: Progress
    spent: Callable[[], float]
    tell: Callable[[Progress], None] | None
    _last: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _looked_s: float = 0.0

    def __call__(self, entry: Entry, said: Said) -> None:
        """Take what is said of a job."""
        with self._lock:
            state = "upscaling" if entry.action else str(said.state)
            self.progress.jobs[self._last.get(entry.ref, state)] -= entry.ref in self._last
            self._last[entry.ref] = state
            self.progress.jobs[state] += not (entry.action and said.state.final)
            if entry.action and said.state.final:
                del self._last[entry.ref]
            if time.monotonic() - self._looked_s > SPENT_S:
                self._looked_s = time.monotonic()
                self.progress.credits = self.spent()
        if self.tell:
            self.tell(self.progress)
