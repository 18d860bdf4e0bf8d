"""Calls to the service: what may be repeated, what was refused, what is in doubt.

A paid call is sent once. A 429 is not documented, and clients of services of this kind tell of
jobs that were taken all the same; so it is not sent again here after one either. Whoever keeps the
record of jobs looks for it first (`BusyError`), and other paid calls wait as long as is asked.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any

from automask.errors import BusyError, InDoubtError, ProviderError, UnreachableError
from automask.imaginepro import bodies
from automask.imaginepro.addresses import checked_base
from automask.imaginepro.key import Key
from automask.imaginepro.pace import Pace
from automask.imaginepro.wire import Reply, Wire

ATTEMPTS = 4
FIRST_PAUSE_S = 0.5  # doubles with each attempt
FIRST_BUSY_PAUSE_S = 3.0  # after a 429 that does not say how long: the service's own interval
MOST_PATIENCE_S = 120.0  # a Retry-After beyond it is the user's to decide
MAX_ANSWER_BYTES = 2**23
log = logging.getLogger("automask.imaginepro")


class RefusedError(ProviderError):
    """A call that the service answered with "no"; it costs nothing.

    Parameters
    ----------
    message : str
    status : int
        The HTTP status, or the one that the body gives.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Verdict(Enum):
    """What a reply means for the call."""

    ANSWERED = "the body is the answer"
    AGAIN = "it may be sent again"
    BUSY = "the service asks to wait, and may have done it"
    REFUSED = "the service said no"
    IN_DOUBT = "it may have been done"


def judge(reply: Reply, *, sent_once: bool, paid: bool = True) -> Verdict:
    """What `reply` means; `sent_once` is for calls that must not be repeated once they arrived.

    Those that are not `paid` may be repeated where the service asks to wait.

    >>> judge(Reply(fault="no answer within 60 s"), sent_once=True).name
    'IN_DOUBT'
    >>> judge(Reply(fault="no answer within 60 s"), sent_once=False).name
    'AGAIN'
    >>> judge(Reply(503), sent_once=True).name, judge(Reply(429), sent_once=True).name
    ('IN_DOUBT', 'BUSY')
    """
    if reply.status == 429:
        return Verdict.BUSY if sent_once and paid else Verdict.AGAIN
    if reply.unsent:
        return Verdict.AGAIN
    # 408 comes from what stands in between, and says nothing of the service itself.
    lost = reply.status in (0, 408) or reply.status >= 500
    broken = bool(reply.fault) and 200 <= reply.status < 300
    if lost or broken:
        return Verdict.IN_DOUBT if sent_once else Verdict.AGAIN
    return Verdict.ANSWERED if 200 <= reply.status < 300 else Verdict.REFUSED


@dataclass
class Bearer:
    """Puts the key into the header of one request: never into the session, nor on other hosts."""

    key: Key

    def __call__(self, request: Any) -> Any:
        """`request` with the header."""
        request.headers["Authorization"] = f"Bearer {self.key.reveal()}"
        return request


