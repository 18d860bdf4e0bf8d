"""How a rule came to its answer: every part with its regions, pixels and time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from automask.selector.evaluate import Evaluation
from automask.selector.syntax import Combine, Outside, Rule
from automask.types import Bits, Image, Region


@dataclass(frozen=True)
class Step:
    """One part of a rule and what it gave.

    Parameters
    ----------
    rule : str
        The part in canonical form.
    depth : int
        How deep it is nested in the rule; 0 for the whole.
    regions : tuple of Region, optional
        What it selected; None where it was never needed.
    pixels : int
        The pixels of their union.
    ms : float
        Milliseconds spent on it, its parts apart.
    again : bool
        Whether the same part stands earlier in the rule, and was not computed twice.
    """

    rule: str
    depth: int
    regions: tuple[Region, ...] | None
    pixels: int = 0
    ms: float = 0.0
    again: bool = False


@dataclass(frozen=True)
class Explanation:
    """The steps of an evaluation, the whole rule first, and the picture it was made on.

    `models` holds "name sha256" of each model that took part.
    """

    steps: tuple[Step, ...]
    image: Image = field(repr=False)
    models: tuple[str, ...] = ()


class TracedEvaluation(Evaluation):
    """An evaluation that keeps the regions of every part and the time each part took itself."""

    def __init__(self, image: Image) -> None:
        super().__init__(image)
        self._seconds: dict[Rule, float] = {}
        self._inner: list[float] = [0.0]

    def regions(self, rule: Rule) -> list[Region]:
        """The regions that `rule` selects; the first time is measured."""
        if rule in self._regions:
            return super().regions(rule)
        start = time.perf_counter()
        self._inner.append(0.0)
        found = super().regions(rule)
        spent = time.perf_counter() - start
        self._seconds[rule] = spent - self._inner.pop()
        self._inner[-1] += spent
        return found

    def pixels(self, rule: Rule) -> Bits:
        """The union of the regions of `rule`, which are always kept for the trace."""
        if not _is_whole(rule):
            self.regions(rule)
        return super().pixels(rule)

    def steps(self, rule: Rule) -> Iterator[Step]:
        """What is known of `rule` and its parts, outermost first."""
        seen: set[Rule] = set()
        for part, depth in _nested(rule):
            found = self._regions.get(part)
            pixels = 0 if found is None else int(self.pixels(part).sum())
            milliseconds = 1000 * self._seconds.get(part, 0.0)
            kept = None if found is None else tuple(found)
            yield Step(str(part), depth, kept, pixels, milliseconds, part in seen)
            seen.add(part)


def explain(image: Image, rule: Rule) -> Explanation:
    """The evaluation of `rule`, whose names are expanded, on `image`, step by step."""
    evaluation = TracedEvaluation(image)
    evaluation.regions(rule)
    return Explanation(tuple(evaluation.steps(rule)), image, evaluation.models)


def _is_whole(rule: Rule) -> bool:
    return isinstance(rule, Outside) or (isinstance(rule, Combine) and rule.operator == "^")


def _nested(rule: Rule, depth: int = 0) -> Iterator[tuple[Rule, int]]:
    yield rule, depth
    for part in rule.parts:
        yield from _nested(part, depth + 1)
