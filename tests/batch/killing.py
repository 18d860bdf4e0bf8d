"""Batches of masks that are killed at random moments and gone on with, and what must hold then.

By hand, for more kills and pictures than the suite has time for:
python -m tests.batch.killing KILLS PICTURES SEED
"""

import json
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from automask.batch.engines.local import AHEAD
from tests.children import READY, begun, is_over

WORKERS = 2

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
    """A tree of pictures, one undisturbed batch of it, and others that are killed."""

    folder: Path
    seed: int
    pictures: int = 500
    kills: int = 0
    rounds: int = 0
    whole_s: float = 0.0
    worked_on: int = 0
    temporaries: int = 0
    most_again: int = 0
    out: Path = field(init=False)
    sessions: list[Path] = field(init=False)

    def run(self, kills: int) -> "Killing":
        """Kill batches until `kills` were done, each gone on with to its end, and check all."""
        draw = random.Random(self.seed)
        self._make_pictures()
        whole = self._begin("whole")
        assert self._over(None)
        wanted = _content(whole)
        assert len(wanted) == 2 * self.pictures + 1  # masks, previews, the report
        while self.kills < kills:
            self._begin(f"killed {self.rounds}")
            self.rounds += 1
            # As long as a whole batch took: a kill may come at any point of it.
            while not self._over(draw.uniform(0, self.whole_s) if self.kills < kills else None):
                self.kills += 1
            self._check(wanted)
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

    def _over(self, wait_s: float | None) -> bool:
        """Whether a session came to its end, or was killed after `wait_s` of work."""
        log = self.folder / f"{self.out.name}-{len(self.sessions)}.log"
        self.sessions.append(log)
        words = ['color("red"):grow(2px)', str(self.folder / "photos"), "-o", str(self.out)]
        words += ["--on-empty", "full", "--preview", "--jobs", str(WORKERS)]
        with begun(RUN, log, "batch", *words) as child:
            began_s = time.monotonic()
            if not is_over(child, wait_s):
                self.temporaries += len(list(self.out.rglob(".automask-*")))
                return False
        self.whole_s = self.whole_s or time.monotonic() - began_s
        return True

    def _check(self, wanted: dict[str, bytes]) -> None:
        """The same files as undisturbed, and nothing done again but what was in flight."""
        assert _content(self.out) == wanted
        assert not list(self.out.rglob(".automask-*"))
        worked = [log.read_text().split() if log.exists() else [] for log in self.sessions]
        times = Counter(name for session in worked for name in session)
        assert len(times) == self.pictures
        assert all(len(set(session)) == len(session) for session in worked)
        later: set[str] = set()
        for session in reversed(worked):
            again = later.intersection(session)
            assert len(again) <= WORKERS * AHEAD, again
            assert again <= set(session[-WORKERS * AHEAD :]), again
            self.most_again = max(self.most_again, len(again))
            later |= set(session)
        self.worked_on += times.total()

    def __str__(self) -> str:
        again = self.worked_on - self.rounds * self.pictures
        return (
            f"{self.kills} kills in {self.rounds} batches of {self.pictures} pictures: "
            f"{self.worked_on} pictures worked on, {again} of them again (at most "
            f"{self.most_again} after one kill, {WORKERS * AHEAD} are in flight); outputs the same "
            f"byte for byte; {self.temporaries} temporary files seen after kills, none at the end"
        )


def _content(out: Path) -> dict[str, bytes]:
    """What a batch wrote: its record and the times in its report aside, which differ."""
    found = {
        p.relative_to(out).as_posix(): p.read_bytes()
        for p in out.rglob("*")
        if p.is_file() and not p.name.startswith(("ledger.db", "report.html"))
    }
    lines = [json.loads(line) for line in found["report.jsonl"].splitlines()]
    timeless = [{k: v for k, v in line.items() if k != "seconds"} for line in lines]
    return found | {"report.jsonl": json.dumps(timeless).encode()}


if __name__ == "__main__":
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        kills, count, seed = map(int, sys.argv[1:])
        told = Killing(Path(place), seed, count).run(kills)
        sys.stdout.write(f"{told}; {time.monotonic() - began_s:.0f} s\n")
