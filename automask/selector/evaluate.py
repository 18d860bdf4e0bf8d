"""What a rule means: its regions, or only their union, over one image.

There are two questions, *which regions* and *which pixels*. The second is cheaper: where only the
union is wanted, nothing is cut into regions and a filter that distributes over the union runs once.
Both answers agree pixel for pixel, and each sub-rule is answered once however often it occurs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from automask import faults, maskops
from automask.errors import ModelError, RuleError
from automask.filters.base import Filter
from automask.selector.syntax import (
    Apply,
    Combine,
    Find,
    Item,
    Named,
    Outside,
    Rule,
    Slice,
)
from automask.strategies.base import PixelStrategy, Strategy
from automask.strategies.phrase import Phrase
from automask.types import Bits, Box, Image, Region, read_only

if TYPE_CHECKING:
    from automask.weights import Weights


class Evaluation:
    """The answers of rules on one image; the `Scene` that filters see.

    Parameters
    ----------
    image : Image

    Notes
    -----
    The names in a rule (``@logo``) have to be replaced before: `automask.selector.named.expanded`.
    """

    def __init__(self, image: Image) -> None:
        self.image = image
        self._regions: dict[Rule, list[Region]] = {}
        self._pixels: dict[Rule, Bits] = {}
        self._models: dict[str, None] = {}  # an ordered set

    @property
    def models(self) -> tuple[str, ...]:
        """Each model that took part so far, as "name sha256"."""
        return tuple(self._models)

    def regions(self, rule: Rule) -> list[Region]:
        """The regions that `rule` selects, in its order."""
        if rule not in self._regions:
            self._regions[rule] = self._find_regions(rule)
        return self._regions[rule]

    def pixels(self, rule: Rule) -> Bits:
        """The union of the regions that `rule` selects, bool of shape (H, W), not to be written."""
        if rule not in self._pixels:
            known = self._regions.get(rule)
            found = self._find_pixels(rule) if known is None else self._union(known)
            self._pixels[rule] = read_only(found)
        return self._pixels[rule]

    def count(self, rule: Rule, box: Box | None = None) -> int:
        """How many regions `rule` selects; those of pixels are counted without being cut out.

        Who knows the `box` around all that it selects gives it.
        """
        if rule not in self._regions:
            match rule:
                case Find(PixelStrategy() as strategy):
                    return maskops.count(self._selected(rule, strategy), box)
                case Apply(source, step) if step.keeps_count:
                    return self.count(source)
                case Combine("|", operands):
                    return sum(map(self.count, operands))
        return len(self.regions(rule))

    # --- which regions -------------------------------------------------------------------------

    def _find_regions(self, rule: Rule) -> list[Region]:
        match rule:
            case Find(PixelStrategy() as strategy):
                return self._parts(strategy, self._selected(rule, strategy))
            case Find(strategy):
                return self._found(strategy)
            case Apply(source, step):
                return self._applied(step, self.regions(source))
            case Item(source, index):
                found = self.regions(source)
                return [found[index]] if -len(found) <= index < len(found) else []
            case Slice(source, start, stop):
                return self.regions(source)[start:stop]
            case Named():
                raise RuleError(f"{rule} was not replaced by the rule that it names.")
            case Outside():
                return self._whole(rule)
            case Combine(operator, operands):
                return self._combined(rule, operator, operands)
        raise TypeError(f"not a rule: {rule!r}")

    def _found(self, strategy: Strategy) -> list[Region]:
        with _spelt(strategy), faults.blamed(strategy):
            found = faults.regions(strategy, strategy.find(self.image), self.image.shape)
            self._note(strategy.took_part(self.image))
        return found

    def _parts(self, strategy: PixelStrategy, selected: Bits) -> list[Region]:
        with faults.blamed(strategy):
            found = strategy.parts(selected)
            if type(strategy).parts is PixelStrategy.parts:  # ours, and cut when they are needed
                return found
            return faults.regions(strategy, found, self.image.shape)

    def _applied(self, step: Filter, given: list[Region]) -> list[Region]:
        with faults.blamed(step):
            # A list of its own: what is kept here is nobody's to change.
            made = faults.regions(step, step.apply(list(given), self), self.image.shape)
            if given:
                self._note(step.took_part(given, self.image))
        return made

    def _combined(self, rule: Rule, operator: str, operands: tuple[Rule, ...]) -> list[Region]:
        first, *others = operands
        if operator == "??":
            return self._first_found(operands)
        if operator == "|":
            self._together(operands)
            return [region for operand in operands for region in self.regions(operand)]
        if operator == "^":
            return self._whole(rule)
        kept = self.regions(first)
        for other in others:
            kept = self._cut(kept, other, inside=operator == "&")
        return kept

    def _first_found(self, operands: tuple[Rule, ...]) -> list[Region]:
        for operand in operands[:-1]:
            if found := self.regions(operand):
                return found
        return self.regions(operands[-1])

    def _cut(self, regions: list[Region], other: Rule, *, inside: bool) -> list[Region]:
        if not regions:
            return []  # the other side is never computed
        pixels = self.pixels(other)
        cut: list[Region] = []
        for region in regions:
            there = pixels[region.box.slices]
            mask = region.mask & (there if inside else ~there)
            cut += region.reshaped(mask, (region.box.x0, region.box.y0))
        return cut

    def _whole(self, rule: Rule) -> list[Region]:
        """The pixels of `rule` as one region."""
        return Region.of(self.pixels(rule), label=str(rule), source=str(rule))

    def _selected(self, rule: Rule, strategy: PixelStrategy) -> Bits:
        """What `strategy` selects, once, whichever of the two questions comes first."""
        if rule not in self._pixels:
            with faults.blamed(strategy):
                selected = faults.pixels(strategy, strategy.select(self.image), self.image.shape)
                self._note(strategy.took_part(self.image))
            self._pixels[rule] = read_only(selected)
        return self._pixels[rule]

    def _together(self, operands: tuple[Rule, ...]) -> None:
        """Let strategies of one class that are all needed share the work of their model."""
        by_class: dict[type[Strategy], list[Strategy]] = {}
        for operand in operands:
            first = operand
            while isinstance(first, Apply):
                first = first.source
            if isinstance(first, Find) and first not in self._regions:
                by_class.setdefault(type(first.strategy), []).append(first.strategy)
        for cls, strategies in by_class.items():
            if len(strategies) > 1:
                with _spelt(*strategies), faults.blamed(strategies[0]):
                    cls.together(self.image, strategies)

    def _note(self, used: Iterable[Weights]) -> None:
        self._models |= dict.fromkeys(weights.record for weights in used)

    def _union(self, regions: list[Region]) -> Bits:
        return maskops.union(regions, self.image.shape)

    # --- which pixels --------------------------------------------------------------------------

    def _find_pixels(self, rule: Rule) -> Bits:
        match rule:
            case Find(PixelStrategy() as strategy):
                return self._selected(rule, strategy)
            case Outside(operand):
                return ~self.pixels(operand)
            case Combine(operator, operands):
                return self._combined_pixels(operator, operands)
            case Apply(source, step) if step.distributes:
                return self._union(self._applied(step, Region.of(self.pixels(source))))
        return self._union(self.regions(rule))

    def _combined_pixels(self, operator: str, operands: tuple[Rule, ...]) -> Bits:
        match operator:
            case "??":
                for operand in operands[:-1]:
                    if (found := self.pixels(operand)).any():
                        return found
                return self.pixels(operands[-1])
            case "|":
                self._together(operands)
                return reduce(np.bitwise_or, map(self.pixels, operands))
            case "^":
                return reduce(np.bitwise_xor, map(self.pixels, operands))
            case _:
                return self._cut_pixels(operands, inside=operator == "&")

    def _cut_pixels(self, operands: tuple[Rule, ...], *, inside: bool) -> Bits:
        kept = self.pixels(operands[0])
        for operand in operands[1:]:
            if not kept.any():
                break  # the other sides are never computed
            other = self.pixels(operand)
            kept = kept & other if inside else kept > other
        return kept


@contextmanager
def _spelt(*strategies: Strategy) -> Iterator[None]:
    """Where no model takes a phrase, say which one it may be that needs none."""
    try:
        yield
    except ModelError as error:
        from automask.selector.spelling import offers

        texts = [strategy.text for strategy in strategies if isinstance(strategy, Phrase)]
        raise ModelError(" ".join([*offers(texts), str(error)])) from error
