"""``automask account``: what is left on the account of the service."""

from __future__ import annotations

import dataclasses

import click

from automask.cli import options, talk
from automask.cli.outcome import DONE
from automask.errors import ArgumentError


@click.command("account")
@click.option(
    "--provider", default="imaginepro", show_default=True, metavar="NAME", help="The service."
)
@options.json_option
def account(provider: str, as_json: bool) -> int:
    """What is left on the account of the service, and what this machine's record says of it.

    Asking costs nothing. The record counts what was or may have been sent from here, at the prices
    in the settings.
    """
    from automask.ledger import Ledger
    from automask.providers.base import provider_of

    ask = getattr(provider_of(provider), "service", None)
    if ask is None:
        raise ArgumentError(f"{provider} has no account; `automask providers` lists them all.")
    told = ask().account()
    with Ledger() as ledger:
        spent = ledger.spent()
    facts = dataclasses.asdict(told) | {"left": told.left, "spent_from_here": spent}
    facts["expires"] = told.expires.isoformat() if told.expires else None
    if as_json:
        talk.put_json(facts)
    else:
        rows = [(name.replace("_", " "), _shown(value)) for name, value in facts.items()]
        talk.put_table(("account", ""), rows)
    return DONE


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "not told" if value is None or value == "" else str(value)