@dataclass(eq=False)
class Client:
    """The service at one address, with one key.

    Parameters
    ----------
    base_url : str
        Such as "https://api.imaginepro.ai"; http is for this machine alone.
    key : Key
    wire : Wire
        The HTTP session.
    paces : mapping of str to Pace
        The rate limits by kind of call: "general" and "message"; none for those left out.
    sleep : callable
        Waits some seconds.
    """

    base_url: str
    key: Key
    wire: Wire = field(default_factory=Wire, repr=False)
    paces: Mapping[str, Pace] = field(default_factory=dict, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        self.base_url = checked_base(self.base_url)
        self._auth = Bearer(self.key)
        self._random = random.Random()  # noqa: S311  (spreads retries, keeps no secret)
        self._lock = threading.Lock()
        self._wait_until_s, self._times_busy = 0.0, 0  # what a 429 to a paid call asks of others

    def close(self) -> None:
        """Let go of the connections; a later call may fail."""
        self.wire.close()

    def get(
        self, path: str, params: Mapping[str, Any] | None = None, *, pace: str = "general"
    ) -> Any:
        """The JSON behind `path`, which may be asked several times.

        Raises
        ------
        RefusedError
            If the service says no.
        UnreachableError
            If there was no answer in `ATTEMPTS` attempts.
        """
        once = self._call("GET", path, params=params)
        reply, verdict = self._until_settled(once, pace, sent_once=False)
        if verdict is Verdict.AGAIN:
            raise self._unreachable(reply)
        return self._body(reply, verdict)

    def post(self, path: str, body: Mapping[str, Any], *, ref: str = "", paid: bool = True) -> Any:
        """The JSON answer to `body`, which is sent again only when it cannot have arrived.

        Parameters
        ----------
        ref : str
            What an error in doubt is to name.
        paid : bool
            Whether it costs money when it arrives: then a lost answer leaves it in doubt.

        Raises
        ------
        RefusedError
            If the service says no: nothing is billed.
        UnreachableError
            If it cannot have arrived, or the service asks to wait longer than is sensible.
        BusyError
            If it is paid and the service asks to wait (429).
        InDoubtError
            If it may have arrived and the answer is lost or cannot be understood.
        """
        if paid:
            self._wait_for_the_service()
        once = self._call("POST", path, json=body)
        reply, verdict = self._until_settled(once, "general", sent_once=True, paid=paid)
        if paid:
            self._note_busy(reply)
        if verdict is Verdict.BUSY:
            raise BusyError(
                "ImaginePro asks to wait (429), and may have taken the job all the same; it is "
                "looked for before it is sent again.",
                ref,
            )
        if verdict is Verdict.AGAIN:
            raise self._unreachable(reply)
        if verdict is Verdict.IN_DOUBT:
            raise self._in_doubt(reply.fault or f"it answered {reply.status}", ref, paid)
        try:
            return self._body(reply, verdict)
        except bodies.UnreadableError as error:
            why = str(error)
        except RefusedError as error:
            if error.status < 500:  # a 5xx within a 200 is a 5xx
                raise
            why = str(error)
        raise self._in_doubt(why, ref, paid)

    def download(self, url: str, max_bytes: int) -> Reply:
        """What is behind `url`, on whatever host, asked for without the key."""
        once = partial(self.wire.send, "GET", url, max_bytes=max_bytes)
        return self._until_settled(once, "", sent_once=False)[0]

    def _call(self, method: str, path: str, **content: Any) -> Callable[[], Reply]:
        """One request to the service, with the key."""
        sent = partial(self.wire.send, auth=self._auth, max_bytes=MAX_ANSWER_BYTES)
        return partial(sent, method, self.base_url + path, **content)

    def _wait_for_the_service(self) -> None:
        wait_s = self._wait_until_s - time.monotonic()
        if wait_s > MOST_PATIENCE_S:
            raise self._asks_to_wait(wait_s)
        if wait_s > 0:
            self.sleep(wait_s)

    def _note_busy(self, reply: Reply) -> None:
        if reply.status != 429:
            self._times_busy = 0
            return
        pause_s = self._pause_s(reply, min(self._times_busy, ATTEMPTS))
        self._times_busy += 1
        self._wait_until_s = max(self._wait_until_s, time.monotonic() + pause_s)

    def _until_settled(
        self, once: Callable[[], Reply], pace: str, *, sent_once: bool, paid: bool = False
    ) -> tuple[Reply, Verdict]:
        for attempt in range(ATTEMPTS):
            if pace in self.paces:
                self.paces[pace].take(self.sleep)
            reply = once()
            verdict = judge(reply, sent_once=sent_once, paid=paid)
            pause_s = self._pause_s(reply, attempt)
            if verdict is not Verdict.AGAIN or pause_s > MOST_PATIENCE_S:
                break
            if attempt + 1 < ATTEMPTS:
                self.sleep(pause_s)
        return reply, verdict

    def _pause_s(self, reply: Reply, attempt: int) -> float:
        asked_s = bodies.retry_after_s(reply.headers)
        if asked_s is not None:
            return asked_s
        first_s = FIRST_BUSY_PAUSE_S if reply.status == 429 else FIRST_PAUSE_S
        with self._lock:
            spread = self._random.uniform(1, 1.25)
        return first_s * float(2**attempt) * spread

    def _body(self, reply: Reply, verdict: Verdict) -> Any:
        # Before it is read: a service that repeats the key in an error must not spread it.
        data = self.key.redact(reply.data)
        if verdict is Verdict.REFUSED:
            raise self._refused(reply.status, self.key.redacted(bodies.lenient(data)))
        body = self.key.redacted(bodies.strict(data))
        if (status := bodies.refusal(body)) is not None:
            raise self._refused(status, body)
        return body

    def _refused(self, status: int, body: Any) -> RefusedError:
        said = bodies.useful_text(body)
        reason = _REASONS.get(status, f"refused the call ({status})")
        if 300 <= status < 400:
            reason = f"redirects elsewhere ({status}); check IMAGINEPRO_BASE_URL"
        return RefusedError(f"ImaginePro {reason}{': ' + said if said else '.'}", status)

    def _unreachable(self, reply: Reply) -> UnreachableError:
        if reply.status == 429:
            return self._asks_to_wait(bodies.retry_after_s(reply.headers))
        why = reply.fault or f"it answered {reply.status}"
        return UnreachableError(
            f"ImaginePro cannot be reached at {self.base_url}: {why}; nothing was submitted, try "
            "again later."
        )

    def _asks_to_wait(self, asked_s: float | None) -> UnreachableError:
        wait = f" for {asked_s:.0f} s" if asked_s else ""
        return UnreachableError(
            f"ImaginePro asks to wait{wait} (429): nothing was submitted; try again later."
        )

    def _in_doubt(self, why: str, ref: str, paid: bool) -> ProviderError:
        why = why.rstrip(".")
        if not paid:
            return UnreachableError(f"ImaginePro gave no usable answer: {why}; try again later.")
        return InDoubtError(
            f"ImaginePro was sent the job and gave no usable answer: {why}; it may have been "
            "taken, so it is not sent again.",
            ref,
        )


_REASONS = {
    400: "refused a parameter (400)",
    401: "did not accept the key, or the credits are used up (401)",
    402: "wants to be paid first: the credits are used up (402)",
    403: "does not allow this with this key (403)",
    404: "does not know it (404)",
    413: "refused it as too large (413)",
}
