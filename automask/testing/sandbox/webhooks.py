"""Telling a client of its job's progress, by posting to where it asked for: loopback only."""

from __future__ import annotations

import heapq
import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from automask.imaginepro.addresses import is_loopback
from automask.testing.sandbox.messages import Message

PATIENCE_S = 5.0
Body = dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """A webhook that was posted, or that could not be.

    Parameters
    ----------
    url : str
    body : dict
        The message.
    status : int, optional
        What the receiver answered; None where it did not.
    error : str
        Why it was not posted.
    """

    url: str
    body: Body = field(repr=False)
    status: int | None = None
    error: str = ""


def wanted(message: Message) -> bool:
    """Whether webhooks of a job are to be posted."""
    return bool(message.webhook) and all(f.name != "no-webhooks" for f in message.faults)


def events(message: Message) -> list[tuple[float, bool]]:
    """When webhooks of a job are due (seconds since 1970), and whether each tells of its end."""
    if not wanted(message):
        return []
    names = {fault.name for fault in message.faults}
    found = [(message.starts, False)]
    if "stuck" not in names:
        found.append((message.ends, True))
    if "disordered-webhooks" in names:
        found = [(message.ends, final) for _, final in reversed(found)]
    times = 2 if "duplicate-webhooks" in names else 1
    return [event for event in found for _ in range(times)]


class Courier:
    """Posts webhooks when they are due, from one thread that starts with the first of them.

    Parameters
    ----------
    now : callable
        The sandbox's time.
    tell : callable
        The body for a message; is handed it and whether it is to tell of the job's end.
    """

    def __init__(
        self, now: Callable[[], float], tell: Callable[[Message, bool], Body | None]
    ) -> None:
        self.now, self.tell = now, tell
        self.deliveries: list[Delivery] = []
        self._due: list[tuple[float, int, Message, bool]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._busy = self._stopped = False

    def expect(self, message: Message) -> None:
        """Post the webhooks of `message` as they come due."""
        self._add(message, events(message))

    def expect_end(self, message: Message) -> None:
        """Post now that `message` has ended before its time, and nothing of it later."""
        with self._changed:
            self._due = [event for event in self._due if event[2] is not message]
            heapq.heapify(self._due)
        self._add(message, [(message.ends, True)] if wanted(message) else [])

    def _add(self, message: Message, found: list[tuple[float, bool]]) -> None:
        with self._changed:
            for due, final in found:
                heapq.heappush(self._due, (due, next(self._count), message, final))
            if found and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def hurry(self) -> None:
        """Look at the clock again: it was put forward."""
        with self._changed:
            self._changed.notify_all()

    def settle(self, timeout_s: float = PATIENCE_S) -> bool:
        """Wait until all that is due was posted; whether it was."""

        def idle() -> bool:
            return not self._busy and not (self._due and self._due[0][0] <= self.now())

        with self._changed:
            return self._changed.wait_for(idle, timeout_s)

    def stop(self) -> None:
        """Post no more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(2 * PATIENCE_S)

    def _work(self) -> None:
        while (event := self._next()) is not None:
            _, _, message, final = event
            body = self.tell(message, final)
            if body is not None:
                self.deliveries.append(post(message.webhook, body))
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _next(self) -> tuple[float, int, Message, bool] | None:
        with self._changed:
            while not self._stopped:
                wait_s = self._due[0][0] - self.now() if self._due else None
                if wait_s is not None and wait_s <= 0:
                    self._busy = True
                    return heapq.heappop(self._due)
                self._changed.wait(wait_s)
        return None


def post(url: str, body: Body) -> Delivery:
    """Post one webhook; nothing leaves this machine and no redirect is followed."""
    import http.client

    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError as error:
        return Delivery(url, body, error=str(error))
    if parts.scheme != "http" or not is_loopback(host):
        return Delivery(url, body, error="the sandbox posts to http:// on loopback addresses only")
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body).encode(), headers)
        return Delivery(url, body, status=connection.getresponse().status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Delivery(url, body, error=f"{type(error).__name__}: {error}")
    finally:
        connection.close()
