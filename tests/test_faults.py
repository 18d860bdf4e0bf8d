"""Faults of plugins are told with the plugin's name, and spoil nothing else."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

import automask
from automask import faults
from automask.errors import ModelError, NeedsReview, PluginError, ProviderError
from automask.filters.base import FILTERS, Filter
from automask.providers.base import PROVIDERS, Job, Progress, Provider, State
from automask.strategies.base import STRATEGIES, PixelStrategy, Strategy
from automask.types import Box, Region

ANSWER = {}  # what the parts below give: a function, set by a test
PICTURE = np.zeros((40, 60, 3), np.uint8)
SQUARE = np.ones((4, 4), bool)
AT = Box(0, 0, 4, 4)


@dataclass(frozen=True)
class Found(Strategy):
    """What `ANSWER` says."""

    def find(self, image):
        return ANSWER["find"](image)


@dataclass(frozen=True)
class Chosen(PixelStrategy):
    """What `ANSWER` says."""

    def select(self, image):
        return ANSWER["select"](image)


@dataclass(frozen=True)
class Divided(PixelStrategy):
    """All, in parts as `ANSWER` says."""

    def select(self, image):
        return np.ones(image.shape, bool)

    def parts(self, selected):
        return ANSWER["parts"](selected)


@dataclass(frozen=True)
class Kept(Filter):
    """What `ANSWER` says."""

    def apply(self, regions, scene):
        return ANSWER["apply"](regions)


@dataclass(frozen=True)
class Painter(Provider):
    """What `ANSWER` says."""

    def check(self, job: Job) -> list[str]:
        return ANSWER.get("check", list)()

    def submit(self, job: Job) -> str:
        return ANSWER.get("submit", lambda: "handle")()

    def progress(self, handle: str) -> Progress:
        return ANSWER["progress"]()

    def pictures(self, progress: Progress) -> tuple[bytes, ...]:
        return ANSWER.get("pictures", lambda: progress.pictures)()


@pytest.fixture(autouse=True)
def _plugin():
    """The parts above as a plugin of one file would register them, and nothing left of it."""
    parts = {
        STRATEGIES: {"found": Found, "chosen": Chosen, "divided": Divided},
        FILTERS: {"kept": Kept},
    }
    parts[PROVIDERS] = {"painter": Painter}
    before = {registry: set(registry.names()) for registry in parts}
    for registry, classes in parts.items():
        for name, cls in classes.items():
            registry.register(name)(cls)
    yield
    for registry, names in before.items():
        registry._keep(names)
    ANSWER.clear()


def raises(error):
    def answer(*_):
        raise error

    return answer


def region(mask=SQUARE, box=AT, label="", score=1.0):
    return lambda _: [Region(mask, box, label, score)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (raises(ZeroDivisionError("division by zero")), "with ZeroDivisionError: division by zero"),
        (raises(RuntimeError("one\n  two")), "failed with RuntimeError: one two"),
        (raises(AssertionError()), "failed with AssertionError"),
        (raises(SystemExit(3)), "failed with SystemExit: 3"),
        (raises(FileNotFoundError(2, "No such file", "net.onnx")), "net.onnx"),
        (lambda _: None, "gave None where a list of regions is wanted"),
        (lambda i: np.ones(i.shape, bool), r"gave bool of shape \(40, 60\) where a list of"),
        (lambda _: [(SQUARE, AT)], "a tuple is not a Region"),
        (region(np.full((4, 4), 255, np.uint8)), r"bool of shape \(4, 4\), as its box, not uint8"),
        (region(np.full((4, 4), 0.5)), "not float64"),
        (region(np.ones((4, 5), bool)), r"not bool of shape \(4, 5\)"),
        (region(box=Box(58, 0, 62, 4)), "not inside the image, which is 60 x 40"),
        (region(box=Box(-2, 0, 2, 4)), "not inside the image"),
        (region(box=Box(4, 4, 0, 0)), "not inside the image"),
        (region(box=(0, 0, 4, 4)), "not a Box of four plain ints"),
        (region(box=Box(0.0, 0.0, 4.0, 4.0)), "not a Box of four plain ints"),
        (region(box=Box(*map(np.int64, AT))), "not a Box of four plain ints"),
        (region(~SQUARE), "larger than the selected pixels need; `Region.of` trims it"),
        (region(np.eye(4, dtype=bool) & (np.arange(4) < 2)), "larger than the selected pixels"),
        (lambda _: [Region(SQUARE, AT, area=5)], "an area of 5 is not"),
        (region(score=float("nan")), "a score is 0 to 1"),
        (region(score=95), "a score is 0 to 1"),
        (region(score=np.float32(0.5)), "a plain float"),
        (region(label=7), "the label 7 is not text"),
        (lambda _: (SQUARE for _ in range(2)), "a region that is none"),
    ],
)
@pytest.mark.parametrize("ask", [automask.mask, automask.regions, automask.explain])
def test_what_a_strategy_of_a_plugin_does_wrong(answer, words, ask):
    ANSWER["find"] = answer
    with pytest.raises(PluginError, match=rf"^The strategy 'found' of test\w*\S* .*{words}"):
        ask(PICTURE, "found:grow(2px) | rect(0, 0, 50%, 50%)")
    assert automask.mask(PICTURE, "rect(0, 0, 50%, 50%)").area == 600


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (raises(KeyError("weights")), "failed with KeyError: 'weights'"),
        (lambda _: None, "gave None where bool of shape"),
        (lambda i: [[True] * i.width] * i.height, "gave a list where"),
        (lambda i: np.full(i.shape, 255, np.uint8), "gave uint8 of shape"),
        (lambda i: np.full(i.shape, 0.3), "gave float64 of shape"),
        (lambda i: np.ones(i.shape[::-1], bool), r"gave bool of shape \(60, 40\)"),
        (lambda i: np.ones((*i.shape, 3), bool), r"gave bool of shape \(40, 60, 3\)"),
        (lambda i: np.ones((0, i.width), bool), r"gave bool of shape \(0, 60\)"),
    ],
)
@pytest.mark.parametrize("ask", [automask.mask, automask.regions, automask.explain])
def test_what_a_strategy_of_pixels_does_wrong(answer, words, ask):
    ANSWER["select"] = answer
    with pytest.raises(PluginError, match=rf"^The strategy 'chosen' of .*{words}"):
        ask(PICTURE, "chosen")


@pytest.mark.parametrize("answer", [lambda _: [1], lambda _: None, raises(ValueError("no"))])
@pytest.mark.parametrize("rule", ["divided", "divided:largest", "divided[0]"])
def test_what_a_strategy_of_pixels_with_parts_of_its_own_does_wrong(answer, rule):
    ANSWER["parts"] = answer
    with pytest.raises(PluginError, match=r"^The strategy 'divided' of "):
        automask.regions(PICTURE, rule)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (raises(ValueError("no")), "failed with ValueError: no"),
        (lambda _: None, "gave None where a list of regions is wanted"),
        (lambda regions: regions[0], "gave a Region where a list of regions is wanted"),
        (lambda regions: [r.mask for r in regions], "is not a Region"),
    ],
)
def test_what_a_filter_does_wrong(answer, words):
    ANSWER["apply"] = answer
    with pytest.raises(PluginError, match=rf"^The filter 'kept' of .*{words}"):
        automask.mask(PICTURE, "grid(3, 2):kept")


def test_a_filter_that_changes_its_list_changes_nothing_else():
    def emptied(regions):
        regions.clear()
        return []

    ANSWER["apply"] = emptied
    assert len(automask.regions(PICTURE, "grid(3, 2):kept | grid(3, 2)")) == 6


def test_errors_of_automasks_own_kind_are_the_plugins_own_words():
    for error in (ModelError("fetch it"), NeedsReview("look"), MemoryError()):
        ANSWER["find"] = raises(error)
        with pytest.raises(type(error)) as caught:
            automask.mask(PICTURE, "found")
        assert str(caught.value) == str(error)


def test_what_is_right_is_taken_as_it_is():
    ANSWER["find"] = lambda _: (r for r in [Region(SQUARE, AT, "a", 1, "b")])
    ANSWER["select"] = lambda image: np.asfortranarray(np.ones(image.shape, bool))
    assert automask.regions(PICTURE, "found")[0].box == AT
    assert automask.mask(PICTURE, "found - chosen").area == 0


def test_what_a_plugin_prints_is_no_result(capsys):
    def talkative(image):
        print("hello")  # noqa: T201  (the point)
        return Region.of(np.ones(image.shape, bool))

    ANSWER["find"] = talkative
    automask.mask(PICTURE, "found")
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "hello\n")
    with ThreadPoolExecutor(2) as pool:  # each would put back what the other has set
        list(pool.map(lambda _: automask.mask(PICTURE, "found"), range(20)))
    assert threading.current_thread() is threading.main_thread()
    print("still stdout")  # noqa: T201
    assert capsys.readouterr().out.endswith("still stdout\n")


@pytest.mark.parametrize(
    ("step", "answer", "words"),
    [
        ("check", raises(ValueError("no")), "failed with ValueError: no"),
        ("check", lambda: "a note", "gave a str where list is wanted"),
        ("submit", raises(ValueError("no")), "failed with ValueError: no"),
        ("submit", lambda: None, "gave None where str is wanted"),
        ("progress", raises(ValueError("no")), "failed with ValueError: no"),
        ("progress", lambda: None, "gave None where Progress is wanted"),
        ("progress", lambda: Progress("over"), "'over' is not a valid State"),
        ("progress", lambda: Progress(State.DONE, pictures=(PICTURE,)), "where bytes is wanted"),
        ("pictures", lambda: None, "failed with TypeError: 'NoneType' object is not iterable"),
        ("pictures", lambda: (n for n in [1]), "gave a int where bytes is wanted"),
        ("pictures", lambda: {"a": b"1"}, "gave a str where bytes is wanted"),
        ("pictures", lambda: PICTURE, r"gave uint8 of shape \(60, 3\) where bytes is wanted"),
    ],
)
def test_what_a_provider_does_wrong(step, answer, words):
    ANSWER["progress"] = lambda: Progress(State.DONE, pictures=(b"",))
    ANSWER[step] = answer
    with pytest.raises(PluginError, match=rf"^The provider 'painter' of .*{words}"):
        automask.run(PICTURE, "rect(0, 0, 50%, 50%)", provider="painter")


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("done"), "painter did not deliver: the job is done, without a picture"),
        (Progress("failed", error="no luck"), "painter did not deliver: the job failed: no luck"),
        (
            Progress("done", pictures=(b"junk",)),
            "painter delivered something else: .* not an image",
        ),
    ],
)
def test_what_a_provider_does_not_deliver(progress, words):
    ANSWER["progress"] = lambda: progress
    with pytest.raises(ProviderError, match=words):
        automask.run(PICTURE, "rect(0, 0, 50%, 50%)", provider="painter")


def test_whose_code_an_error_comes_from():
    def fails():
        return 1 / 0

    with pytest.raises(ZeroDivisionError) as caught:
        fails()
    assert faults.culprit(caught.value) == STRATEGIES.owner("found")
    assert faults.culprit(ZeroDivisionError()) == "automask"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: type("Alone", (), {}), "does not derive from Strategy"),
        (lambda: type("Bare", (Found,), {"__annotations__": {"a": int}}), "is no frozen dataclass"),
        (
            lambda: dataclass(frozen=True)(type("Vague", (Strategy,), {})),
            "does not define find",
        ),
        (
            lambda: dataclass(frozen=True)(
                type("Odd", (Found,), {"__annotations__": {"a": complex}, "a": 1j})
            ),
            "a field that rules cannot write",
        ),
        (
            lambda: dataclass(frozen=True)(
                type("Lost", (Found,), {"__annotations__": {"a": "Nowhere"}, "a": 1})
            ),
            "'Nowhere' is not defined",
        ),
    ],
)
def test_a_class_that_cannot_be_used_is_refused_when_it_is_registered(make, words):
    """One of them in a listing would else stop `automask strategies` for all."""
    cls = make()
    with pytest.raises(PluginError, match=f"^The strategy 'odd' of .* cannot be used: .*{words}"):
        STRATEGIES.register("odd")(cls)
    assert "odd" not in list(STRATEGIES)


def test_a_class_without_arguments_needs_no_decorator_of_its_own():
    class Plain(Found):
        """What `ANSWER` says."""

        example: ClassVar[str] = "plain"

    STRATEGIES.register("plain")(Plain)
    ANSWER["find"] = lambda _: []
    assert automask.mask(PICTURE, "plain:grow(2px)").rule == "plain:grow(2px)"


def test_a_part_without_a_name_is_told_by_its_class():
    class Nameless(Found):
        name: ClassVar[str] = "nameless"

    with (
        pytest.raises(PluginError, match=r"Nameless of .*test_faults failed with ValueError: no"),
        faults.blamed(Nameless()),
    ):
        raise ValueError("no")
