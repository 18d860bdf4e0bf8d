"""What the threads of a process share: a file is loaded once, a thing used by one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 8  # each network has its own copy of the weights
LOADING = threading.Lock()  # a file is loaded once, however many threads ask at the same time


class Shared(Generic[T]):
    """Things that are alike, each for one thread at a time.

    Where OpenCV computes with threads of its own there is one for all: a second one gains nothing
    (0.96 to 1.09 of the throughput of u2netp and NanoDet on two cores) and costs memory (258 and
    40 MB). Where it was told to use one thread, as a batch does, a thread of ours is a core: each
    that runs has one of its own.

    Parameters
    ----------
    make : callable
        Makes one; the first at once.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self.first = make()
        self._idle: LifoQueue[T] = LifoQueue()
        self._idle.put(self.first)
        self._made = 1
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[T]:
        """One that no other thread uses meanwhile."""
        thing = self._taken()
        try:
            yield thing
        finally:
            self._idle.put(thing)

    def _taken(self) -> T:
        import cv2

        try:
            return self._idle.get_nowait()
        except Empty:
            pass
        with self._lock:
            more = self._made < (1 if cv2.getNumThreads() > 1 else MOST)
            self._made += more
        return self._make() if more else self._idle.get()
