"""The seam between a batch and what computes it.

An engine runs a function on tasks and gives back what comes of them, in any order. Tasks and
outcomes are small values that can be pickled: addresses and facts, never pixels. An engine knows no
record and pays nobody; what it lost with a worker it does again, and gives back once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from automask.batch.work import Outcome, Task


class Engine(Protocol):
    """Something that works on tasks."""

    def outcomes(self, do: Callable[[Task], Outcome], tasks: Iterator[Task]) -> Iterator[Outcome]:
        """What comes of each of `tasks`, as soon as it is there.

        No more tasks are taken than can soon be worked on, so that a caller who ends `tasks`
        gets the rest of what was begun and no more.
        """
        ...
