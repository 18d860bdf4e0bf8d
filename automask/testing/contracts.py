"""Contract tests that a plugin inherits, and that automask runs over its own registry.

Subclass a contract and say which names it is for; pytest does the rest::

    import pytest
    from automask.testing import FilterContract, StrategyContract

    @pytest.mark.parametrize("name", ["stripes"])
    class TestStripes(StrategyContract): ...

Each test works on the class's own `example`, which therefore has to use the class and no model.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from automask import maskops
from automask.arguments import parameters
from automask.errors import NeedsReview
from automask.filters.base import FILTERS, Filter
from automask.registry import Registry
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.selector.syntax import Apply, Find, Rule, walk
from automask.strategies.base import STRATEGIES, PixelStrategy, Strategy
from automask.testing.images import pictures
from automask.testing.regions import check_pixels, check_regions, same_regions
from automask.types import Bits, Image, Region, reading_order

T = TypeVar("T", Strategy, Filter)

PICTURE_FILES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"}
"""An argument with one of these endings is taken for a file, and the contract makes the file."""

SOURCES = (
    "none",
    "all",
    "grid(3, 2)",
    "rect(10%, 20%, 30%, 50%) | ellipse(30%, 30%, 60%, 50%)",
    "border(2px) & rect(0, 0, 50%, 100%) | border(2px) - rect(0, 0, 50%, 100%)",
    "rect(30%, 30%, 3px, 2px) | rect(30%, 40%, 3px, 2px) | rect(30%, 35%, 3px, 6%)",
)
"""What a filter's contract passes through the filter: no region, one, many, two that overlap, two
halves of a frame that only together have a hole, specks that only together are large."""


class NamedContract:
    """What all that is registered under a name has in common: words and arguments."""

    registry: Registry[Any]

    def test_says_what_it_gives(self, name: str) -> None:
        """The docstring begins with one sentence of at most 100 characters."""
        cls = self.registry[name]
        first = (cls.__doc__ or "").strip().split("\n")[0]
        assert first, f"{name} has no docstring"
        assert not first.startswith(f"{cls.__name__}("), (
            f"{name} has only dataclass's own docstring"
        )
        assert len(first) <= 100, f"the first line of {name}'s docstring is over 100 characters"
        assert first.endswith("."), f"the first line of {name}'s docstring is not a sentence"

    def test_arguments_are_described(self, name: str) -> None:
        """Each argument has a kind; each default prints and reads back to itself."""
        for parameter in parameters(self.registry[name]):
            assert parameter.kind.what, f"{name}({parameter.name}) does not say what it takes"
            if parameter.default is not None and not parameter.variadic:
                assert parameter.kind.read(parameter.default) == parameter.default


class DescribedContract(NamedContract):
    """What strategies and filters also have in common: heading, example, the printed form."""

    def test_stands_under_a_heading(self, name: str) -> None:
        """`group` is set, and `name` is the name it is registered under."""
        cls = self.registry[name]
        assert cls.group.strip(), f"{name} has no group"
        assert cls.group != "other", f"{name} has no group"
        assert cls.name == name

    def test_example_uses_it(self, name: str) -> None:
        """`example` is a rule and `name` is part of it."""
        cls = self.registry[name]
        assert cls.example, f"{name} has no example"
        assert _instance_in(parse(cls.example), name, cls) is not None

    def test_example_prints_and_reads_back(self, name: str) -> None:
        """Printing the example and reading it gives the same rule, and the same text."""
        rule = parse(self.registry[name].example)
        assert parse(str(rule)) == rule
        assert str(parse(str(rule))) == str(rule)
        assert hash(parse(str(rule))) == hash(rule)


class StrategyContract(DescribedContract):
    """The tests of a strategy that runs without a model; parametrise it with `name`."""

    registry = STRATEGIES

    def test_regions_are_sound(self, name: str) -> None:
        """Masks are bool crops with tight boxes inside the image, also on degenerate images."""
        for title, image in pictures().items():
            with _found(name, image) as regions:
                check_regions(regions, image)
                assert _union(regions, image).shape == image.shape, title

    def test_regions_are_in_reading_order(self, name: str) -> None:
        """The regions go by the top of the box, then its left, then the higher score."""
        for image in pictures().values():
            with _found(name, image) as regions:
                assert [id(r) for r in regions] == [id(r) for r in reading_order(regions)]

    def test_image_is_not_written_to(self, name: str) -> None:
        """The pixels and the alpha of the image are the same afterwards."""
        for image in pictures().values():
            planes = [image.rgb] if image.alpha is None else [image.rgb, image.alpha]
            before = [plane.copy() for plane in planes]
            with _found(name, image):
                assert all(map(np.array_equal, planes, before))

    def test_same_answer_twice(self, name: str) -> None:
        """The same picture gives the same regions, as the same object and as a fresh one."""
        for title, image in pictures().items():
            with (
                _found(name, image) as once,
                _found(name, image) as again,
                _found(name, pictures()[title]) as fresh,
            ):
                assert same_regions(once, again), title
                assert same_regions(once, fresh), title

    def test_same_answer_in_threads(self, name: str) -> None:
        """Several threads, on one image and another at once, get what one thread gets."""
        with _example_of(STRATEGIES[name], name, pictures()["scene"]) as strategy:
            alone, shared = strategy.find(pictures()["scene"]), pictures()["scene"]
            other = Image(255 - shared.rgb[::-1, ::-1])
            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(strategy.find, [shared, other] * 2))[::2]
        assert all(same_regions(alone, answer) for answer in answers)

    def test_prints_nothing(self, name: str, capfd: Any) -> None:
        """Standard output is left to results; what there is to say goes to `logging`."""
        with _found(name, pictures()["scene"]):
            assert not capfd.readouterr().out

    def test_pixels_agree_with_regions(self, name: str) -> None:
        """The mask of a rule is the union of its regions."""
        for title, image in pictures().items():
            with _example_of(STRATEGIES[name], name, image) as strategy:
                _check_both_answers(Find(strategy), image, title)

    def test_models_that_took_part(self, name: str) -> None:
        """They are among those that the strategy may use on this machine."""
        image = pictures()["scene"]
        with _example_of(STRATEGIES[name], name, image) as strategy:
            strategy.find(image)
            assert set(strategy.took_part(image)) <= set(strategy.weights())

    def test_example_runs(self, name: str) -> None:
        """The whole example evaluates to a mask of the image's shape."""
        image = pictures()["scene"]
        with _example_rule(STRATEGIES[name], image) as rule:
            _check_both_answers(rule, image, str(rule))


