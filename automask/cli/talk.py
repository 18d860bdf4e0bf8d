"""What is said on stderr, and the plain tables and JSON that go to stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from automask.errors import ArgumentError, display_width

RED, YELLOW, BOLD = "31", "33", "1"
PROGRESS_FROM = 2  # images: a bar for one of them would only flicker


def prepare() -> None:
    """Let every text be written, whatever the terminal can show."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """A line for the person in front of the screen."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def error(text: str) -> None:
    """A line that says what went wrong."""
    say(f"{styled('automask:', RED, sys.stderr)} {text}")


def warn(text: str) -> None:
    """A line that says what to keep in mind."""
    say(f"{styled('automask:', YELLOW, sys.stderr)} {text}")


def listen() -> None:
    """Say the warnings that the library logs, such as a plugin that was left out."""
    import logging

    class Spoken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            warn(record.getMessage())

    logger = logging.getLogger("automask")
    logger.handlers = [Spoken(logging.WARNING)]
    logger.propagate = False


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads `stream` as it is written."""
    return stream.isatty()


def styled(text: str, code: str, stream: TextIO) -> str:
    """`text` in colour where `stream` is a terminal that wants it (https://no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain or not is_terminal(stream) else f"\033[{code}m{text}\033[0m"


def percent(share: float | None) -> str:
    """A share of the picture, 0 to 1, for people; what is there is never called nothing.

    >>> percent(0.5), percent(0.0001), percent(0)
    ('50.0%', '<0.1%', '0.0%')
    """
    return "<0.1%" if share and share < 0.0005 else f"{share or 0:.1%}"


def put(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(f"{text}\n")


def put_json(value: Any, *, line: bool = False) -> None:
    """`value` as JSON in ASCII, which any terminal and any file name survives."""
    put(json.dumps(value) if line else json.dumps(value, indent=2))
    if line:
        sys.stdout.flush()  # whoever reads lines wants them as they come


def put_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> None:
    """Rows in columns; `right` names the columns that are flush right."""
    for line in table(head, rows, right):
        put(line)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> list[str]:
    """The lines of a table whose columns are as wide as they need to be."""
    clean = [[_one_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(display_width, column)) for column in zip(*clean, strict=True)]
    flush = [name in right.split() for name in head]
    return ["  ".join(map(_padded, row, widths, flush)).rstrip() for row in clean]


def _one_line(cell: str) -> str:
    return "".join(c if c.isprintable() else " " if c.isspace() else ascii(c)[1:-1] for c in cell)


def _padded(cell: str, width: int, flush: bool) -> str:
    blank = " " * (width - display_width(cell))
    return blank + cell if flush else cell + blank


def put_bytes(data: bytes, *, text: bool) -> None:
    """`data` as the result; pictures are refused where they would fill a terminal.

    Raises
    ------
    ArgumentError
        If stdout is a terminal and `data` is not text.
    """
    if not text and is_terminal(sys.stdout):
        raise ArgumentError(
            "A picture would fill the terminal with noise; send it on with > FILE or | PROGRAM, "
            "or give -o FILE."
        )
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    if text and is_terminal(sys.stdout):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def progress(what: str, items: Sequence[Any]) -> Iterator[Iterable[Any]]:
    """`items` to go through, with a bar on stderr where it is a terminal and there are many."""
    if len(items) < PROGRESS_FROM or not is_terminal(sys.stderr):
        yield items
        return
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, redirect_stdout=False, transient=True) as bar:
        yield bar.track(items, description=what)
