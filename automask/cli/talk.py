"""What is said on stderr, and the plain tables and JSON that go to stdout."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedWriter, FileIO, RawIOBase, TextIOWrapper
from typing import Any, TextIO

from automask import display
from automask.errors import ArgumentError, OutputError

RED, YELLOW, BOLD = "31", "33", "1"
PROGRESS_FROM = 2  # images: a bar for one of them would only flicker

# How a closed one is opened: what is written to stdout must not seem to have arrived.
_STREAMS = (("stdin", os.O_RDONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY))


def prepare() -> None:
    """Let every text be written, whatever the terminal can show and whichever stream is closed.

    A closed stream is opened on nothing, or the next file that is opened would stand in for it and
    hold what was meant for the screen. What is written to a closed stdout still fails.
    """
    for name, access in _STREAMS:
        if getattr(sys, name) is None:
            nothing = FileIO(os.open(os.devnull, access), "r" if name == "stdin" else "w")
            setattr(sys, name, TextIOWrapper(nothing, encoding="utf-8", write_through=True))
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def buffer() -> None:
    """Give the stdout of this process a buffer where it has none (PYTHONUNBUFFERED).

    Without one a write ends where the disk is full, and what is lost is not told.
    """
    if isinstance(raw := getattr(sys.stdout, "buffer", None), RawIOBase):
        sys.stdout = TextIOWrapper(
            BufferedWriter(raw), sys.stdout.encoding, line_buffering=raw.isatty()
        )


def say(text: str) -> None:
    """A line for the person in front of the screen; work goes on where nobody can read it.

    It comes after what was put before, also where both go into one file.
    """
    with suppress(OSError, ValueError):  # told when the rest is written
        sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def error(text: str) -> None:
    """A line that says what went wrong."""
    say(f"{styled('automask:', RED, sys.stderr)} {text}")


def warn(text: str) -> None:
    """A line that says what to keep in mind."""
    say(f"{styled('automask:', YELLOW, sys.stderr)} {text}")


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


def public(source: str) -> str:
    """`source` as it was given, but for the user name and password of an address.

    >>> public("http://me:secret@example.org/a.png"), public("me@home.png")
    ('http://example.org/a.png', 'me@home.png')
    """
    return re.sub("^(https?://)[^/?#]*@", r"\1", source, flags=re.IGNORECASE)


def named(source: str) -> str:
    r"""`public` of an input or output on one line of the screen.

    >>> named("two\nlines.png")
    'two\\nlines.png'
    """
    return display.escaped(public(source))


@contextmanager
def overheard() -> Iterator[list[str]]:
    """What the decoders of images, written in C, print to stderr meanwhile; there at the end.

    They print past Python and without the name of the file. Only where the system has files in
    memory, and in the main thread: the others may be talking.
    """
    import threading

    lines: list[str] = []
    if not hasattr(os, "memfd_create") or threading.current_thread() is not threading.main_thread():
        yield lines
        return
    sink, real = os.memfd_create("overheard"), os.dup(2)
    os.dup2(sink, 2)
    try:
        yield lines
    finally:
        os.dup2(real, 2)
        os.close(real)
        with os.fdopen(sink, "rb") as heard:
            heard.seek(0)
            lines += dict.fromkeys(heard.read().decode(errors="replace").splitlines())


def drop() -> None:
    """Write no more to stdout, neither now nor what is in its buffer when the process leaves."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):  # one that is no file, or closed
        os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


@contextmanager
def _to_stdout() -> Iterator[None]:
    """Name the stream in errors; a reader that has left is told apart elsewhere."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        drop()
        raise OutputError(
            f"The standard output cannot be written: {error.strerror}; give -o FILE or make room."
        ) from None


def flush() -> None:
    """Write out what is left of the result.

    Raises
    ------
    OutputError
        If it cannot be written, as for all that writes to stdout.
    """
    with _to_stdout():
        sys.stdout.flush()


def put(text: str) -> None:
    """A line of the result."""
    with _to_stdout():
        sys.stdout.write(f"{text}\n")


def put_json(value: Any, *, line: bool = False) -> None:
    """`value` as JSON in ASCII, which any terminal and any file name survives."""
    put(json.dumps(value) if line else json.dumps(value, indent=2))
    if line:
        flush()  # whoever reads lines wants them as they come


def put_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> None:
    """Rows in columns; `right` names the columns that are flush right."""
    for line in _table(head, rows, right):
        put(line)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> list[str]:
    """The lines of a table whose columns are as wide as they need to be."""
    clean = [[_one_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(display.width, column)) for column in zip(*clean, strict=True)]
    flush = [name in right.split() for name in head]
    return ["  ".join(map(_padded, row, widths, flush)).rstrip() for row in clean]


def _one_line(cell: str) -> str:
    return display.escaped("".join(" " if c.isspace() else c for c in cell))


def _padded(cell: str, width: int, flush: bool) -> str:
    blank = " " * (width - display.width(cell))
    return blank + cell if flush else cell + blank


def refuse_terminal() -> None:
    """Raise `ArgumentError` if a picture on stdout would go to a terminal."""
    if is_terminal(sys.stdout):
        raise ArgumentError(
            "A picture would fill the terminal with noise; send it on with > FILE or | PROGRAM, "
            "or give -o FILE."
        )


def put_bytes(data: bytes, *, text: bool) -> None:
    """`data` as the result; pictures are refused where they would fill a terminal.

    Raises
    ------
    ArgumentError
        If stdout is a terminal and `data` is not text.
    """
    if not text:
        refuse_terminal()
    with _to_stdout():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        if text and is_terminal(sys.stdout):
            sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()


# What shows a passing word in its stead, while a bar has the last line of the terminal.
bars: list[Callable[[str], None]] = []


@contextmanager
def barred(show: Callable[[str], None]) -> Iterator[None]:
    """Have passing words go to `show` meanwhile: a bar has the last line of the terminal."""
    bars.append(show)
    try:
        yield
    finally:
        bars.remove(show)


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
        task = bar.add_task(what)
        with barred(lambda text: bar.update(task, description=text or what)):
            yield bar.track(items, task_id=task)
