"""How long a batch will take: from what it took before, or from a few pictures that are tried."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from automask import weights
from automask.batch.items import Item, Options
from automask.batch.plan import Planned, Planner
from automask.batch.states import FAILED
from automask.batch.work import Task, do

TRIED = 4  # pictures; the first loads what all of them need, and is not counted
FEWEST_PIXELS = 1_000_000  # that must have been done before their times say anything
MOST_S = 20.0  # for trying


@dataclass(frozen=True)
class Estimate:
    """How long the pictures of a plan will take on this machine.

    Parameters
    ----------
    seconds : float, optional
        On all workers together, without what a paid service takes; None where nobody can say.
    source : str
        Where it comes from.
    """

    seconds: float | None
    source: str


@dataclass
class Estimator:
    """Sees every picture of a plan, keeps a few at random, and says how long all will take.

    Parameters
    ----------
    options : Options
    """

    options: Options
    pixels: int = field(default=0, init=False)
    pictures: int = field(default=0, init=False)
    sized: int = field(default=0, init=False)
    _kept: list[Item] = field(default_factory=list, init=False)
    _chance: random.Random = field(default_factory=lambda: random.Random(0), init=False)  # noqa: S311

    def see(self, planned: Planned) -> None:
        """Take one that is to be done."""
        self.pictures += 1
        if not planned.pixels:
            return
        self.pixels += planned.pixels
        self.sized += 1
        if planned.item.message_id:
            return
        if len(self._kept) < TRIED:
            self._kept.append(planned.item)
        elif (place := self._chance.randrange(self.sized)) < TRIED:
            self._kept[place] = planned.item

    def estimate(self, planner: Planner, workers: int) -> Estimate:
        """How long it will take on so many workers."""
        if not self.pictures:
            return Estimate(0.0, "nothing is to be done")
        per_pixel, source = planner.seconds / max(planner.timed_pixels, 1), "earlier pictures"
        if planner.timed_pixels < FEWEST_PIXELS:
            per_pixel, tried = tried_s(self._kept, self.options)
            source = f"{tried} pictures that were tried"
        if not per_pixel or not self.sized:
            return Estimate(None, "no picture could be tried")
        pixels = self.pixels * self.pictures / self.sized  # the others are taken to be alike
        return Estimate(pixels * per_pixel / workers, source)


def tried_s(items: Sequence[Item], options: Options) -> tuple[float, int]:
    """The seconds a pixel that `items` take on one thread, and how many of them were tried.

    They are worked on as in earnest, in a folder that is gone afterwards. No model is fetched.
    """
    took, pixels, tried, started = 0.0, 0, 0, time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="automask-") as folder, weights.offline():
            for number, item in enumerate([*items[:1], *items] if items else []):
                before = time.perf_counter()
                whole = replace(options.completed(item), name=f"{number}")
                outcome = do(Task(whole, options, str(Path(folder))))
                seconds = time.perf_counter() - before
                if number and outcome.state != FAILED:  # the first time, what it needs is loaded
                    took += seconds
                    pixels += outcome.facts["width"] * outcome.facts["height"]
                    tried += 1
                if time.monotonic() - started > MOST_S:
                    break
    except OSError:  # no room, or no right, for a folder
        return 0.0, 0
    return (took / pixels if pixels else 0.0), tried
