"""``automask status``, ``resume``, ``retry``, ``report``: a batch that was begun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from automask.cli import batching, options, talk
from automask.cli.outcome import DONE, REVIEW
from automask.errors import ArgumentError

out_argument = click.argument("out", metavar="OUT", type=click.Path())


@click.command("status")
@out_argument
@options.json_option
def status(out: str, as_json: bool) -> int:
    """Say how far the batch in OUT has come, and what failed."""
    from automask.batch.record import Record

    with Record(Path(out), writing=False) as record:
        states = record.states()
        failed = [(row.item.name, row.state, row.reason) for row in record.rows("failed", "review")]
    if as_json:
        told = [dict(zip(("name", "state", "reason"), row, strict=True)) for row in failed]
        talk.put_json({"output": out, "states": dict(sorted(states.items())), "bad": told})
    else:
        talk.put_table(("state", "pictures"), [(s, str(n)) for s, n in sorted(states.items())])
        for name, state, reason in failed:
            talk.say(f"{state}  {talk.named(name)}: {reason}")
    return REVIEW if failed else DONE


@click.command("resume")
@out_argument
@batching.run_options
@options.json_option
def resume(out: str, as_json: bool, **how: Any) -> int:
    """Go on with the batch in OUT, with the options it was begun with."""
    return _go_on(Path(out), (), "", as_json=as_json, how=how)


@click.command("retry")
@out_argument
@click.option("--failed", is_flag=True, help="Those that failed.")
@click.option("--review", is_flag=True, help="Those in review.")
@click.option("--rule", default="", type=options.RuleText(), help="With another rule.")
@batching.run_options
@options.json_option
def retry(out: str, failed: bool, review: bool, rule: str, as_json: bool, **how: Any) -> int:
    """Do again what failed, or is in review, of the batch in OUT."""
    states = tuple(name for name, on in (("failed", failed), ("review", review)) if on)
    return _go_on(Path(out), states or ("failed",), rule, as_json=as_json, how=how)


def _go_on(
    out: Path, states: tuple[str, ...], rule: str, *, as_json: bool, how: dict[str, Any]
) -> int:
    from automask.batch.record import Record

    patience = batching.read_patience(how["max_failures"])
    tree = str(options.read_rule(rule)) if rule else ""
    with Record(out) as record:
        number, wanted = record.last_run()
        if states:
            number = record.again(states, tree, wanted)
        return batching.work(record, out, number, wanted, patience, as_json=as_json, how=how)


@click.command("report")
@out_argument
def report(out: str) -> int:
    """Write OUT/report.jsonl anew from the record."""
    from automask.batch import report as reports
    from automask.batch.record import Record

    folder = Path(out)
    if not folder.is_dir():
        raise ArgumentError(f"{out} is no folder; give the one that -o named.")
    with Record(folder, writing=False) as record:
        _, wanted = record.last_run()
        place = reports.write(record, folder, wanted)
    talk.say(f"-> {talk.named(str(place))}")
    return DONE
