"""What the library logs, said to the person in front of the screen."""

from __future__ import annotations

import logging

from automask.cli import talk


class Spoken(logging.Handler):
    """Says warnings, such as a plugin that was left out, and shows how far a model is fetched."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say what was logged."""
        if record.levelno >= logging.WARNING:
            talk.warn(record.getMessage())
        elif record.name == "automask.weights":
            from automask.cli import fetching  # what fetches is there now, and cost its time

            fetching.begin(record.getMessage())


def listen() -> None:
    """Have what is logged from now on said."""
    logger = logging.getLogger("automask")
    logger.handlers = [Spoken(logging.INFO)]
    logger.propagate = False
    logging.getLogger("automask.weights").setLevel(logging.INFO)
