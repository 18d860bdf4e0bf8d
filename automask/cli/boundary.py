"""The one place where errors become text on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click

from automask.cli import INTERRUPTED, talk
from automask.errors import AutomaskError, OutputError, PluginError

READER_LEFT = 141  # 128 + SIGPIPE: what a program gets that does not ignore the signal


def guarded(call: Callable[[], Any], words: Sequence[str] = ()) -> int:
    """The exit code of `call`, whose errors are said on stderr, one sentence each.

    `words` are those of the command line, to say what may have been meant by them.
    """
    talk.prepare()
    try:
        code = call()
        talk.flush()
    except BrokenPipeError:
        return reader_left()
    except (KeyboardInterrupt, click.Abort):
        talk.error("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        return _asked_wrongly(error, words)
    except Exception as error:  # noqa: BLE001  (the boundary: nothing may pass it as a traceback)
        code = failure(error)
        with suppress(OSError, OutputError):  # or it would fail once more when the process leaves
            talk.flush()
    return code if isinstance(code, int) else 0


def failure(error: Exception, source: str = "") -> int:
    """The exit code of `error`, which is said on stderr with the input it happened on."""
    talk.error(message(error, source))
    if os.environ.get("AUTOMASK_DEBUG") and _is_bug(error):
        import traceback

        sys.stderr.write("".join(traceback.format_exception(error)))
    return error.exit_code if isinstance(error, AutomaskError) else 1


def _is_bug(error: Exception) -> bool:
    """Whether a traceback says more than the message: the code is wrong, not what it was given."""
    if isinstance(error, PluginError):
        return error.__cause__ is not None
    return not isinstance(error, (AutomaskError, OSError))


def message(error: Exception, source: str = "") -> str:
    """What to say of `error`: its own words, and the input they are about."""
    text = str(error)
    if isinstance(error, FileNotFoundError) and not error.filename:  # only getcwd names none
        text = "the working folder does not exist any more; change to another one"
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.filename or 'the system'}: {error.strerror}"
    elif isinstance(error, MemoryError) or "Insufficient memory" in text:  # as OpenCV says it
        text = "not enough memory for this picture; make it smaller first"
    elif _is_bug(error):
        text = _of_bug(error)
    name = "the standard input" if source == "-" else talk.named(source)
    said = name.lower() in text.split("\n")[0].lower()
    return text if not name or said else f"{name}: {text}"


def _of_bug(error: Exception) -> str:
    from automask import faults

    text, shows = str(error), "AUTOMASK_DEBUG=1 shows where"
    if not isinstance(error, PluginError):
        text = f"unexpected {type(error).__name__}: {' '.join(text.split()) or 'no message'}"
        shows = f"a bug of {faults.culprit(error)}; {shows}"
    return text if os.environ.get("AUTOMASK_DEBUG") else f"{text} ({shows})"


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
    talk.drop()
    return READER_LEFT


def _asked_wrongly(error: click.ClickException, words: Sequence[str]) -> int:
    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and context:
        talk.say(context.get_help())
        return error.exit_code
    hint = f"\nTry '{context.command_path} --help'." if context else ""
    if isinstance(error, click.NoSuchOption) and (file := _file_among(words)):
        hint = f"\nIf the file {talk.named(file)} is meant, write ./{talk.named(file)}"
    talk.error(error.format_message() + hint)
    return error.exit_code


def _file_among(words: Sequence[str]) -> str | None:
    """The first of `words` that looks like an option and is a file."""
    dashed = (word for word in words if word.startswith("-"))
    return next((word for word in dashed if os.path.isfile(word)), None)  # noqa: PTH113
