"""What a paid job costs beside a bare loop of the same calls, against a sandbox on this machine.

Usage: python benchmarks/submit.py [cycles ledger waiting]

The sandbox has no delay and keeps no limits, and runs in a process of its own. Both sides make the
same calls, `WORKERS` at once: the bare one posts a mask that is ready, asks for the message, gets
its pictures and writes them; ours does it with every step on the disk, each picture decoded and
compared with the parent. Both remove what they wrote.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count as counted
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
import requests
import speed
import timing
from requests.adapters import HTTPAdapter
from served import Served, served

from automask.images import encode
from automask.imaginepro import masks
from automask.jobs import Desk, Wishes, finish
from automask.lazy import cached_property
from automask.ledger import Entry, JobState, Ledger, Order
from automask.providers.base import Job
from automask.providers.imaginepro import ImaginePro
from automask.types import Mask

JOBS, WORKERS, ROUNDS = 200, 8, 3
LEDGER_JOBS = 500
WAITING, WAITED_S = 1000, 30.0
CLOCKS = (time.perf_counter, time.process_time)
Lines = Iterator[str]


@dataclass
class Client:
    """One way to bring jobs to their end; each call of `run` is a new round of new jobs."""

    served: Served
    picture: bytes
    masks: Sequence[bytes]  # PNG, as automask makes them
    folder: Path
    rounds: Iterator[int] = field(default_factory=counted)

    def prompts(self) -> list[str]:
        number = next(self.rounds)
        return [f"{type(self).__name__} {number} {job}" for job in range(JOBS)]


class Bare(Client):
    """A bare loop: threads and a session; only the results are written, nothing is checked."""

    @cached_property
    def texts(self) -> list[str]:
        """The masks as they are sent, made in the round that only warms up."""
        return [masks.prepared(mask, "webp").text for mask in self.masks]

    def run(self) -> None:
        with requests.Session() as session, ThreadPoolExecutor(WORKERS) as pool:
            session.mount("http://", HTTPAdapter(pool_maxsize=WORKERS))
            session.trust_env = False  # as ours; looking at the environment takes longer
            with tempfile.TemporaryDirectory(dir=self.folder) as out:
                cycle = partial(self.cycle, session, Path(out))
                list(pool.map(cycle, self.texts, self.prompts()))

    def cycle(self, session: requests.Session, out: Path, mask: str, prompt: str) -> None:
        url, headers = self.served.url, self.served.headers
        body = {"messageId": self.served.parent, "button": "Vary (Region)"}
        body |= {"mask": mask, "prompt": prompt, "timeout": 900}
        posted = session.post(f"{url}/api/v1/nova/button", json=body, headers=headers, timeout=60)
        handle = posted.json()["messageId"]
        told: dict[str, Any] = {}
        while told.get("status") != "DONE":
            address = f"{url}/api/v1/message/fetch/{handle}"
            told = session.get(address, headers=headers, timeout=60).json()
        for number, picture in enumerate(told["images"]):
            place = out / f"{handle}-{number}.png"
            place.write_bytes(session.get(picture, timeout=60).content)


class Ours(Client):
    """automask: every job placed, claimed, sent, looked at, checked, delivered, recorded."""

    def run(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            self.brought_on(Path(folder))

    def brought_on(self, folder: Path) -> None:
        engine, wishes = ImaginePro(), Wishes(str(folder / "out"))
        with Ledger(folder / "ledger.sqlite3") as ledger:
            desk = Desk(ledger, engine)
            with ThreadPoolExecutor(WORKERS) as pool:
                jobs = map(self.job, self.masks, self.prompts())
                entries = list(pool.map(lambda job: desk.place(job, wishes), jobs))
            over = finish(desk, entries, workers=WORKERS)
        engine.close()
        _sure({e.state for e in over.entries.values()} == {JobState.DONE}, over.errors)
        _sure(len(list((folder / "out").iterdir())) == 4 * JOBS, "pictures are missing")

    def job(self, mask: bytes, prompt: str) -> Job:
        return Job("imaginepro", mask, prompt, self.picture, self.served.parent)


def cycles(folder: Path) -> Lines:
    """200 jobs, 8 at once, beside a bare loop of the same calls; every job brings 4 pictures."""
    for side_px, count in ((512, 1), (512, JOBS), (1024, JOBS)):
        rgb = _picture(side_px)
        picture = encode.encode_picture(rgb, ".png")
        masks_png = [_mask(side_px, number % count) for number in range(JOBS)]
        with served(rgb) as sandbox:
            os.environ |= sandbox.environment | {"IMAGINEPRO_LIMITS": "off"}
            sides = [Side(sandbox, picture, masks_png, folder) for Side in (Bare, Ours)]
            yield f"  {side_px} x {side_px} pixels, {'a mask each' if count > 1 else 'one mask'}"
            yield from _compared(sides, sandbox)


def _compared(sides: Sequence[Client], sandbox: Served) -> Lines:
    """A line for each side: wall time, processor time, and the calls that the sandbox counted."""
    calls: set[str] = set()

    def work(side: Client) -> None:
        side.run()
        made = sorted(sandbox.calls()[0].items())
        calls.add(", ".join(f"{number} {call}" for call, number in made))

    sandbox.calls()
    cases = {side.__doc__.partition(":")[0]: partial(work, side) for side in sides}
    spent = timing.interleaved(cases, ROUNDS, CLOCKS)
    yield from speed.compared(spent, "at most 2 by the clock")
    yield f"  calls of each side in each round: {' or '.join(sorted(calls))}"


def _sure(fact: bool, otherwise: object) -> None:
    if not fact:
        raise RuntimeError(otherwise)


def _picture(side_px: int) -> np.ndarray:
    photo = cv2.imread(str(speed.pictures.SAMPLE), cv2.IMREAD_COLOR_RGB)
    return cv2.resize(photo, (side_px, side_px), interpolation=cv2.INTER_AREA)


def _mask(side_px: int, number: int) -> bytes:
    bits = np.zeros((side_px, side_px), np.uint8)
    across, down = number % 20, number // 20
    centre = side_px * (10 + across) // 40, side_px * (15 + down) // 40
    cv2.circle(bits, centre, side_px // 5, 1, -1)
    return encode.encode(Mask(bits.view(bool)), "png")


def ledger(folder: Path) -> Lines:
    """The record alone, four steps a job, beside as many lines appended and flushed to the disk."""
    with Ledger(folder / "alone.sqlite3") as record, (folder / "lines").open("ab") as lines:
        number = counted()
        cases = {
            "4 lines appended, each flushed": partial(_appended, lines),
            "placed, claimed, submitted, done": lambda: _recorded(record, str(next(number))),
        }
        yield from speed.compared(
            timing.interleaved(cases, LEDGER_JOBS, CLOCKS), "under 10 ms a job"
        )


def _appended(lines: BinaryIO) -> None:
    for _ in range(4):
        lines.write(b"a line" * 10)
        lines.flush()
        os.fsync(lines.fileno())


def _recorded(record: Ledger, key: str) -> None:
    ref = record.add(Order(key=key, provider="imaginepro", prompt="a pond", credits=5)).ref
    _sure(record.claim(ref) is not None, "it cannot be claimed")
    record.move(ref, JobState.SUBMITTED, handle=f"message-{key}")
    record.move(ref, JobState.DONE, results=("/a/b.png",))


def waiting(folder: Path) -> Lines:
    """1,000 jobs that go on running: the processor time of the process that waits for them."""
    with served(_picture(64), faults=["stuck"]) as sandbox:
        for limits in ("off", "on"):
            os.environ |= sandbox.environment | {"IMAGINEPRO_LIMITS": "off"}
            with Ledger(folder / f"waiting-{limits}.sqlite3") as record:
                entries = _sent(Desk(record, ImaginePro()), sandbox.parent)
                os.environ["IMAGINEPRO_LIMITS"] = limits
                sandbox.calls()
                yield f"  limits {limits}: {_waited(Desk(record, Waited()), entries, sandbox)}"


class Waited(ImaginePro):
    """The same service, waited for a while only."""

    name = "imaginepro"
    deadline_s = WAITED_S


def _sent(desk: Desk, parent: str) -> list[Entry]:
    """Jobs that were just submitted."""
    mask, wishes = _mask(64, 0), Wishes(str(desk.ledger.path.parent))

    def one(number: int) -> Entry:
        prompt = f"{desk.ledger.path.stem} {number}"
        return desk.send(desk.place(Job("imaginepro", mask, prompt, b"", parent), wishes))

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WAITING)))


def _waited(desk: Desk, entries: Sequence[Entry], sandbox: Served) -> str:
    began_s, spent_s = time.monotonic(), time.process_time()
    over = finish(desk, entries, workers=WORKERS)
    taken_s, spent_s = time.monotonic() - began_s, time.process_time() - spent_s
    states = {e.state for e in over.entries.values()}
    _sure(states <= {JobState.SUBMITTED, JobState.RUNNING}, states)
    looks = sandbox.calls()[0]["fetch"]
    return (
        f"{spent_s / taken_s:.1%} of one core (under 5 %) over {taken_s:.0f} s, {looks} looks, "
        f"{1000 * spent_s / looks:.1f} ms each"
    )


PARTS: dict[str, Callable[[Path], Lines]] = {
    part.__name__: part for part in (cycles, ledger, waiting)
}

if __name__ == "__main__":
    speed.run(PARTS, sys.argv[1:])
