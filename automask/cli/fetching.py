"""What a person sees while a model is fetched: a line, and on a terminal a bar under it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading

from automask.cli import talk
from automask.weights.fetch import abandon, watchers

BAR_COLUMNS = 40
_ENDINGS = "SIGTERM", "SIGHUP"
_NO_BYTES = 100_000  # less is not worth a figure


def begin(text: str) -> None:
    """Say what is fetched from now on, and draw how far it is where that can be seen."""
    if threading.current_thread() is threading.main_thread():
        for name in _ENDINGS:
            number = getattr(signal, name, None)
            if number and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _end)
    talk.say(text)
    can_draw = talk.is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
    if can_draw and _draw not in watchers:
        watchers.append(_draw)


def _end(number: int, *_: object) -> None:
    """End by the signal, as without this, but leave nothing behind of what was being fetched."""
    abandon()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _draw(source: str, done: int, total: int) -> None:
    """Draw the bar and leave the cursor at its start: whatever is said next takes its place."""
    share = min(done / total, 1.0) if total else 0.0
    is_over = done >= total > 0
    if talk.bars:
        text = f"fetching a model, {share:.0%}" if total else "fetching a model"
        talk.bars[-1]("" if is_over else text)
        return
    columns = shutil.get_terminal_size().columns
    width = max(min(BAR_COLUMNS, columns - 8), 0)
    blocks = "#" * round(share * width)
    unknown = f"{done / 1e6:.1f} MB from {source}" if done >= _NO_BYTES else f"waiting for {source}"
    bar = f"[{blocks:-<{width}}] {share:4.0%}" if total else unknown
    sys.stderr.write(f"\033[K{'' if is_over else bar[: columns - 1]}\r")  # or it would go on below
    sys.stderr.flush()
