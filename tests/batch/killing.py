"""Batches of masks that are stopped at random moments and gone on with, and what must hold then.

By hand, for more stops and pictures than the suite has time for:
python -m tests.batch.killing STOPS PICTURES SEED THREADS HOW..., each HOW a key of `HOW`
"""

import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from automask.batch.engines.local import AHEAD
from automask.images.temporary import NAME
from tests.children import READY, begun, is_over
from tests.trees import contents

HOW = {
    "kill": (signal.SIGKILL,),
    "term": (signal.SIGTERM,),
    "interrupt": (signal.SIGINT,),  # which ends what was begun, and writes it down
    "twice": (signal.SIGINT, signal.SIGINT),
}

# Writes down every picture that is really worked on, when that is over, by itself.
RUN = f"""
import os, sys
from automask.batch import run
log = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
work = run.do
def logged(task):
    outcome = work(task)
    if not outcome.unchanged:
        os.write(log, os.fsencode(task.item.name) + b"\\n")
    return outcome
run.do = logged
from automask.cli import main
{READY}
main()
"""


@dataclass
class Killing:
    """A tree of pictures, one undisturbed batch of it, and others that are stopped."""

    folder: Path
    seed: int
    pictures: int = 500
    workers: int = 2
    how: tuple[str, ...] = ("kill",)
    stops: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    whole_s: float = 0.0
    worked_on: int = 0
    temporaries: int = 0
    most_again: int = 0
    wanted: dict[str, bytes] = field(default_factory=dict)
    out: Path = field(init=False)
    sessions: list[tuple[Path, str]] = field(init=False)

    def run(self, stops: int) -> "Killing":
        """Stop batches until `stops` were done, each gone on with to its end, and check all."""
        draw = random.Random(self.seed)
        self._make_pictures()
        whole = self._begin("whole")
        assert self._over(None)
        self.wanted = _content(whole)
        kinds = Counter(name.partition("/")[0] for name in self.wanted)
        done = kinds["masks"]
        assert 0 < done < self.pictures
        review = 2 * (self.pictures - done)  # an overlay and a reason
        assert kinds == {
            "masks": done, "previews": done, "sidecars": done, "review": review, "report.jsonl": 1,
        }  # fmt: skip
        while self.stops.total() < stops:
            self._begin(f"stopped {self.rounds}")
            self.rounds += 1
            over = False
            while not over:
                wait_s, after = None, 0
                if self.stops.total() < stops:
                    # As long as a whole batch took: a stop may come at any point of it. Of a short
                    # one most is the start, so every other comes when some pictures were done.
                    anywhere = draw.uniform(0, self.whole_s), 0
                    midway = draw.uniform(0, 0.02), draw.randrange(self.pictures)
                    wait_s, after = draw.choice([anywhere, midway])
                over = self._over(wait_s, draw.choice(self.how), after)
            self._check()
            assert _names(self.out) == _names(whole)
        return self

    def _make_pictures(self) -> None:
        draw = np.random.default_rng(self.seed)
        for number in range(self.pictures):
            small = draw.integers(0, 256, (6, 8, 3), np.uint8)
            place = self.folder / "photos" / f"{number % 7}" / f"{number:04}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(place), cv2.resize(small, (160, 120), interpolation=cv2.INTER_CUBIC))

    def _begin(self, name: str) -> Path:
        self.out, self.sessions = self.folder / name, []
        return self.out

    def _over(self, wait_s: float | None, how: str = "kill", after: int = 0) -> bool:
        """Whether a session came to its end, or was stopped as `how`.

        That comes `wait_s` after it has worked on `after` pictures.
        """
        log = self.folder / f"{self.out.name}-{len(self.sessions)}.log"
        words = ['color("red"):grow(2px)', str(self.folder / "photos"), "-o", str(self.out)]
        words += ["--on-empty", "full", "--limit", "area=2%..100%", "--preview", "--sidecar"]
        words += ["--jobs", str(self.workers)]
        with begun(RUN, log, "batch", *words) as child:
            began_s = time.monotonic()
            while child.poll() is None and len(_worked_on(log)) < after:
                time.sleep(0.001)
            over = is_over(child, wait_s, *HOW[how], codes=(4,))  # some are in review
        self.sessions.append((log, "" if over else how))
        if not over:
            self.stops[how] += 1
            self.temporaries += len(list(self.out.rglob(".automask-*")))
            self._check_whole()
        self.whole_s = self.whole_s or time.monotonic() - began_s
        return over

    def _check_whole(self) -> None:
        """No file under its own name is a half one, whenever the batch was stopped."""
        found = (p for p in self.out.rglob("*") if p.is_file() and p.parent != self.out)
        for place in found:
            name = place.relative_to(self.out).as_posix()
            assert NAME.fullmatch(place.name) or place.read_bytes() == self.wanted[name], name

    def _check(self) -> None:
        """The same files as undisturbed, and nothing done again but what was in flight."""
        assert _content(self.out) == self.wanted
        worked = [(_worked_on(log), how) for log, how in self.sessions]
        times = Counter(name for session, _ in worked for name in session)
        assert len(times) == self.pictures
        assert all(len(set(session)) == len(session) for session, _ in worked)
        later: set[str] = set()
        for session, how in reversed(worked):
            again = later.intersection(session)
            in_flight = 0 if how == "interrupt" else self.workers * AHEAD
            assert len(again) <= in_flight, again
            assert again <= set(session[-self.workers * AHEAD :]), again
            self.most_again = max(self.most_again, len(again))
            later |= set(session)
        self.worked_on += times.total()

    def __str__(self) -> str:
        again = self.worked_on - self.rounds * self.pictures
        stops = ", ".join(f"{count} {how}" for how, count in sorted(self.stops.items()))
        return (
            f"{stops} in {self.rounds} batches of {self.pictures} pictures by {self.workers} "
            f"threads: {self.worked_on} pictures worked on, {again} of them again (at most "
            f"{self.most_again} after one stop, {self.workers * AHEAD} are in flight); outputs the "
            f"same byte for byte; {self.temporaries} temporary files seen after stops, none at the "
            "end"
        )


def _worked_on(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def _names(out: Path) -> list[str]:
    """All files of a batch: none of a dead writer is left, and none is missing."""
    return sorted(p.relative_to(out).as_posix() for p in out.rglob("*"))


def _content(out: Path) -> dict[str, bytes]:
    """What a batch wrote: its record and the times in its report aside, which differ."""
    found = {
        name: data
        for name, data in contents(out).items()
        if not name.startswith(("ledger.db", "report.html"))
    }
    lines = [json.loads(line) for line in found["report.jsonl"].splitlines()]
    timeless = [{k: v for k, v in line.items() if k != "seconds"} for line in lines]
    return found | {"report.jsonl": json.dumps(timeless).encode()}


if __name__ == "__main__":
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        stops, count, seed, workers = map(int, sys.argv[1:5])
        told = Killing(Path(place), seed, count, workers, tuple(sys.argv[5:])).run(stops)
        sys.stdout.write(f"{told}; {time.monotonic() - began_s:.0f} s\n")