class FilterContract(DescribedContract):
    """The tests of a filter; parametrise it with `name`."""

    registry = FILTERS

    def test_regions_are_sound(self, name: str) -> None:
        """What comes out are regions of the image: none, one, many or overlapping going in."""
        for rule, image, _ in _filtered(name):
            check_regions(_answer(rule, image), image)

    def test_answers_agree(self, name: str) -> None:
        """The mask of a filtered rule is the union of its regions, whatever `distributes` says."""
        for rule, image, title in _filtered(name):
            _check_both_answers(rule, image, title)

    def test_same_answer_twice(self, name: str) -> None:
        """The same regions filtered twice give the same regions."""
        for rule, image, title in _filtered(name):
            assert same_regions(_answer(rule, image), _answer(rule, image)), title

    def test_input_is_not_changed(self, name: str) -> None:
        """Neither the list, nor its regions, nor the image are written to."""
        for rule, image, title in _filtered(name):
            scene = Evaluation(image)
            given = scene.regions(rule.source)
            kept = [(r, r.box, r.mask.copy(), r.label, r.score, r.source) for r in given]
            pixels = image.rgb.copy()
            _reviewed(lambda rule=rule, given=given, scene=scene: rule.step.apply(given, scene))
            assert [id(r) for r in given] == [id(r) for r, *_ in kept], title
            for region, box, mask, label, score, source in kept:
                assert (region.box, region.label) == (box, label), title
                assert (region.score, region.source) == (score, source), title
                assert np.array_equal(region.mask, mask), title
            assert np.array_equal(image.rgb, pixels), title

    def test_prints_nothing(self, name: str, capfd: Any) -> None:
        """Standard output is left to results; what there is to say goes to `logging`."""
        image = pictures()["scene"]
        with _example_of(FILTERS[name], name, image) as step:
            scene = Evaluation(image)
            given = scene.regions(parse("grid(3, 2)"))
            _reviewed(lambda: step.apply(given, scene))
            assert not capfd.readouterr().out

    def test_is_a_method_of_rules(self, name: str) -> None:
        """`name` is not that of something else that rules have in Python, such as `parts`."""
        assert not hasattr(Rule, name), f"{name} is an attribute of Rule; choose another name"

    def test_nothing_gives_no_error(self, name: str) -> None:
        """An empty list passes through without an error, on every picture."""
        for image in pictures().values():
            with _example_of(FILTERS[name], name, image) as step:
                check_regions(_answer(Apply(parse("none"), step), image), image)

    def test_example_runs(self, name: str) -> None:
        """The whole example evaluates, or asks for a review, without a model."""
        image = pictures()["scene"]
        with _example_rule(FILTERS[name], image) as rule:
            check_regions(_answer(rule, image), image)


