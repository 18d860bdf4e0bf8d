"""The one place where errors become text on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from automask.cli import talk
from automask.errors import AutomaskError

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
READER_LEFT = 141  # 128 + SIGPIPE: what a program gets that does not ignore the signal


def guarded(call: Callable[[], Any]) -> int:
    """The exit code of `call`, whose errors are said on stderr, one sentence each."""
    talk.prepare()
    try:
        code = call()
        sys.stdout.flush()
    except BrokenPipeError:
        return reader_left()
    except (KeyboardInterrupt, click.Abort):
        talk.error("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        return _asked_wrongly(error)
    except Exception as error:  # noqa: BLE001  (the boundary: nothing may pass it as a traceback)
        return failure(error)
    return code if isinstance(code, int) else 0


def failure(error: Exception, source: str = "") -> int:
    """The exit code of `error`, which is said on stderr with the input it happened on."""
    talk.error(message(error, source))
    if not isinstance(error, (AutomaskError, OSError)) and os.environ.get("AUTOMASK_DEBUG"):
        import traceback

        sys.stderr.write("".join(traceback.format_exception(error)))
    return error.exit_code if isinstance(error, AutomaskError) else 1


def message(error: Exception, source: str = "") -> str:
    """What to say of `error`: its own words, and the input they are about."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename or 'the system'}: {error.strerror}"
    elif isinstance(error, MemoryError):
        text = "not enough memory for this picture; make it smaller first"
    elif not isinstance(error, AutomaskError):
        text = f"unexpected {type(error).__name__}: {' '.join(text.split()) or 'no message'}"
        if not os.environ.get("AUTOMASK_DEBUG"):
            text += " (a bug of automask; AUTOMASK_DEBUG=1 shows where)"
    name = "stdin" if source == "-" else source
    return text if not name or name in text.split("\n")[0] else f"{name}: {text}"


@contextmanager
def about(source: str) -> Iterator[None]:
    """End the command on an error inside, which is said with the input it happened on."""
    try:
        yield
    except (BrokenPipeError, click.ClickException, click.exceptions.Exit):
        raise
    except Exception as error:  # noqa: BLE001  (as in `guarded`)
        raise click.exceptions.Exit(failure(error, source)) from None


def reader_left() -> int:
    """The exit code when the reader of stdout has gone; what is still buffered is dropped."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  (kept to the end)
    return READER_LEFT


def _asked_wrongly(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and context:
        talk.say(context.get_help())
        return error.exit_code
    hint = f"\nTry '{context.command_path} --help'." if context else ""
    talk.error(error.format_message() + hint)
    return error.exit_code
