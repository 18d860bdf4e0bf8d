"""What the sandbox remembers: messages, credits, and every credit that was charged."""

from __future__ import annotations

import heapq
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from automask.testing.sandbox.checks import Refused
from automask.testing.sandbox.messages import CANCEL, REGION, Message

PRICES: Mapping[str, int] = {"imagine": 10, "button": 5, CANCEL: 0}
DURATIONS_S: Mapping[str, float] = {"imagine": 40.0, REGION: 30.0, "button": 10.0}
QUEUED_S = 2.0  # every job waits that long, however empty the queue
AT_ONCE = 3  # jobs that run side by side; others wait, first in, first out
DAY_S = 24 * 3600.0


@dataclass(frozen=True)
class Charge:
    """Credits that were taken, once.

    Parameters
    ----------
    message_id, ref, button : str
        The job; `button` is "imagine" for a generated picture.
    credits : int
    content : str
        A hash of what was asked: parent, button, mask and prompt.
    at : float
        Seconds since 1970.
    """

    message_id: str
    ref: str
    button: str
    credits: int
    content: str
    at: float


@dataclass
class Store:
    """The messages and the account; safe for several threads.

    Parameters
    ----------
    generator : random.Random
        Where the names of messages come from.
    credits : int
        What the account holds at the start.
    prices : mapping of str to int
        Credits by button; "button" is for those that are not named.
    time_scale : float
        1 as slow as the service, 0 done at once.
    """

    generator: random.Random
    credits: int
    prices: Mapping[str, int]
    time_scale: float
    messages: dict[str, Message] = field(default_factory=dict)
    charges: list[Charge] = field(default_factory=list)
    ahead_s: float = 0.0
    running: list[float] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        self.quota = self.credits

    def now(self) -> float:
        """The sandbox's time: the machine's, and what it was put forward."""
        return time.time() + self.ahead_s

    def price(self, button: str) -> int:
        """Credits for pressing `button`; "imagine" for a generated picture."""
        return self.prices.get(button, self.prices.get("button", 0))

    def new_id(self) -> str:
        """A name for a message that nobody guesses, or that the seed decides."""
        with self.lock:
            return str(uuid.UUID(int=self.generator.getrandbits(128), version=4))

    def find(self, name: str) -> Message:
        """The message called `name`.

        Raises
        ------
        Refused
            404 if there is none.
        """
        with self.lock:
            message = self.messages.get(name)
        if message is None:
            raise Refused(404, f"Message {name} not found")
        return message

    def keep(self, message: Message) -> Message:
        """Add a message that costs nothing: a registered parent."""
        with self.lock:
            self.messages[message.id] = message
        return message

    def accept(self, message: Message, content: str) -> Message:
        """Charge for a job and queue it; both happen or neither.

        Raises
        ------
        Refused
            401 if the account does not hold its price: so the service says it.
        """
        button = message.button or "imagine"
        with self.lock:
            price = self.price(button)
            if price > self.credits:
                raise Refused(401, f"Insufficient credits: {price} needed, {self.credits} left")
            self.credits -= price
            self._schedule(message, button)
            self.messages[message.id] = message
            self.charges.append(
                Charge(message.id, message.ref, button, price, content, message.created)
            )
        return message

    def _schedule(self, message: Message, button: str) -> None:
        while self.running and self.running[0] <= message.created:
            heapq.heappop(self.running)
        free = message.created + QUEUED_S * self.time_scale
        if len(self.running) >= AT_ONCE:
            free = max(free, heapq.heappop(self.running))
        message.starts = free
        length = DURATIONS_S.get(button, DURATIONS_S["button"])
        message.ends = free + length * self.time_scale
        heapq.heappush(self.running, message.ends)

    def history(self, page: int, size: int) -> list[Message]:
        """The finished messages with pictures of the last 24 hours, newest first."""
        now = self.now()
        with self.lock:
            recent = [m for m in self.messages.values() if m.created > now - DAY_S]
        done = [m for m in reversed(recent) if m.status(now) == "DONE"]
        return done[(page - 1) * size : page * size]

    def billed(self) -> Counter[str]:
        """How many jobs were charged for each ref."""
        with self.lock:
            return Counter(charge.ref for charge in self.charges)

    def billed_alike(self) -> Counter[str]:
        """How many jobs were charged for each content: more than 1 is the same job twice."""
        with self.lock:
            return Counter(charge.content for charge in self.charges)
