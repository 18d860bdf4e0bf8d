"""What can go wrong on request: the names of the faults, and which request gets which.

A fault is written ``[CALL:]NAME[=VALUE]``: ``dropped``, ``429=2``, ``fetch:500``. Three ways lead
to one: a switch (`Faults.add`) that is on for every call of that sort, a queue (`Faults.queue`)
whose entries are used up by one call each, and the header `HEADER` on a single request.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from automask.errors import ArgumentError

HEADER = "X-Sandbox-Fault"
CALLS = ("submit", "cancel", "fetch", "history", "account", "check", "download", "any")


@dataclass(frozen=True)
class Kind:
    """A sort of fault.

    Parameters
    ----------
    when : str
        "before": answered in place of the work, nothing is billed; "after": the work is done and
        billed, then the answer goes wrong; "delay": the answer waits; "job": the job itself, in
        every later fetch of it; "hook": the job's webhooks.
    about : str
        What happens.
    value : str
        The value that is taken when none is given; empty when it takes none.
    call : str
        Which calls it is for when none is named.
    """

    when: str
    about: str
    value: str = ""
    call: str = "submit"


FAULTS: Mapping[str, Kind] = MappingProxyType(
    {
        "ok": Kind("before", "no fault: in a queue, lets one request pass", call="any"),
        "400": Kind("before", "refused: a bad parameter"),
        "401-key": Kind("before", "refused: the key is unknown"),
        "401-credits": Kind("before", "refused: not enough credits"),
        "402": Kind("before", "refused: payment required"),
        "403": Kind("before", "refused: not allowed"),
        "413": Kind("before", "refused: the body is too large"),
        "429": Kind("before", "refused: too many requests; VALUE seconds as Retry-After", "none"),
        "500": Kind("before", "an internal error, nothing was accepted"),
        "502": Kind("before", "an HTML page from a gateway, nothing was accepted"),
        "503": Kind("before", "unavailable, nothing was accepted; VALUE as Retry-After", "none"),
        "success-false": Kind("before", "200 with success false and an error"),
        "lost": Kind("before", "the connection closes with no answer, nothing was accepted"),
        "slow": Kind("delay", "the answer comes VALUE seconds later", "2"),
        "dropped": Kind("after", "accepted, then the connection closes with no answer"),
        "reset": Kind("after", "accepted, then the connection is reset within the body"),
        "429-accepted": Kind("after", "accepted, then answered with too many requests"),
        "500-accepted": Kind("after", "accepted, then answered with an internal error"),
        "502-accepted": Kind("after", "accepted, then answered with an HTML page"),
        "empty": Kind("after", "accepted, then answered 200 with an empty body"),
        "success-word": Kind("after", 'accepted, success is the word "true"'),
        "not-a-picture": Kind("after", "an HTML page in place of the picture", call="download"),
        "404": Kind("job", "the message is unknown to its first VALUE fetches, then found", "2"),
        "running": Kind("job", "PROCESSING for the first VALUE fetches", "2"),
        "unknown-status": Kind("job", "the status is VALUE for the first two fetches", "REVIEWING"),
        "string-progress": Kind("job", 'progress is text such as "45%" for VALUE fetches', "2"),
        "stuck": Kind("job", "PROCESSING for ever"),
        "fail": Kind("job", "ends as FAIL with all its fields"),
        "fail-bare": Kind("job", "ends as FAIL with the fields status and error only"),
        "no-buttons": Kind("job", "the message has no buttons"),
        "no-images": Kind("job", "the message has uri, but no list of images"),
        "no-result": Kind("job", "DONE without uri, images and originalUrl"),
        "no-webhooks": Kind("hook", "no webhook is posted"),
        "duplicate-webhooks": Kind("hook", "every webhook is posted twice"),
        "disordered-webhooks": Kind("hook", "DONE is posted first, then what came before it"),
    }
)


@dataclass(frozen=True)
class Fault:
    """One fault: its name, its value, and the calls that it is for."""

    name: str
    value: str
    call: str

    @property
    def when(self) -> str:
        """The stage of its kind: "before", "after", "job" or "hook"."""
        return FAULTS[self.name].when

    @property
    def number(self) -> float:
        """The value as a number; 0 where it has none."""
        return float(self.value) if self.value not in ("", "none") else 0.0

    def fits(self, call: str) -> bool:
        """Whether it is for a call of the sort `call`."""
        return self.call in (call, "any")

    def __str__(self) -> str:
        return f"{self.call}:{self.name}" + (f"={self.value}" if self.value else "")


def parse(text: str) -> Fault:
    """The fault that `text` writes.

    Raises
    ------
    ArgumentError
        If there is no such fault or call, or the value does not fit.

    Examples
    --------
    >>> print(parse("429=2"), parse("fetch:500"), parse("404"))
    submit:429=2 fetch:500 submit:404=2
    """
    call, colon, rest = text.strip().rpartition(":")
    name, equals, value = rest.partition("=")
    if name not in FAULTS:
        raise ArgumentError(f"There is no fault {name!r}; there are {', '.join(FAULTS)}.")
    kind = FAULTS[name]
    if colon and call not in CALLS:
        raise ArgumentError(f"{text!r} names no call that there is; write one of {list(CALLS)}.")
    if kind.when in ("job", "hook") and call not in ("", "submit", "any"):
        raise ArgumentError(f"{name!r} belongs to a job, so it cannot be for {call!r}; leave that.")
    if equals and not kind.value:
        raise ArgumentError(f"The fault {name!r} takes no value; leave out {'=' + value!r}.")
    return Fault(name, _value(name, value) or kind.value, call or kind.call)


def _value(name: str, text: str) -> str:
    if not text or name == "unknown-status":
        return text
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number < 1e6:
        raise ArgumentError(f"{name}={text} cannot be; give a number such as {name}=2.")
    return text


@dataclass(frozen=True)
class Switch:
    """A fault that is on: for how many more calls (None: for ever), in which share of them."""

    fault: Fault
    times: int | None = None
    share: float = 1.0


@dataclass
class Faults:
    """The faults that are switched on or wait in the queue; safe for several threads."""

    generator: random.Random
    switches: list[Switch] = field(default_factory=list)
    waiting: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, *texts: str, times: int | None = None, share: float = 1.0) -> None:
        """Switch faults on, for the next `times` calls that they fit, in a `share` (0..1) of them.

        Of several that fit one call, those of a share are drawn one by one.
        """
        found = [Switch(parse(text), times, share) for text in texts]
        with self.lock:
            self.switches += found

    def queue(self, *texts: str) -> None:
        """Let the next calls that fit have these faults, one each, in this order."""
        found = [parse(text) for text in texts]
        with self.lock:
            self.waiting += found

    def clear(self) -> None:
        """Switch everything off."""
        with self.lock:
            self.switches.clear()
            self.waiting.clear()

    def take(self, call: str, asked: str = "") -> list[Fault]:
        """The faults of one request of the sort `call`; `asked` is what its header says."""
        if asked:
            return [replace(parse(text), call="any") for text in asked.split(",")]
        with self.lock:
            first = next((fault for fault in self.waiting if fault.fits(call)), None)
            if first is not None:
                self.waiting.remove(first)
                return [] if first.name == "ok" else [first]
            return list(self._switched(call))

    def _switched(self, call: str) -> Iterable[Fault]:
        for place, switch in enumerate(self.switches):
            if not switch.fault.fits(call) or switch.times == 0:
                continue
            if switch.share < 1 and self.generator.random() >= switch.share:
                continue
            if switch.times is not None:
                self.switches[place] = replace(switch, times=switch.times - 1)
            if switch.fault.name != "ok":
                yield switch.fault


def first(faults: Iterable[Fault], when: str) -> Fault | None:
    """The first of `faults` of the stage `when`."""
    return next((fault for fault in faults if fault.when == when), None)
