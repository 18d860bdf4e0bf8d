"""The command line, thin: options in, one call, text out. The only part that knows click.

One module a command, imported when the command is used; `app` holds the table of them.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    # Threads for matrix products, which nothing here makes, would double the time to import numpy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from automask.cli import talk
        from automask.cli.app import app

        talk.buffer()
        code = app()
    except KeyboardInterrupt:  # before the application could say so itself
        code = INTERRUPTED
    except SystemExit as end:
        code = end.code
    # All is said and done: a Ctrl-C that comes now is not to change the exit code.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code == INTERRUPTED:
        _leave()
    sys.exit(code)


def _leave() -> NoReturn:
    """End the process without waiting for threads: one may wait for a service that is silent."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # gone, closed, or never there
            stream.flush()
    os._exit(INTERRUPTED)
