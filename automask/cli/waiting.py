"""Where jobs stand while they are waited for, and how to go on when the wait is left."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from automask.cli import talk
from automask.cli.meanwhile import said_every

if TYPE_CHECKING:
    from types import FrameType

    from automask.ledger import Entry
    from automask.providers.base import Progress

SILENCE_S = 30.0  # no longer without a line, where nobody watches a bar
PATIENCE_S = 2.0  # after Ctrl-C, before it is said why nothing happens
SHOWN = 12  # characters of a ref: as many as tell jobs apart, and `jobs` takes the beginning
NAMED = 3  # jobs that are named one by one
# What is said of jobs that are left, one or several, and the command that goes on with them.
_UNSENT = ("was never sent", "were never sent", "resume")
_DOUBTED = ("may have been sent", "may have been sent", "reconcile")
_SENT = ("goes on and is not lost", "go on and are not lost", "wait")
GOING_ON = {
    "masked": _UNSENT,
    "submitting": _DOUBTED,
    "in_doubt": _DOUBTED,
    "submitted": _SENT,
    "running": _SENT,
}


def named(entry: Entry) -> str:
    """The beginning of a row's ref, which names it; all of one that was paid again."""
    return entry.ref if entry.again else entry.ref[:SHOWN]


@dataclass
class Wait:
    """Shows how far jobs are: a bar on a terminal, elsewhere a line when it takes long.

    Parameters
    ----------
    expected : iterable of Entry
        The jobs, where they are known before; others are counted when they are first told of.
    """

    expected: Iterable[Entry] = ()
    told: dict[str, tuple[Entry, Progress | None]] = field(default_factory=dict, init=False)
    since_s: float = field(default_factory=time.time, init=False)
    _lock: Any = field(default_factory=threading.Lock, init=False, repr=False)
    _refresh: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.told |= {entry.ref: (entry, None) for entry in self.expected}
        self._many = len(self.told) > 1

    def __call__(self, entry: Entry, progress: Progress) -> None:
        """Take what the provider says of a job; called in several threads."""
        with self._lock:
            self.told[entry.ref] = (entry, progress)
            if self._refresh:
                self._refresh()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it while the block runs; where Ctrl-C ends that, say how to go on."""
        try:
            with _stopping(), _bar(self) if talk.is_terminal(sys.stderr) else self._lines():
                yield
        except KeyboardInterrupt:
            leave(self)
            raise

    def _lines(self) -> AbstractContextManager[None]:
        def line() -> str:
            return f"{self.text()}, after {time.time() - self.since_s:.0f} s"

        return said_every(SILENCE_S, line)

    def text(self) -> str:
        """Where the jobs stand, in a few words."""
        if self._many:
            over = sum(_share(progress) == 1 for _, progress in self.told.values())
            return f"{over} of {len(self.told)} jobs are over"
        if not self.told:
            return "asking the service"
        entry, progress = list(self.told.values())[-1]  # of a chain, the one that is on
        if progress and progress.state.final:
            return "fetching the results"
        what = f"upscaling, {entry.action}" if entry.action else named(entry)
        if entry.state == "submitting":
            sender = entry.owner.partition("-")[0]
            return f"{what}: process {sender} is sending it, and has no answer yet"
        share = f" {progress.share:.0%}" if progress and progress.share is not None else ""
        return f"{what}: {progress.state if progress else entry.state}{share}"

    def share(self) -> float:
        """How much of all is done, 0 to 1, as far as the provider tells."""
        known = [_share(progress) for _, progress in self.told.values()]
        return sum(known) / len(known) if self._many else (known or [0.0])[-1]


def _share(progress: Progress | None) -> float:
    if progress is None:
        return 0.0
    return 1.0 if progress.state.final else progress.share or 0.0


@contextmanager
def _stopping() -> Iterator[None]:
    """Say what is waited for after Ctrl-C: an answer on its way may be that of a paid job."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # ignored, or somebody else's
        return
    words = "Leaving when the service has answered; Ctrl-C once more leaves at once."
    speaker = threading.Timer(PATIENCE_S, talk.say, [words])
    speaker.daemon = True

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        speaker.start()
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        speaker.cancel()
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _bar(wait: Wait) -> Iterator[None]:
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with progress.Progress(
        *columns, console=console, redirect_stdout=False, transient=True
    ) as shown:
        task = shown.add_task(wait.text(), total=1.0)
        wait._refresh = lambda: shown.update(  # noqa: SLF001  (two halves of one thing)
            task, description=wait.text(), completed=wait.share()
        )
        try:
            yield
        finally:
            wait._refresh = None  # noqa: SLF001


def leave(wait: Wait) -> None:
    """Say of each job that was waited for, or was being sent, how to go on with it."""
    from automask.errors import AutomaskError
    from automask.ledger import JobState, Ledger

    try:
        with Ledger() as ledger:
            rows = ledger.jobs(*map(JobState, GOING_ON))
    except AutomaskError:  # it was said when it was wanted; Ctrl-C says nothing else
        return
    rows = [e for e in rows if e.ref in wait.told or (e.intent_at or 0.0) >= wait.since_s]
    for words in dict.fromkeys(GOING_ON.values()):
        _say_left([named(e) for e in rows if _way(e) == words], *words)


def _way(entry: Entry) -> tuple[str, str, str]:
    return _DOUBTED if entry.doubtful else GOING_ON[entry.state]


def _say_left(names: list[str], one: str, several: str, command: str) -> None:
    if len(names) > NAMED:
        talk.say(f"{len(names)} jobs {several}: automask jobs {command}")
        return
    for name in names:
        talk.say(f"The job {one}: automask jobs {command} {name}")
