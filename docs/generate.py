"""Write the parts of documents that are made from the program, or check that they are current.

    python docs/generate.py            rewrite
    python docs/generate.py --check    exit 1 and name the parts that are stale

A part stands between two comments, ``<!-- generated: NAME -->`` and ``<!-- end -->``. The names:
``help`` (the program), ``commands`` (the help of every command), ``help COMMAND``, ``strategies``,
``filters``, ``providers``, ``model NAME``. Without FILE: README.md, those of docs and of models.
"""

# ruff: noqa: INP001  (programs, not a package)

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PART = re.compile(
    r"^<!-- generated: (?P<name>[\w ]+?) -->\n(?P<body>.*?)^<!-- end -->$", re.MULTILINE | re.DOTALL
)
MARKER = re.compile(r"^<!-- (generated: [\w ]+?|end) -->$", re.MULTILINE)
WIDTH = 78  # columns: what click takes of a terminal of 80


def generated(text: str) -> tuple[str, list[str]]:
    """`text` with its parts written anew, and the names of those that were stale.

    Raises
    ------
    ValueError
        If a marker has no partner, or a part a name that nobody makes.
    """
    if len(MARKER.findall(text)) != 2 * len(PART.findall(text)):
        raise ValueError("a `<!-- generated: NAME -->` has no `<!-- end -->`, or the other way")
    stale: list[str] = []

    def renewed(match: re.Match[str]) -> str:
        body = f"\n{part(match['name'])}\n\n"
        if body != match["body"]:
            stale.append(match["name"])
        return f"<!-- generated: {match['name']} -->\n{body}<!-- end -->"

    return PART.sub(renewed, text), stale


def part(name: str) -> str:
    """The Markdown of the part called `name`."""
    if name == "help":
        return fenced(help_text(""))
    if name == "commands":
        return every_help()
    if name.startswith("model "):
        return facts_of(name.removeprefix("model "))
    if name.startswith("help "):
        return fenced(help_text(name.removeprefix("help ")))
    if name in ("strategies", "filters", "providers"):
        return table(name)
    raise ValueError(f"nothing makes a part named {name!r}")


def every_help() -> str:
    """The help of each command, and of the commands under it."""
    from automask.cli.app import COMMANDS

    return "\n\n".join(f"## {name}\n\n{_with_words(name)}" for name in COMMANDS)


def _with_words(name: str) -> str:
    """The help of a command, then that of each of its own, one after the other."""
    group = _context(name).command
    words = getattr(group, "commands", {})
    return "\n\n".join(fenced(help_text(text)) for text in (name, *(f"{name} {w}" for w in words)))


def help_text(command: str) -> str:
    """What ``automask COMMAND --help`` prints, at a fixed width."""
    return str(_context(command).get_help())


def _context(command: str) -> Any:
    """The context of `command`, the words that lead to it."""
    from automask.cli.app import app

    context: Any = app.make_context("automask", [], resilient_parsing=True, terminal_width=WIDTH)
    for word in command.split():
        found = context.command.get_command(context, word)
        if found is None:
            raise ValueError(f"there is no command {command!r}")
        context = found.make_context(word, [], parent=context, resilient_parsing=True)
    return context


def fenced(text: str) -> str:
    """`text` as a block of Markdown that is shown as it is."""
    lines = (line.rstrip() for line in text.splitlines())
    return "```text\n" + "\n".join(lines) + "\n```"


def facts_of(name: str) -> str:
    """What ``weights.toml`` knows of the model `name`, as a table."""
    from automask import weights

    model = weights.model(name)
    rows = [
        ("gives", model.gives),
        ("file", f"`{model.file}`, {model.bytes:,} bytes"),
        (
            "sha256",
            f"`{model.sha256}`" if model.sha256 else "not known here; written down when pulled",
        ),
        ("licence", f"code {model.code_licence}, weights {model.weights_licence}"),
        ("sources", "<br>".join(s.name for s in weights.sources(model)) or "none"),
    ]
    head = [("", ""), ("---", "---")]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in (*head, *rows))


def table(kind: str) -> str:
    """The Markdown table of all strategies, filters or providers, built-in ones only."""
    from automask.cli import cards

    rows = [
        (c["group"], f"`{c['signature']}`", c["summary"] + _needs(c["needs"]))
        for c in cards.cards(kind)
        if c["owner"] == "automask"
    ]
    head = [("group", "write", "what it does"), ("---", "---", "---")]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in (*head, *rows))


def _needs(needs: str) -> str:
    return f" *Needs {needs}.*" if needs else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def documents() -> list[Path]:
    """Every document that may have a generated part."""
    folders = (ROOT / "docs", ROOT / "models")
    return [ROOT / "README.md", *(path for f in folders for path in sorted(f.rglob("*.md")))]


def main(arguments: list[str] | None = None) -> int:
    """Run as a program; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if stale")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    stale_anywhere = False
    for path in options.files or documents():
        text, stale = generated(path.read_text("utf-8"))
        stale_anywhere |= bool(stale)
        if not options.check:
            path.write_text(text, "utf-8")
        for name in stale:
            verb = "stale" if options.check else "renewed"
            sys.stderr.write(f"{path}: {verb}: {name}\n")
    if options.check and stale_anywhere:
        sys.stderr.write("write them anew with: python docs/generate.py\n")
    return int(options.check and stale_anywhere)


if __name__ == "__main__":
    sys.exit(main())
