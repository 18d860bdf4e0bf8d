"""``automask check``: a rule in its canonical form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from automask.cli import options, talk

if TYPE_CHECKING:
    from automask.selector.syntax import Rule


@click.command("check")
@options.rule_argument
@options.json_option
def check(rule: str, as_json: bool) -> None:
    """Print RULE in its canonical form, or say what is wrong with it.

    Where RULE uses named rules of automask.toml, or phrases that the vocabulary covers, a second
    line has what they stand for. A phrase that it does not cover is named: it goes to the model.
    The last line says whether `automask batch --scale` computes RULE on smaller pictures.
    """
    from automask.selector.parse import parse

    tree = options.read_rule(rule)
    expanded, canonical = str(tree), str(parse(rule))
    scales, why_not = _scales(tree)
    if as_json:
        told = {"rule": rule, "canonical": canonical, "expanded": expanded}
        talk.put_json(told | {"scales": scales, "why_not_smaller": why_not})
        return
    talk.put(canonical)
    if expanded != canonical:
        talk.put(f"= {expanded}")
    for text in _left_whole(expanded):
        talk.say(_said_of(text))
    talk.say(f"batch --scale: {' or '.join(scales) or 'full size'}{why_not and f'; {why_not}'}")


def _scales(tree: Rule) -> tuple[list[str], str]:
    """The scales at which a batch can compute a rule, and why it is not all that there are."""
    from automask.errors import ArgumentError
    from automask.selector.reduced import reduced

    made: list[str] = []
    for scale in (2, 4):
        try:
            reduced(tree, scale)
        except ArgumentError as error:
            return made, str(error)
        made.append(f"1/{scale}")
    return made, ""


def _said_of(phrase: str) -> str:
    from automask.selector.spelling import near_phrase, why_not

    near = near_phrase(phrase)
    offer = f"; did you mean {near!r}?" if near else "."
    return f"{phrase!r} goes whole to the model of phrases: {why_not(phrase)}{offer}"


def _left_whole(rule: str) -> list[str]:
    from automask.selector.parse import parse
    from automask.selector.phrase import phrase_of
    from automask.selector.syntax import walk

    return [text for part in walk(parse(rule)) if (text := phrase_of(part))]
