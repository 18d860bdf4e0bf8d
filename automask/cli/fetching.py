"""What a person sees while a model is fetched: a line, and on a terminal a bar under it."""

from __future__ import annotations

import sys

from automask.cli import talk
from automask.weights.fetch import watchers

BAR_COLUMNS = 40


def begin(text: str) -> None:
    """Say what is fetched from now on, and draw how far it is where that can be seen."""
    talk.say(text)
    if talk.is_terminal(sys.stderr) and _draw not in watchers:
        watchers.append(_draw)


def _draw(source: str, done: int, total: int) -> None:
    """Draw the bar and leave the cursor at its start: whatever is said next takes its place."""
    share = min(done / total, 1.0) if total else 0.0
    blocks = "#" * round(share * BAR_COLUMNS)
    bar = f"[{blocks:-<{BAR_COLUMNS}}] {share:4.0%}" if total else f"waiting for {source}"
    sys.stderr.write(f"\033[K{'' if done >= total > 0 else bar}\r")
    sys.stderr.flush()
