"""``--dry-run``, ``automask plan`` and ``automask apply``: what a batch would do, beforehand."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automask.cli import batching, engines, options, talk, working
from automask.cli.outcome import DONE, REVIEW
from automask.cli.progressing import duration
from automask.errors import ArgumentError

if TYPE_CHECKING:
    from automask.batch.estimate import Estimate
    from automask.batch.plan import Planned
    from automask.batch.record import Record
    from automask.cli.batching import Asked

SHOWN = 20  # pictures that are named on the screen, of those that are skipped


@dataclass
class Sum:
    """What a plan comes to."""

    pictures: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    pixels: int = 0
    unknown: int = 0
    jobs: int = 0
    credits: float = 0.0
    covered: int = 0

    def see(self, planned: Planned, budget: float | None) -> None:
        """Add one picture."""
        self.pictures[planned.action] += 1
        if planned.action == "skip":
            self.skipped.append((planned.item.name, planned.reason))
            return
        if planned.action == "do":
            self.reasons[planned.reason] += 1
            self.pixels += planned.pixels
            self.unknown += not planned.pixels
            self.jobs += planned.credits > 0
            self.credits += planned.credits
            self.covered += planned.credits > 0 and self.credits <= (budget or 0)

    def leave_out(self, _: str, why: str) -> None:
        """Add a file or folder that is no picture of the batch."""
        self.left_out[why] += 1


def dry_run(asked: Asked, out: Path, *, as_json: bool, how: dict[str, Any]) -> int:
    """Say what the batch would do, and give the exit code; nothing is written."""
    from automask.batch.estimate import Estimator
    from automask.batch.plan import Planner

    total, estimator = Sum(), Estimator(asked.options)
    asked.listen(total.leave_out)
    with _record(out, how) as record:
        planner = Planner(asked.options, out, record)
        for planned in planner.planned(asked.items):
            total.see(planned, how["budget"])
            if planned.action == "do":
                estimator.see(planned)
        estimate = estimator.estimate(planner, batching.threads(how))
    if as_json:
        talk.put_json(_facts(total, estimate, out))
    else:
        _put(total, estimate, how)
        talk.say("This was a dry run: nothing was written and nothing was sent.")
    return REVIEW if total.pictures["skip"] else DONE


@contextmanager
def _record(out: Path | None, how: dict[str, Any]) -> Iterator[Record | None]:
    """What was done in `out` before, to be read; None where there is nothing."""
    from automask.batch.places import ledger
    from automask.batch.record import Record

    share = engines.shard(how)
    label = share.label if share else ""
    if out is None or not (out / ledger(label)).exists():
        yield None
        return
    with Record(out, writing=False, shard=label) as record:
        yield record


def _facts(total: Sum, estimate: Estimate, out: Path) -> dict[str, Any]:
    return {
        "output": str(out),
        "pictures": {name: total.pictures[name] for name in ("do", "done", "skip")},
        "reasons": dict(total.reasons),
        "skipped": [{"name": name, "reason": why} for name, why in total.skipped],
        "left_out": dict(total.left_out),
        "pixels": total.pixels,
        "pixels_unknown": total.unknown,
        "seconds": None if estimate.seconds is None else round(estimate.seconds, 4),
        "seconds_from": estimate.source,
        "jobs": total.jobs,
        "credits": total.credits,
    }


def _put(total: Sum, estimate: Estimate, how: dict[str, Any]) -> None:
    reasons = ", ".join(f"{n} {why}" for why, n in total.reasons.most_common())
    size = f"{total.pixels / 1e6:.1f} megapixels" if total.pixels else ""
    unknown = f"{total.unknown} of unknown size" if total.unknown else ""
    left_out = ", ".join(f"{n} {why}" for why, n in total.left_out.most_common())
    rows = {
        "to do": "; ".join(filter(None, (str(total.pictures["do"]), reasons, size, unknown))),
        "done already": str(total.pictures["done"]),
        "skipped": str(total.pictures["skip"]),
        "left out": left_out or "0",
        "time": _time(estimate, total, how),
        "credits": _credits(total, how["budget"]),
    }
    for name, text in rows.items():
        talk.put(f"{name:12}  {text}")
    for name, why in total.skipped[:SHOWN]:
        talk.put(f"skip  {talk.named(name)}: {why}")
    if len(total.skipped) > SHOWN:
        talk.put(f"... and {len(total.skipped) - SHOWN} more; --json names all")


def _time(estimate: Estimate, total: Sum, how: dict[str, Any]) -> str:
    if estimate.seconds is None:
        return f"unknown: {estimate.source}"
    if not total.pictures["do"]:
        return "none"
    paid = ", without what the service takes" if total.jobs else ""
    about = f"about {duration(estimate.seconds)} on {batching.threads(how)} threads"
    return f"{about}, estimated from {estimate.source}{paid}"


def _credits(total: Sum, budget: float | None) -> str:
    if not total.jobs:
        return "0"
    text = f"at most {total.credits:g} for {total.jobs} pictures"
    if budget is not None and budget < total.credits:
        text += f"; --budget {budget:g} covers {total.covered} of them"
    return text


@click.command("plan")
@click.argument("words", metavar="[RULE] [INPUT]...", nargs=-1)
@click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    help="The batch's folder: what is done there is left out, and apply writes there.",
)
@batching.table_option
@batching.result_options
@batching.run_options
def plan(words: tuple[str, ...], out: str | None, table: str | None, **how: Any) -> int:
    """Print what `automask batch` would do, a line a picture, for `automask apply`.

    Every picture is read to its end, and planned by its hash. The first line holds the options.
    Look through the others, change them (rule, prompt, action: do, done, skip) or delete some;
    apply does what is left.
    """
    from automask.batch.plan import Planner
    from automask.batch.planfile import head, line

    folder = None if out is None else engines.new_home(out, how)
    asked = batching.ask(words, table, out or "out", how)
    total = Sum()
    asked.listen(total.leave_out)
    with _record(folder, how) as record:
        planner = Planner(asked.options, folder or Path("out"), record, whole=True)
        items = list(asked.items)
        talk.put_json(head(asked.options, items, engines.whole_name(out or "")), line=True)
        for planned in planner.planned(items):
            total.see(planned, how["budget"])
            talk.put_json(line(planned), line=True)
    counts = ", ".join(f"{total.pictures[name]} to {name}" for name in ("do", "skip"))
    more = f", {total.pictures['done']} done already" if total.pictures["done"] else ""
    talk.say(f"{counts}{more}; credits: {_credits(total, how['budget'])}")
    return REVIEW if total.pictures["skip"] else DONE


@click.command("apply")
@click.argument("source", metavar="PLAN", type=click.Path())
@click.option(
    "-o",
    "--output",
    "out",
    default="",
    metavar="OUT",
    help="The batch's folder, or the address of one; that of the plan where it names one.",
)
@batching.run_options
@options.json_option
def apply(source: str, out: str, as_json: bool, **how: Any) -> int:
    """Do what is left in PLAN, which `automask plan` wrote; - is stdin.

    Every line is checked before anything is done. A picture that is another one than when it was
    planned is not done; neither is any where a model or a file of the rule is.
    """
    from automask.batch import planfile

    with _lines(source) as lines:
        read = planfile.read(lines, "The standard input" if source == "-" else source)
    out = out or read.output
    if not out:
        raise ArgumentError("The plan was made without -o; say where the results go: -o OUT.")
    folder = engines.new_home(out, how)
    wanted = replace(read.options, out=engines.results(out, how))
    batching.check(wanted)
    items = engines.part(read.items, how)
    return working.begin(folder, wanted, items, [source], as_json=as_json, how=how)


@contextmanager
def _lines(source: str) -> Iterator[Iterable[str]]:
    if source == "-":
        yield sys.stdin
        return
    try:
        with Path(source).open(encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise ArgumentError(
            f"{source} cannot be read: {error.strerror}; check the path and its rights."
        ) from None
    except UnicodeDecodeError:
        raise ArgumentError(f"{source} is not text in UTF-8; plan again.") from None
