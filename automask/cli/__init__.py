"""The command line, thin: options in, one call, text out. The only part that knows click.

One module a command, imported when the command is used; `app` holds the table of them.
"""

from __future__ import annotations

from typing import NoReturn


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    from automask.cli.app import app

    app()
    raise AssertionError("unreachable")  # pragma: no cover  (the application exits by itself)
