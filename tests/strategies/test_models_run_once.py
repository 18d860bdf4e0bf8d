"""Every strategy that runs a model: once an image, loaded once, not where it is not needed."""

import logging
from collections import Counter

import numpy as np
import pytest

from automask import images
from automask.errors import ArgumentError, ModelError
from automask.networks import net, onnx, yunet
from automask.networks.onnx import OnnxNet
from automask.selection import read_rule
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.strategies.base import STRATEGIES
from automask.types import Image
from automask.weights.facts import facts, model

ASTRONAUT = "samples/astronaut.jpg"
SEEING = [name for name in STRATEGIES if STRATEGIES[name].models]
BLANK = Image(np.zeros((8, 12, 3), np.uint8))


def example(name):
    """A short rule of the strategy alone."""
    return 'phrase("rusty gate")' if name == "phrase" else name


@pytest.fixture
def runs(monkeypatch):
    """How often the network of each file was run, and read."""
    counted = {"run": Counter(), "read": Counter()}

    def watched(owner, name, what, path_of):
        genuine = getattr(owner, name)

        def counting(first, *args):
            counted[what][path_of(first)] += 1
            return genuine(first, *args)

        monkeypatch.setattr(owner, name, counting)

    for engine in (net.Net, OnnxNet):
        watched(engine, "run", "run", lambda it: it.path.name)
    watched(net, "_read", "read", lambda path: path.name)
    watched(onnx, "_session", "read", lambda path: path.name)
    watched(yunet.YuNet, "run", "run", lambda _: "yunet")
    for loaded in (net._loaded, net._loaded_in_onnx):
        loaded.cache_clear()
    return counted


@pytest.mark.weights
@pytest.mark.parametrize("name", SEEING)
def test_once_an_image_however_often_a_rule_names_it(name, runs, weights_of, caplog):
    weights_of(*STRATEGIES[name].models)
    caplog.set_level(logging.ERROR)
    strategy = example(name)
    image = images.load(ASTRONAUT)
    try:
        Evaluation(image).pixels(parse(strategy))
    except ModelError as error:
        pytest.skip(str(error).splitlines()[0])
    once = runs["run"].copy()
    assert once
    for rule in (
        "{0} | {0}:grow(2px) - {0}",
        "!({0}[0:] ?? none) ^ {0}:largest",
        "{0}:inside({0}) & {0}:near({0}, 3px)",
    ):
        Evaluation(image).pixels(parse(rule.format(strategy)))  # the same picture: nothing more
        assert runs["run"] == once
        runs["run"].clear()
        Evaluation(images.load(ASTRONAUT)).regions(parse(rule.format(strategy)))
        assert runs["run"] == once
    assert set(runs["read"].values()) <= {1}


@pytest.mark.weights
@pytest.mark.parametrize(
    ("rule", "alike"),
    [
        ("face", "eyes(score=80%) | mouth | face(score=40%)"),
        ("person", "person(score=30%) | person(score=35%):grow(2px)"),
        ("person(fast=true)", "person(fast=true, score=30%)"),
        ("object", 'object("person") | object("person", score=30%)'),
        ("text", "text(score=80%) | text(score=30%)"),
        ("subject", "subject(fast=true) | background | background(fast=true)"),
    ],
)
def test_once_an_image_for_all_that_differ_in_what_they_make_of_it(rule, alike, runs, weights_of):
    weights_of(*STRATEGIES[rule.partition("(")[0]].models)
    image = images.load(ASTRONAUT)
    Evaluation(image).pixels(parse(rule))
    once = runs["run"].copy()
    assert once
    Evaluation(image).pixels(parse(alike))
    assert runs["run"] == once


@pytest.mark.weights
@pytest.mark.parametrize("name", SEEING)
def test_regions_are_the_callers_own(name, weights_of):
    weights_of(*STRATEGIES[name].models)
    image = images.load(ASTRONAUT)
    rule = parse(example(name))
    try:
        found = Evaluation(image).regions(rule)
    except ModelError as error:
        pytest.skip(str(error).splitlines()[0])
    said = list(map(repr, found))
    for region in found:
        region.label, region.score = "mine", 0.0
    found.clear()
    assert list(map(repr, Evaluation(image).regions(rule))) == said


@pytest.mark.parametrize("name", SEEING)
@pytest.mark.parametrize(
    "rule",
    [
        "all ?? {}",
        "none & {}",
        "none - {}",
        "none:inside({})",
        "none & (all - {})",
        "all:nearest(all) ?? {}",
    ],
)
def test_nothing_is_computed_that_is_not_needed(name, rule, monkeypatch):
    monkeypatch.setattr(STRATEGIES[name], "find", lambda *_: pytest.fail("not needed"))
    monkeypatch.setattr(STRATEGIES[name], "weights", lambda *_: pytest.fail("not needed"))
    tree = parse(rule.format(example(name)))
    for ask in (Evaluation.pixels, Evaluation.regions):
        evaluation = Evaluation(BLANK)
        ask(evaluation, tree)
        assert evaluation.models == ()


@pytest.mark.weights
def test_a_rule_of_faces_loads_nothing_else(runs, weights_of):
    held = weights_of("yunet", "centerface")
    rule = "face:largest:grow(10%) - eyes | mouth ?? subject"
    evaluation = Evaluation(images.load(ASTRONAUT))
    assert evaluation.pixels(parse(rule)).any()
    assert evaluation.models == (held.record,)
    assert set(runs["run"]) == {"yunet" if held.model.name == "yunet" else held.path.name}
    assert len(runs["read"]) <= 1


@pytest.mark.weights
@pytest.mark.parametrize("picture", ["astronaut", "cat", "rocket", "row"])
@pytest.mark.parametrize(
    "rule",
    [
        "person",
        "person(fast=true)",
        "person(score=5%)",
        "object",
        "object(score=50%)",
        'object("cat")',
        "subject - text",
        "person:largest ?? face",
    ],
)
def test_the_record_names_the_models_that_ran_and_no_others(rule, picture, runs, weights_of):
    for part in ("face", "person", "object", "subject", "text"):
        if part in rule:
            weights_of(*STRATEGIES[part].models)
    row = Image(np.full((1, 90, 3), 90, np.uint8))
    evaluation = Evaluation(row if picture == "row" else images.load(f"samples/{picture}.jpg"))
    evaluation.pixels(parse(rule))
    files = {model(name).file: name for name in facts()}
    assert {it.split()[0] for it in evaluation.models} == {files.get(it, it) for it in runs["run"]}


@pytest.mark.parametrize("name", SEEING)
def test_a_pinned_model_that_it_cannot_use_is_refused_and_told(name):
    inner = '"rusty gate", ' if name == "phrase" else ""
    first = STRATEGIES[name].models[0]
    tree = parse(f'all - {name}({inner}model="lama"):grow(2px)')
    for use in (Evaluation(BLANK).pixels, read_rule):  # the second before a picture is read
        with pytest.raises(
            ArgumentError, match=f"{name} cannot use the model 'lama'; choose from: {first}"
        ):
            use(tree)
