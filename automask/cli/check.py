"""``automask check``: a rule in its canonical form."""

from __future__ import annotations

import click

from automask.cli import options, talk


@click.command("check")
@options.rule_argument
@options.json_option
def check(rule: str, as_json: bool) -> None:
    """Print RULE in its canonical form, or say what is wrong with it.

    Where RULE uses named rules of automask.toml, or phrases that the vocabulary covers, a second
    line has what they stand for. A phrase that it does not cover is named: it goes to the model.
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
    for text in _left_whole(expanded):
        talk.say(_said_of(text))


def _said_of(phrase: str) -> str:
    from automask.selector.spelling import near_phrase

    near = near_phrase(phrase)
    offer = f"; did you mean {near!r}?" if near else "."
    return f"{phrase!r} is not in the vocabulary and goes whole to the model of phrases{offer}"


def _left_whole(rule: str) -> list[str]:
    from automask.selector.parse import parse
    from automask.selector.phrase import phrase_of
    from automask.selector.syntax import walk

    return [text for part in walk(parse(rule)) if (text := phrase_of(part))]
