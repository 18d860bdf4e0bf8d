"""The run of a batch from a command: worked on, reported, summed up."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automask.cli import INTERRUPTED, batching, engines, progressing, talk
from automask.cli.outcome import DONE, REVIEW

if TYPE_CHECKING:
    from automask.batch.items import Item, Options
    from automask.batch.progress import Patience, Progress
    from automask.batch.record import Record


def begin(
    out: Path,
    wanted: Options,
    items: Iterable[Item],
    inputs: Sequence[str],
    *,
    as_json: bool,
    how: dict[str, Any],
) -> int:
    """List the pictures, work on them, and give the exit code."""
    patience = batching.read_patience(how["max_failures"])
    with engines.record(out, how) as record:
        number = record.begin(wanted, inputs)
        if not record.plan(items, number):
            talk.warn("there is no picture among the inputs")
        return work(record, out, [(number, wanted)], patience, as_json=as_json, how=how)


def work(
    record: Record,
    out: Path,
    runs: Sequence[tuple[int, Options]],
    patience: Patience | None,
    *,
    as_json: bool,
    how: dict[str, Any],
    accepting: bool = False,
) -> int:
    """Work on the pictures of each of `runs`, report, and give the exit code."""
    from automask.batch import report

    wanted = runs[0][1]
    progress = _gone(record, out, runs, patience, how, accepting=accepting)
    try:
        place = report.write(record, out, wanted)
    finally:  # also where the disk is full
        progressing.summary(progress, out, results=wanted.out, shard=how["shard"])
        _say_common(record, progress)
    if as_json:
        told = {"output": wanted.results(out), "record": str(out), "report": str(place)}
        talk.put_json(facts(progress, out) | told)
    if progress.stopped == "interrupted":
        return INTERRUPTED
    bad = progress.stopped or set(progress.states) - {"done", "skipped"}
    return REVIEW if bad else DONE


def _gone(
    record: Record,
    out: Path,
    runs: Sequence[tuple[int, Options]],
    patience: Patience | None,
    how: dict[str, Any],
    *,
    accepting: bool,
) -> Progress:
    """How far all of `runs` came together, one after the other, within one budget."""
    from automask.batch.progress import Progress
    from automask.batch.run import Run

    engine, since = engines.chosen(how), time.time()
    stopping, whole = threading.Event(), Progress(0)

    def stop(why: str) -> None:
        whole.stopped = whole.stopped or why
        stopping.set()

    every = [
        Run(
            record, out, number, wanted, engine, patience, how["budget"],
            stopping=stopping, since=since, before=whole.states, accepting=accepting,
        )
        for number, wanted in runs
    ]  # fmt: skip
    for run in every:
        run.check()
    # Plugins may print, in any thread: nothing of that is a result.
    with redirect_stdout(sys.stderr), progressing.stopping(stop):
        for run in every:
            with progressing.shown(run.progress) as tell:
                whole.add(run.go(tell))
            if whole.stopped:
                break
    return whole


def _say_common(record: Record, progress: Progress) -> None:
    """Say once why pictures failed, where it is the same for most of them."""
    count, reason = record.common_failure()
    if count > 1 and 2 * count >= progress.states["failed"] > 0:
        talk.say(f"{count} failed for one reason: {reason}")


def facts(progress: Progress, out: Path) -> dict[str, Any]:
    """A run for programs."""
    return {
        "output": str(out),
        "pictures": progress.total,
        "states": dict(sorted(progress.states.items())),
        "unchanged": progress.unchanged,
        "credits": progress.credits,
        "stopped": progress.stopped,
        "seconds": round(progress.seconds, 3),
    }
