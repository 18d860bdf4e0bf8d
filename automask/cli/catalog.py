"""``automask strategies``, ``filters`` and ``providers``: what there is, and a card of each."""

from __future__ import annotations

import difflib
from typing import Any

import click

from automask.cli import options, talk
from automask.errors import ArgumentError

WIDEST = 44  # columns of a signature in the table; `show` has it whole


def _catalog(kind: str, one: str, what: str) -> click.Group:
    """The group of commands that lists everything of `kind` and shows one of them."""

    def listed(as_json: bool) -> None:
        from automask.cli import cards

        found = cards.cards(kind)
        if as_json:
            talk.put_json(found)
            return
        rows = [(_short(c["signature"]), c["group"], _what(c)) for c in found]
        talk.put_table((one, "group", "what"), rows)

    @click.group(
        kind, cls=options.Words, invoke_without_command=True,
        help=f"{what}\n\nWithout a word: list them.",
    )  # fmt: skip
    @options.json_option
    @click.pass_context
    def group(context: click.Context, as_json: bool) -> None:
        if context.invoked_subcommand is None:
            listed(as_json)

    @group.command("list", help="List them: how each is written, its group, what it does.")
    @options.json_option
    def list_(as_json: bool) -> None:
        listed(as_json)

    @group.command("show", help="Show one: what it does, its arguments, an example.")
    @click.argument("name")
    @options.json_option
    def show(name: str, as_json: bool) -> None:
        card = _found(kind, one, name)
        if as_json:
            talk.put_json(card)
        else:
            _put_card(card)

    return group


def _found(kind: str, one: str, name: str) -> dict[str, Any]:
    from automask.cli import cards

    known = cards.registry(kind)
    if name in known:
        return cards.card(known, name)
    near = difflib.get_close_matches(name.lower(), known, 1)
    offer = f"did you mean {near[0]!r}?" if near else f"`automask {kind}` lists them."
    raise ArgumentError(f"There is no {one} {name!r}; {offer}")


def _put_card(card: dict[str, Any]) -> None:
    talk.put(card["signature"])
    talk.put(f"\n{card['description']}\n")
    rows = [(f"  {a['name']}", a["takes"], _default(a)) for a in card["arguments"]]
    if rows:
        talk.put_table(("argument", "takes", "default"), rows)
        talk.put("")
    facts = {"group": card["group"], "needs": card["needs"], "example": card["example"]}
    if card["owner"] != "automask":
        facts["from"] = card["owner"]
    for key, value in facts.items():
        if value:
            talk.put(f"{key + ':':9}{value}")


def _default(argument: dict[str, Any]) -> str:
    if argument["repeats"]:
        return "(any number)"
    return "(needed)" if argument["required"] else argument["default"] or "-"


def _what(card: dict[str, Any]) -> str:
    needs = f" Needs {card['needs']}." if card["needs"] else ""
    return f"{card['summary']}{needs}"


def _short(signature: str) -> str:
    return signature if len(signature) <= WIDEST else signature[: WIDEST - 4] + "...)"


strategies = _catalog("strategies", "strategy", "The ways to find regions.")
filters = _catalog("filters", "filter", "The ways to choose or change regions.")
providers = _catalog("providers", "provider", "The services and engines that repaint.")
