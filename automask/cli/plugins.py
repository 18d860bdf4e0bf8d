"""``automask plugins``: what is installed beside automask, and what could not be loaded."""

from __future__ import annotations

from dataclasses import asdict

import click

from automask.cli import options, talk
from automask.errors import ArgumentError


@click.group("plugins", cls=options.Words, invoke_without_command=True)
@options.json_option
@click.pass_context
def plugins(context: click.Context, as_json: bool) -> None:
    """The installed plugins, also those that failed to load.

    Without a word: list them.
    """
    if context.invoked_subcommand is None:
        _listed(as_json)


@plugins.command("list")
@options.json_option
def list_(as_json: bool) -> None:
    """List them: name, package, version, the names they added or why they failed."""
    _listed(as_json)


@plugins.command("show")
@click.argument("name")
@options.json_option
def show(name: str, as_json: bool) -> None:
    """Show one: where it comes from and what it adds."""
    from automask import registry

    found = next((asdict(p) for p in registry.plugins() if p.name == name), None)
    if found is None:
        raise ArgumentError(f"There is no plugin {name!r}; `automask plugins` lists them.")
    if as_json:
        talk.put_json(found)
        return
    found["added"] = ", ".join(found["added"])
    for key, value in found.items():
        if value:
            talk.put(f"{key + ':':9}{value}")


def _listed(as_json: bool) -> None:
    from automask import registry

    found = registry.plugins()
    if as_json:
        talk.put_json([asdict(plugin) for plugin in found])
        return
    if not found:
        talk.say("no plugins are installed")
        return
    rows = [
        (p.name, p.package, p.version, f"failed: {p.error}" if p.error else ", ".join(p.added))
        for p in found
    ]
    talk.put_table(("plugin", "package", "version", "adds"), rows)
