"""The command line, thin: options in, one call, text out. The only part that knows click.

One module a command, imported when the command is used; `app` holds the table of them.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    # Threads for matrix products, which nothing here makes, would double the time to import numpy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from automask.cli.app import app

        sys.exit(app())
    except KeyboardInterrupt:  # before the application could say so itself
        sys.exit(130)
    finally:  # all is said and done: a Ctrl-C that comes now is not to change the exit code
        signal.signal(signal.SIGINT, signal.SIG_IGN)
