"""`person` with real weights: by boxes where a detector is here, by faces where none is."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from automask import maskops
from automask.errors import RuleError
from automask.images.load import load
from automask.networks.boxes import Detections
from automask.networks.net import Net
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.strategies import person
from automask.types import Image

TESTS = Path(__file__).parents[1]
ASTRONAUT = TESTS.parent / "samples" / "astronaut.jpg"
RULES = ["person", "person(fast=true)"]

pytestmark = pytest.mark.weights


@pytest.fixture
def by_faces(weights_of, monkeypatch):
    """Only what the package index has: no detector."""
    for name in ("centerface", "selfie", "u2netp"):
        weights_of(name)
    monkeypatch.setattr(person, "DETECTORS", ())
    monkeypatch.setattr(person, "FACES", ("centerface",))


@pytest.fixture
def by_boxes(weights_of):
    weights_of(*person.DETECTORS)
    weights_of("selfie")


def pixels(image, text="person"):
    return Evaluation(image).pixels(parse(text))


def close_to_golden(mask, name):
    from PIL import Image as PILImage

    golden = np.asarray(PILImage.open(TESTS / "golden" / f"{name}.png")) > 0
    assert maskops.iou(mask, golden) > 0.98


def test_by_faces(by_faces):
    close_to_golden(pixels(load(ASTRONAUT)), "person_astronaut_by_faces")


def test_by_faces_fast(by_faces):
    close_to_golden(pixels(load(ASTRONAUT), "person(fast=true)"), "person_astronaut_by_faces_fast")


@pytest.mark.parametrize("rule", RULES)
def test_by_boxes(by_boxes, rule):
    name = "person_astronaut" if rule == "person" else "person_astronaut_fast"
    close_to_golden(pixels(load(ASTRONAUT), rule), name)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["coffee", "cat", "rocket"])
def test_nobody(by_faces, name, rule):
    assert not pixels(load(ASTRONAUT.with_name(f"{name}.jpg")), rule).any()


def test_two_people_are_two_regions(by_faces):
    rgb = load(ASTRONAUT).rgb
    found = Evaluation(Image(np.hstack([rgb, rgb[:, ::-1]]))).regions(parse("person"))
    assert len(found) == 2
    assert maskops.shared_px(*found) == 0
    assert abs(found[0].area / found[1].area - 1) < 0.2


def test_the_weaker_way_is_said_once(by_faces, caplog):
    person._say_weaker.cache_clear()
    with caplog.at_level(logging.WARNING, "automask"):
        pixels(load(ASTRONAUT))
        pixels(load(ASTRONAUT))
    (said,) = [r.message for r in caplog.records if "weaker" in r.message]
    assert "automask models pull nanodet_plus" in said


def test_models_that_took_part(by_faces):
    used = [found.model.name for found in parse("person").strategy.weights()]
    assert used == ["centerface", "u2netp", "selfie"]
    used = [found.model.name for found in parse("person(fast=true)").strategy.weights()]
    assert used == ["centerface", "selfie"]


def test_models_that_took_part_with_boxes(by_boxes):
    used = [found.model.name for found in parse("person(fast=true)").strategy.weights()]
    assert used[0] in person.DETECTORS
    assert used[1:] == ["selfie"]


@pytest.mark.parametrize(
    ("boxes", "rule", "used"),
    [
        ([(60, 10, 400, 510, 0.9)], "person", ["selfie"]),
        ([(60, 10, 400, 510, 0.2)], "person", ["yunet", "selfie"]),  # in doubt, with a face
        ([(0, 256, 500, 510, 0.2)], "person", ["yunet"]),  # in doubt, without one
        ([(60, 10, 90, 40, 0.2)], "person", []),  # too small to be asked about
        ([(60, 10, 400, 510, 0.9), (65, 15, 400, 510, 0.2)], "person", ["selfie"]),  # the same one
        ([(60, 10, 400, 510, 0.2)], "person(fast=true)", []),
        ([], "person", []),
    ],
)
def test_the_record_names_what_a_picture_needed(
    boxes, rule, used, by_boxes, weights_of, monkeypatch
):
    weights_of("yunet")
    rows = np.array(boxes, np.float32).reshape(-1, 5)
    seen = Detections(rows[:, :4], np.zeros(len(rows), np.intp), rows[:, 4])
    monkeypatch.setattr(person, "detect", lambda *_, **__: seen)
    evaluation = Evaluation(load(ASTRONAUT))
    evaluation.pixels(parse(rule))
    first, *others = [text.split()[0] for text in evaluation.models]
    assert first in person.DETECTORS
    assert others == used


CAT = 15


@pytest.mark.parametrize(
    ("rule", "body", "score", "people"),
    [
        ("person", (60, 10, 400, 510), 0.6, 1),  # with a face that is beyond doubt
        ("person", (0, 256, 500, 510), 0.6, 0),
        ("person", (0, 256, 500, 510), 0.4, 1),  # the cat is less sure
        ("person(fast=true)", (60, 10, 400, 510), 0.6, 0),
        ("person(fast=true)", (60, 10, 400, 510), 0.4, 1),
    ],
)
def test_a_surer_animal_in_the_same_place_is_no_person(
    rule, body, score, people, by_boxes, weights_of, monkeypatch
):
    weights_of("yunet")
    x0, y0, x1, y1 = body
    boxes = np.array([body, (x0 + 9, y0, x1, y1 - 9), (0, 0, 60, 60)], np.float32)
    seen = Detections(boxes, np.array([0, CAT, CAT]), np.array([0.5, score, 0.9], np.float32))
    monkeypatch.setattr(person, "detect", lambda *_, **__: seen)
    assert len(Evaluation(load(ASTRONAUT)).regions(parse(rule))) == people


def test_networks_run_once_an_image(by_faces, monkeypatch):
    runs = []
    run = Net.run
    monkeypatch.setattr(
        Net, "run", lambda self, *args, **kw: runs.append(1) or run(self, *args, **kw)
    )
    image = load(ASTRONAUT)
    pixels(image, "person:largest")
    once = len(runs)
    assert once == 4  # faces, the subject, two views
    pixels(image, "person:grow(5%) - person:shrink(5%)")
    assert len(runs) == once


def test_threads(by_faces):
    images = [Image(load(ASTRONAUT).rgb) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        masks = list(pool.map(pixels, images))
    assert all(np.array_equal(mask, masks[0]) for mask in masks)


def test_score_is_asked_for(by_faces):
    assert not pixels(load(ASTRONAUT), "person(score=100%)").any()


def test_mistakes(by_faces):
    with pytest.raises(RuleError, match="true or false"):
        parse("person(fast=perhaps)")