# --- how the tests get at things ---------------------------------------------------------------


def _instance_in(rule: Rule, name: str, cls: type[T]) -> T | None:
    for part in walk(rule):
        held = getattr(part, "strategy", None) if isinstance(part, Find) else None
        held = part.step if isinstance(part, Apply) else held
        if isinstance(held, cls) and held.name == name:
            return held
    return None


@contextmanager
def _example_rule(cls: type[T], image: Image) -> Iterator[Rule]:
    """The example of `cls`, with the picture files that it names made for `image`."""
    with tempfile.TemporaryDirectory() as folder:
        yield _with_files(parse(cls.example), image, Path(folder))


@contextmanager
def _example_of(cls: type[T], name: str, image: Image) -> Iterator[T]:
    """The first instance of `cls` in its own example."""
    with _example_rule(cls, image) as rule:
        found = _instance_in(rule, name, cls)
        assert found is not None, f"the example of {name} does not use it: {cls.example!r}"
        yield found


@contextmanager
def _found(name: str, image: Image) -> Iterator[list[Region]]:
    with _example_of(STRATEGIES[name], name, image) as strategy:
        if isinstance(strategy, PixelStrategy):
            check_pixels(strategy.select(image), image)  # what cuts it up trusts it
        yield strategy.find(image)


def _with_files(value: Any, image: Image, folder: Path) -> Any:
    """`value`, a rule or a part of one, with the names of picture files replaced by real ones."""
    if isinstance(value, str):
        return _picture_file(value, image, folder)
    if isinstance(value, tuple):
        return tuple(_with_files(item, image, folder) for item in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    held = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
    made = {key: _with_files(item, image, folder) for key, item in held.items()}
    return value if made == held else dataclasses.replace(value, **made)


def _picture_file(text: str, image: Image, folder: Path) -> str:
    from PIL import Image as PILImage

    if Path(text).suffix.lower() not in PICTURE_FILES:
        return text
    path = folder / Path(text).name
    half = image.rgb.copy()
    half[: image.height // 2] = 0  # neither blank nor the picture itself
    PILImage.fromarray(half).save(path)
    return str(path)


def _filtered(name: str) -> Iterator[tuple[Apply, Image, str]]:
    """The filter `name` of its own example behind each of `SOURCES`, on each of `pictures`."""
    for title, image in pictures().items():
        with _example_of(FILTERS[name], name, image) as step:
            for source in SOURCES:
                yield Apply(parse(source), step), image, f"{source} on {title}"


def _answer(rule: Rule, image: Image) -> list[Region]:
    """The regions of `rule`; none where a guard asks for a review."""
    return _reviewed(lambda: Evaluation(image).regions(rule)) or []


def _reviewed(work: Any) -> Any:
    try:
        return work()
    except NeedsReview:
        return None


def _union(regions: Sequence[Region], image: Image) -> Bits:
    return maskops.union(regions, image.shape)


def _check_both_answers(rule: Rule, image: Image, title: str) -> None:
    """Assert that `rule` selects the pixels that its regions have."""
    regions = _reviewed(lambda: Evaluation(image).regions(rule))
    pixels = _reviewed(lambda: Evaluation(image).pixels(rule))
    assert (regions is None) == (pixels is None), f"{title}: one of two answers asks for a review"
    if regions is not None:
        assert pixels.dtype == np.bool_, f"{title}: a mask is bool, not {pixels.dtype}"
        assert pixels.shape == image.shape, f"{title}: a mask of shape {pixels.shape}"
        assert np.array_equal(_union(regions, image), pixels), f"{title}: the two answers differ"
        counted = Evaluation(image).count(rule)
        assert counted == len(regions), f"{title}: {len(regions)} regions, counted as {counted}"
