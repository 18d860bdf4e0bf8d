"""Write the parts of README.md that are made from the program, or check that they are current.

    python docs/generate.py            rewrite
    python docs/generate.py --check    exit 1 and name the parts that are stale

A part stands between two comments, ``<!-- generated: NAME -->`` and ``<!-- end -->``. The names:
``help`` (every command), ``help COMMAND``, ``strategies``, ``filters``, ``providers``.
"""

# ruff: noqa: INP001  (programs, not a package)

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
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
        return every_help()
    if name.startswith("help "):
        return fenced(help_text(name.removeprefix("help ")))
    if name in ("strategies", "filters", "providers"):
        return table(name)
    raise ValueError(f"nothing makes a part named {name!r}")


def every_help() -> str:
    """The help of the program, then that of each command, folded."""
    from automask.cli.app import COMMANDS

    folded = [
        f"<details>\n<summary><code>automask {name} --help</code></summary>\n\n"
        f"{fenced(help_text(name))}\n\n</details>"
        for name in COMMANDS
    ]
    return "\n\n".join([fenced(help_text("")), *folded])


def help_text(command: str) -> str:
    """What ``automask COMMAND --help`` prints, at a fixed width."""
    from automask.cli.app import app

    context = app.make_context("automask", [], resilient_parsing=True, terminal_width=WIDTH)
    if command:
        found = app.get_command(context, command)
        if found is None:
            raise ValueError(f"there is no command {command!r}")
        context = found.make_context(command, [], parent=context, resilient_parsing=True)
    return str(context.get_help())


def fenced(text: str) -> str:
    """`text` as a block of Markdown that is shown as it is."""
    lines = (line.rstrip() for line in text.splitlines())
    return "```text\n" + "\n".join(lines) + "\n```"


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


def main(arguments: list[str] | None = None) -> int:
    """Run as a program; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if stale")
    parser.add_argument("files", nargs="*", type=Path, default=[README], metavar="FILE")
    options = parser.parse_args(arguments)
    stale_anywhere = False
    for path in options.files:
        text, stale = generated(path.read_text("utf-8"))
        stale_anywhere |= bool(stale)
        if not options.check:
            path.write_text(text, "utf-8")
        for name in stale:
            verb = "stale" if options.check else "renewed"
            sys.stderr.write(f"{path.name}: {verb}: {name}\n")
    if options.check and stale_anywhere:
        sys.stderr.write("write them anew with: python docs/generate.py\n")
    return int(options.check and stale_anywhere)


if __name__ == "__main__":
    sys.exit(main())
