"""``automask check``: a rule in its canonical form."""

from __future__ import annotations

import click

from automask.cli import options, talk


@click.command("check")
@options.rule_argument
@options.json_option
def check(rule: str, as_json: bool) -> None:
    """Print RULE in its canonical form, or say what is wrong with it.

    Where RULE uses named rules of automask.toml, a second line has them put in.
    """
    from automask.selector.parse import parse

    expanded = str(options.read_rule(rule))
    canonical = str(parse(rule))
    if as_json:
        talk.put_json({"rule": rule, "canonical": canonical, "expanded": expanded})
        return
    talk.put(canonical)
    if expanded != canonical:
        talk.put(f"= {expanded}")
