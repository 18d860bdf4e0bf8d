"""A sandbox in a process of its own, so that its work does not count as the client's."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Served:
    """A sandbox that another process serves.

    Parameters
    ----------
    environment : dict
        The variables that lead automask to it.
    headers : dict
        What authorises a request.
    parent : str
        The message id of the picture that it was given.
    """

    environment: dict[str, str]
    headers: dict[str, str]
    parent: str
    pipe: Connection

    @property
    def url(self) -> str:
        return self.environment["IMAGINEPRO_BASE_URL"]

    def calls(self) -> tuple[Counter[str], float]:
        """The requests since the last time this was asked, by kind, and the processor seconds."""
        self.pipe.send(True)
        return self.pipe.recv()


@contextlib.contextmanager
def served(picture: np.ndarray, **options: Any) -> Iterator[Served]:
    """A sandbox with one parent, made with `options`."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, picture, options), daemon=True)
    process.start()
    try:
        yield Served(*here.recv(), here)
    finally:
        here.send(False)
        process.join(10)


def _serve(pipe: Connection, picture: np.ndarray, options: dict[str, Any]) -> None:
    import cv2

    from automask.testing import Sandbox

    cv2.setNumThreads(1)
    with Sandbox(credits=10**9, **options) as sandbox:
        pipe.send((sandbox.environment, sandbox.headers, sandbox.add_parent(picture)))
        seen, spent_s = 0, time.process_time()
        while pipe.recv():
            requests, now_s = sandbox.requests, time.process_time()
            pipe.send((Counter(r.call for r in requests[seen:]), now_s - spent_s))
            seen, spent_s = len(requests), now_s
