"""What is said now and then while something takes long, where nobody watches a bar."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from automask.cli import talk


@contextmanager
def said_every(seconds: float, text: Callable[[], str]) -> Iterator[None]:
    """Say what `text` gives, every so many seconds, also while the block waits for something."""
    over = threading.Event()

    def say() -> None:
        while not over.wait(seconds):
            talk.say(text())

    speaker = threading.Thread(target=say, daemon=True)
    speaker.start()
    try:
        yield
    finally:
        over.set()
        speaker.join()
