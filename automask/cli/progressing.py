"""How far a batch is, while it runs and at its end, and what Ctrl-C does to it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from automask.cli import INTERRUPTED, talk
from automask.cli.meanwhile import said_every

if TYPE_CHECKING:
    from automask.batch.progress import Progress

LINE_S = 60.0  # between two lines where nobody watches a terminal
_SHOW_CURSOR = "\033[?25h\n"


@contextmanager
def stopping(stop: Callable[[str], None]) -> Iterator[None]:
    """The first Ctrl-C lets what was begun end, the second ends the process at once.

    Where the signal is ignored, as by the jobs of a script that runs in the background, or somebody
    else's, it stays so.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def again(*_: object) -> None:
        if talk.is_terminal(sys.__stderr__ or sys.stderr):
            os.write(2, _SHOW_CURSOR.encode())  # the bar has no time left to do it
        os._exit(INTERRUPTED)  # nothing is lost: what is not written down is done again

    def once(*_: object) -> None:
        signal.signal(signal.SIGINT, again)
        stop("interrupted")
        words = "Stopping when what was begun is done; Ctrl-C once more stops at once."
        # Not from here: the signal may have come while this very thread was writing.
        threading.Thread(target=talk.say, args=[words], daemon=True).start()

    signal.signal(signal.SIGINT, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def shown(progress: Progress) -> Iterator[Callable[[Progress], None]]:
    """Shows a bar on a terminal, and a line a minute anywhere else; gives what refreshes it."""
    with _bar(progress) if talk.is_terminal(sys.stderr) else _lines(progress) as refresh:
        yield refresh


@contextmanager
def _bar(progress: Progress) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    columns = (
        MofNCompleteColumn(), BarColumn(bar_width=16),
        TextColumn("{task.fields[rate]}", markup=False), TimeRemainingColumn(),
        TextColumn(
            "{task.fields[states]}", markup=False,
            table_column=Column(no_wrap=True, overflow="ellipsis"),
        ),
    )  # fmt: skip
    console = Console(stderr=True)
    with Bar(*columns, console=console, redirect_stdout=False, transient=True) as bar:
        task = bar.add_task("", total=progress.total, rate=rate(progress), states="")

        def refresh(now: Progress) -> None:
            bar.update(task, completed=now.ended, rate=rate(now), states=standing(now))

        with talk.barred(lambda text: bar.update(task, states=text)):
            yield refresh


@contextmanager
def _lines(progress: Progress) -> Iterator[Callable[[Progress], None]]:
    """A line now and then, also while one picture or one service takes long."""
    with said_every(LINE_S, lambda: _line(progress)):
        yield lambda _: None


def _line(now: Progress) -> str:
    return f"{now.ended} of {now.total}, {_pace(now)}"


def _pace(now: Progress) -> str:
    left_s = (now.total - now.ended) * now.seconds / now.ended if now.ended else None
    eta = "" if left_s is None else f", {duration(left_s)} left"
    return f"{rate(now)}{eta}: {standing(now) or 'none is done yet'}"


def duration(seconds: float) -> str:
    """A time for people, rounded to what matters.

    >>> duration(0.2), duration(50), duration(200), duration(90 * 60)
    ('1 s', '50 s', '3 min', '1.5 h')
    """
    if seconds < 100:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def rate(now: Progress) -> str:
    """Pictures a second so far."""
    return f"{now.ended / max(now.seconds, 1e-6):.1f}/s"


def standing(now: Progress) -> str:
    """The states of a run's pictures, of the paid jobs that are on, and what they cost."""
    jobs = counted(+now.jobs)
    parts = [counted(now.states), f"jobs: {jobs}" if jobs else ""]
    if now.credits:
        parts.insert(1, f"{now.credits:g} credits")
    return "; ".join(filter(None, parts))


def counted(states: Mapping[str, int]) -> str:
    """How many there are of each.

    >>> counted({"failed": 2, "done": 10})
    '10 done, 2 failed'
    """
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items()))


def summary(
    progress: Progress, out: Path, again: str = "", *, results: str = "", shard: str = ""
) -> None:
    """Say how the run ended and what to do next, which is `again` where it goes on that way.

    `out` is where the record is, and `results` where the results are if not there.
    """
    from automask.batch.states import OPEN

    name, there = talk.named(str(out)), talk.named(results or str(out))
    share = f" --shard {shard}" if shard else ""
    again = again or f"automask resume {name}{share}"
    unchanged = f", {progress.unchanged} of them as before" if progress.unchanged else ""
    paid = f"; {progress.credits:g} credits as far as is known" if progress.credits else ""
    talk.say(f"{there}: {counted(progress.states) or 'nothing'}{unchanged}{paid}")
    if progress.gone:
        talk.warn(f"{progress.gone} of them cannot be read any more; their results stay")
    if progress.stopped:
        talk.warn(f"stopped, {progress.stopped}; go on with: {again}")
    elif open_ := [state for state in OPEN if progress.states[state]]:
        talk.warn(f"{' and '.join(open_)} jobs can go on: {again}")
    if progress.states["failed"]:
        talk.say(
            f"What failed: automask status {name}; again: automask retry {name}{share} --failed"
        )
    if progress.states["review"]:
        talk.say(f"Look into {there}/review, then: automask retry {name}{share} --review")
