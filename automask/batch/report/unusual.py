"""Which masks a person should look at first: those that are unlike the others of their rule.

Nothing here says that a mask is wrong. A sky always touches the border and an eye is always small:
what counts is only how rare something is among the pictures that the same rule was used on.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import Any, TypeAlias

Facts: TypeAlias = Mapping[str, Any]

FEWEST = 8  # masks of one rule before its usual area says anything
SMALL, LARGE = 0.001, 0.9  # shares of the picture
MANY = 12  # regions, and four times as many as usual
_FAR = 3.5  # robust standard deviations (Iglewicz and Hoaglin, 1993)
_RARE = 0.15  # a share of the masks: of two kinds that both are common, neither is unusual
_LEAST_FACTOR = 2.0  # less is no news, however alike the others are


def coverage(facts: Facts) -> float | None:
    """The share of the picture that is selected, 0 to 1; None where nobody knows.

    >>> coverage({"width": 20, "height": 10, "area": 50}), coverage({"width": 20, "height": 10})
    (0.25, None)
    """
    size = facts.get("width", 0) * facts.get("height", 0)
    return facts["area"] / size if size and "area" in facts else None


def _touches(facts: Facts) -> bool:
    x0, y0, x1, y1 = facts["box"]
    return bool(x0 <= 0 or y0 <= 0 or x1 >= facts["width"] or y1 >= facts["height"])


# What may be said of a mask, and the share of the pictures of which it may be true and yet unusual.
_MARKS: Mapping[str, tuple[Callable[[Facts], bool], float]] = MappingProxyType(
    {
        "very small": (lambda facts: (coverage(facts) or 0) < SMALL, 0.25),
        "nearly the whole picture": (lambda facts: (coverage(facts) or 0) > LARGE, 0.25),
        "touches the border": (lambda facts: bool(facts.get("box")) and _touches(facts), 0.1),
    }
)


def _regions(facts: Facts) -> int:
    return max(1, int(facts.get("regions", 1)))


@dataclass(frozen=True)
class _Middle:
    """The median of some logarithms, their spread as a standard deviation, and what is rare."""

    middle: float
    spread: float
    rare: float  # so far from the median are few

    @classmethod
    def of(cls, logs: Sequence[float]) -> _Middle:
        middle = median(logs)
        away = sorted(abs(log - middle) for log in logs)
        return cls(middle, max(1.4826 * median(away), 0.05), away[int((1 - _RARE) * len(away))])

    def far(self, log: float) -> float:
        """How many of its spreads `log` lies above the median; 0 where that is not rare."""
        away = log - self.middle
        few = abs(away) > self.rare + 1e-5  # what is kept has the digits of 32 bits
        return away / self.spread if few else 0.0


@dataclass
class Usual:
    """What masks of one rule are like, gathered picture by picture."""

    _areas: array[float] = field(default_factory=lambda: array("f"))  # logarithms, as the next
    _regions: array[float] = field(default_factory=lambda: array("f"))
    _marked: Counter[str] = field(default_factory=Counter)
    _middles: tuple[_Middle, _Middle] | None = None

    def add(self, facts: Facts) -> None:
        """Take one more mask into account."""
        share = coverage(facts)
        if not share:
            return
        self._areas.append(math.log(share))
        self._regions.append(math.log(_regions(facts)))
        self._marked.update(name for name, (is_so, _) in _MARKS.items() if is_so(facts))
        self._middles = None

    def remarks(self, facts: Facts) -> dict[str, float]:
        """What is unusual about a mask, in words, and how much so: more is rarer.

        Empty for a picture that has no mask.
        """
        share = coverage(facts)
        if not share:
            return {}
        count = len(self._areas)
        found = {}
        for name, (is_so, rare) in _MARKS.items():
            rarity = (self._marked[name] + 1) / (count + 2)  # one mask alone is no rule
            if is_so(facts) and rarity <= rare:
                found[name] = -math.log2(rarity)
        if count >= FEWEST:
            found |= self._beside_the_others(math.log(share), _regions(facts))
        return found

    def _beside_the_others(self, log: float, regions: int) -> dict[str, float]:
        areas, counts = self._summary()
        found, far = {}, areas.far(log)
        if abs(far) > _FAR and abs(log - areas.middle) > math.log(_LEAST_FACTOR):
            found[_times(log - areas.middle)] = abs(far) / _FAR + 1
        usual = math.exp(counts.middle)
        if regions >= max(MANY, 4 * usual) and counts.far(math.log(regions)) > _FAR:
            found[f"{regions:,} regions (usual: {usual:,.0f})"] = 1 + math.log2(regions / usual)
        return found

    def _summary(self) -> tuple[_Middle, _Middle]:
        if self._middles is None:
            self._middles = _Middle.of(self._areas), _Middle.of(self._regions)
        return self._middles


def _times(log: float) -> str:
    factor = math.exp(abs(log))
    shown = f"{factor:.1f}" if factor < 10 else f"{factor:,.0f}"
    return f"{shown} times the usual area" if log > 0 else f"1/{shown} of the usual area"
