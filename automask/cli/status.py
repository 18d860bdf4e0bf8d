"""``automask status``, ``resume``, ``retry``, ``report``: a batch that was begun."""

from __future__ import annotations

from typing import Any

import click

from automask.cli import batching, engines, options, talk, working
from automask.cli.outcome import DONE, REVIEW
from automask.errors import ArgumentError, LedgerError

SHOWN = 20  # reasons that are told on the screen
NAMED = 3  # pictures that are named with each
out_argument = click.argument("out", metavar="OUT", type=click.Path())


@click.command("status")
@out_argument
@options.json_option
def status(out: str, as_json: bool) -> int:
    """Say how far the batch in OUT has come, and what failed.

    It changes nothing, and may be asked while the batch is worked on.
    """
    from automask.batch import shards
    from automask.batch.opened import is_worked_on

    folder = engines.home(out, {})
    with shards.gathered(folder) as record:
        facts = {
            "output": out,
            "working": any(is_worked_on(folder, one) for one in ("", *shards.labels(folder))),
            "states": dict(sorted(record.states().items())),
            "credits": record.credits(),
        }
        ended = record.ended()
        bad = [(r.item.name, r.state, r.reason) for r in record.rows("failed", "review")]
    told = [dict(zip(("name", "state", "reason"), row, strict=True)) for row in bad]
    if as_json:
        talk.put_json(facts | {"bad": told})
    else:
        _put(facts, bad, ended=ended)
    return REVIEW if bad else DONE


def _put(facts: dict[str, Any], bad: list[tuple[str, str, str]], *, ended: bool) -> None:
    from automask.batch.states import UNFINISHED

    states, name = facts["states"], talk.named(facts["output"])
    talk.put_table(("state", "pictures"), [(s, str(n)) for s, n in states.items()], "pictures")
    _put_reasons(bad, name)
    if facts["credits"]:
        talk.say(f"{facts['credits']:g} credits as far as is known")
    if facts["working"]:
        talk.say("A process works on it now.")
    elif not ended or any(states.get(state) for state in UNFINISHED):
        talk.say(f"It is not finished; go on with: automask resume {name}")


def _put_reasons(bad: list[tuple[str, str, str]], batch: str) -> None:
    """Each reason once, with a few of the pictures that it is said of."""
    groups: dict[tuple[str, str], list[str]] = {}
    for picture, state, reason in bad:
        groups.setdefault((state, reason), []).append(picture)
    shown = list(groups.items())[:SHOWN]
    for (state, reason), pictures in shown:
        named = ", ".join(map(talk.named, pictures[:NAMED]))
        more = f" and {len(pictures) - NAMED} more" if len(pictures) > NAMED else ""
        talk.say(f"{state}  {named}{more}: {reason}")
    left = len(bad) - sum(len(pictures[:NAMED]) for _, pictures in shown)
    if left:
        talk.say(f"{left} are not named here: automask status {batch} --json")


@click.command("resume")
@out_argument
@batching.run_options
@options.json_option
def resume(out: str, as_json: bool, **how: Any) -> int:
    """Go on with the batch in OUT, with the options it was begun with.

    The pictures are those that were listed then. Those that are done, and whose results are still
    there, are not done again; those that failed are. What earlier runs with other options left is
    done as well, with those.
    """
    from automask.batch.states import UNFINISHED

    patience = batching.read_patience(how["max_failures"])
    folder = engines.home(out, how)
    with engines.record(folder, how, begun=True) as record:
        runs = record.open_runs()
        listed = record.count(runs[0][0]) or record.ended()
        more = sum(record.adopt(number) for number, _ in runs)
        more += sum(record.states(number)[s] for number, _ in runs[1:] for s in UNFINISHED)
        if not listed:
            told = f"{talk.named(out)}: the run was stopped before its pictures were listed"
            if not more:
                raise LedgerError(f"{told}; give the command that began it again.")
            talk.warn(
                f"{told}; what earlier runs left is done, for the rest give its command again"
            )
        if more:
            talk.say(f"With {more} pictures that earlier runs left.")
        return working.work(record, folder, runs, patience, as_json=as_json, how=how)


@click.command("retry")
@out_argument
@click.option("--failed", is_flag=True, help="Those that failed; so without --review.")
@click.option("--review", is_flag=True, help="Those in review.")
@click.option("--rule", default="", type=options.RuleText(), help="With another rule.")
@click.option(
    "--accept",
    is_flag=True,
    help="With --review: the masks are right, also outside --limit or of the whole picture.",
)
@batching.run_options
@options.json_option
def retry(
    out: str, failed: bool, review: bool, rule: str, accept: bool, as_json: bool, **how: Any
) -> int:
    """Do again what failed, or is in review, of the batch in OUT.

    Each picture with the options that it was listed with, and by --rule if given: that stays its
    rule when the same batch is run again. Look into OUT/review before --accept: of the pictures as
    they were then, masks that --limit stopped are taken as they are, and submitted where the batch
    has a paid provider.
    """
    if accept and (rule or failed or not review):
        raise ArgumentError("--accept is for --review alone; leave --rule and --failed out.")
    patience = batching.read_patience(how["max_failures"])
    tree = batching.one_line(options.read_rule(rule)) if rule else ""
    states = ["failed"] * (failed or not review) + ["review"] * review
    folder = engines.home(out, how)
    with engines.record(folder, how, begun=True) as record:
        runs = record.again(states, str(tree))
        if not runs:
            talk.say(f"{talk.named(out)}: no picture is in {' or '.join(states)}")
            return DONE
        return working.work(
            record, folder, runs, patience, as_json=as_json, how=how, accepting=accept
        )


@click.command("report")
@out_argument
@click.option(
    "--tiles",
    type=click.IntRange(0, 2000),
    metavar="N",
    help="How many small pictures report.html has at most, the worst first; 200, or 60 of those "
    "that need no look where there are more.",
)
def report(out: str, tiles: int | None) -> int:
    """Write OUT/report.jsonl and OUT/report.html anew from the record, or those of all shares."""
    from automask.batch import report as reports
    from automask.batch import shards
    from automask.batch.places import PAGE

    folder = engines.home(out, {})
    with shards.gathered(folder) as record:
        _, wanted = record.last_run()
        place = reports.write(record, folder, wanted, tiles=tiles, anew=True)
    talk.say(f"-> {talk.named(str(place))}, {talk.named(str(folder / PAGE))}")
    return DONE
