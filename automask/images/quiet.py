"""Decoders that say nothing on stderr: their silence belongs to all threads of a process."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable


class Quiet:
    """Silence while it is entered, by any number of threads at once.

    Parameters
    ----------
    begin : callable
        Makes silence, and gives what ends it: called when the last thread leaves.
    """

    def __init__(self, begin: Callable[[], Callable[[], None]]) -> None:
        self._begin = begin
        self._lock = threading.Lock()
        self._inside = 0
        self._end: Callable[[], None] | None = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._end = self._begin()
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._end:
                self._end()


def _opencv() -> Callable[[], None]:
    from cv2.utils import logging

    level = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_SILENT)

    def end() -> None:
        logging.setLogLevel(level)

    return end


def _pillow() -> Callable[[], None]:
    import PIL.Image

    caught = warnings.catch_warnings()
    caught.__enter__()
    warnings.simplefilter("ignore")
    limit, PIL.Image.MAX_IMAGE_PIXELS = PIL.Image.MAX_IMAGE_PIXELS, None  # ours is checked

    def end() -> None:
        PIL.Image.MAX_IMAGE_PIXELS = limit
        caught.__exit__(None, None, None)

    return end


# What libjpeg and libpng print themselves is past its reach; that is why `Header.data` leaves out
# what libpng likes to warn about.
OPENCV = Quiet(_opencv)
PILLOW = Quiet(_pillow)
