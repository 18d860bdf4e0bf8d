"""The contracts that plugins inherit catch what they are there for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

import pytest

from automask.filters.base import FILTERS, Filter
from automask.providers.base import PROVIDERS, Progress, State
from automask.providers.local import Local
from automask.strategies.base import STRATEGIES, PixelStrategy, Strategy
from automask.testing import FilterContract, ProviderContract, StrategyContract
from automask.types import Region

SHARED = {}


@dataclass(frozen=True)
class Talkative(Strategy):
    """Prints what it does."""

    example: ClassVar[str] = "trial"

    def find(self, image):
        print("found")  # noqa: T201
        return []


@dataclass(frozen=True)
class Entangled(Strategy):
    """Keeps its picture where another thread may change it."""

    example: ClassVar[str] = "trial"

    def find(self, image):
        SHARED["image"] = image
        time.sleep(0.05)  # others have their turn
        return Region.of(SHARED["image"].rgb[..., 0] > 120)


@dataclass(frozen=True)
class Loose(PixelStrategy):
    """Gives numbers for bits."""

    example: ClassVar[str] = "trial"

    def select(self, image):
        return image.gray / 255


@dataclass(frozen=True)
class Parts(Filter):
    """Is called as rules call something else."""

    def apply(self, regions, scene):
        return list(regions)


@dataclass(frozen=True)
class Forgetful(Local):
    """Knows one job at a time."""

    def submit(self, job):
        SHARED["last"] = self._repainted(job)
        return "handle"

    def progress(self, handle):
        return Progress(State.DONE, pictures=(SHARED["last"],))

    def filled(self, rgb, mask):
        return rgb


@dataclass(frozen=True)
class Shrinking(Local):
    """Gives back less than it was given."""

    def filled(self, rgb, mask):
        print("filled")  # noqa: T201
        return rgb[::2, ::2].copy()


@pytest.mark.parametrize(
    ("registry", "cls", "contract", "test"),
    [
        (STRATEGIES, Talkative, StrategyContract, "test_prints_nothing"),
        (STRATEGIES, Entangled, StrategyContract, "test_same_answer_in_threads"),
        (STRATEGIES, Loose, StrategyContract, "test_regions_are_sound"),
        (FILTERS, Parts, FilterContract, "test_is_a_method_of_rules"),
        (PROVIDERS, Forgetful, ProviderContract, "test_jobs_at_once_are_not_mixed_up"),
        (PROVIDERS, Shrinking, ProviderContract, "test_each_picture_comes_back_in_its_size"),
        (PROVIDERS, Shrinking, ProviderContract, "test_prints_nothing"),
    ],
)
def test_the_fault_is_caught(registry, cls, contract, test, capfd):
    name = "parts" if cls is Parts else "trial"
    registry.register(name)(cls)
    more = [capfd] if test == "test_prints_nothing" else []
    try:
        with pytest.raises(AssertionError):
            getattr(contract(), test)(name, *more)
    finally:
        registry._keep(set(registry._classes) - {name})
