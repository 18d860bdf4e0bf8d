import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from automask.lazy import cached_property

WAIT_S = 30


@dataclass(frozen=True)
class Doubled:
    """Computes when another one computes at the same time."""

    number: int
    both: threading.Barrier | None = None

    @cached_property
    def value(self) -> list[int]:
        """Twice the number."""
        if self.both:
            self.both.wait(WAIT_S)
        return [2 * self.number]


def test_it_is_computed_once_and_kept() -> None:
    doubled = Doubled(4)
    assert doubled.value == [8]
    assert doubled.value is doubled.value
    assert Doubled(5).value == [10]


def test_two_objects_compute_at_the_same_time() -> None:
    both = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda n: Doubled(n, both).value, (1, 2)))
    assert found == [[2], [4]]


def test_what_is_kept_goes_with_copies() -> None:
    doubled = Doubled(3)
    kept = doubled.value
    assert copy.copy(doubled).value is kept
    assert pickle.loads(pickle.dumps(doubled)).value == kept  # noqa: S301


def test_the_class_has_the_property_and_its_words() -> None:
    assert isinstance(Doubled.value, cached_property)
    assert Doubled.value.__doc__ == "Twice the number."
