"""The threads of this process: OpenCV, zlib and the disk let several work at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from automask import memory
from automask.batch.work import Outcome, Task
from automask.images import quiet

AHEAD = 2  # tasks that are ready for each thread: while one is written, the next is decoded
WAKE_S = 0.5  # a Ctrl-C that comes just before a thread waits is seen when it looks up again
SWITCH_S = 1e-4  # a picture is a dozen short turns at the interpreter; 5 ms to wait is half of it


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Local:
    """An engine of threads.

    Parameters
    ----------
    workers : int
        How many; 0 is one a core.
    """

    workers: int = 0

    def outcomes(self, do: Callable[[Task], Outcome], tasks: Iterator[Task]) -> Iterator[Outcome]:
        """What comes of each of `tasks`, as soon as it is there."""
        workers = self.workers or cores()
        memory.keep_freed()
        pool = ThreadPoolExecutor(workers, "automask-batch")
        with _one_opencv_thread(), _quick_turns(), quiet.OPENCV:  # once, not by each picture
            over: SimpleQueue[Future[Outcome]] = SimpleQueue()
            busy = 0
            try:
                for task in tasks:
                    pool.submit(do, task).add_done_callback(over.put)
                    busy += 1
                    if busy == workers * AHEAD:
                        yield _next(over).result()
                        busy -= 1
                for _ in range(busy):
                    yield _next(over).result()
            finally:
                pool.shutdown(cancel_futures=True)


def _next(over: SimpleQueue[Future[Outcome]]) -> Future[Outcome]:
    while True:
        with suppress(Empty):
            return over.get(timeout=WAKE_S)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """A thread that waits for the interpreter has it after `SWITCH_S`, by itself after 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    """One thread a picture: OpenCV's own would stand in each other's way (1.33x instead of 1.9)."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
