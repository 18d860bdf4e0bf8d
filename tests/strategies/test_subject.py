"""`subject` and `background` with their real weights, on photos."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from automask.images.load import load
from automask.maskops import iou
from automask.networks.net import Net
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image
from tests.strategies.test_saliency import GOLDEN

SAMPLES = GOLDEN.parents[1] / "samples"

pytestmark = pytest.mark.weights


@pytest.fixture(autouse=True)
def weights(weights_of):
    return weights_of("u2netp")


def pixels(text, image):
    return Evaluation(image).pixels(parse(text))


@pytest.mark.parametrize("name", ["coffee", "astronaut"])
def test_golden_mask_of_a_photo(name):
    golden = load(GOLDEN / f"subject_{name}.png").gray > 127
    assert iou(pixels("subject", load(SAMPLES / f"{name}.jpg")), golden) >= 0.98


def test_the_border_lies_on_the_edges_of_a_large_picture():
    """Enlarged three times, a rounded thing stays round: no steps of the map's coarse pixels."""
    small = load(SAMPLES / "coffee.jpg")
    large = cv2.resize(small.rgb, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    reduced = pixels("subject", Image(large))[1::3, 1::3]
    assert iou(reduced, pixels("subject", small)) > 0.98


@pytest.mark.parametrize(("name", "looks"), [("coffee", 1), ("rocket", 3)])
def test_the_background_is_the_rest_and_costs_no_look_more(monkeypatch, name, looks):
    runs, run = [], Net.run
    monkeypatch.setattr(Net, "run", lambda self, *args: runs.append(1) or run(self, *args))
    image = load(SAMPLES / f"{name}.jpg")
    found = pixels("subject", image)
    assert np.array_equal(pixels("background", image), ~found)
    assert np.array_equal(pixels("!subject", image), ~found)
    assert len(runs) == looks


def test_fast_looks_once_and_finds_about_the_same(monkeypatch):
    runs, run = [], Net.run
    monkeypatch.setattr(Net, "run", lambda self, *args: runs.append(1) or run(self, *args))
    image = load(SAMPLES / "cat.jpg")
    quick = pixels("subject(fast=true)", image)
    assert len(runs) == 1
    assert iou(quick, pixels("subject", image)) > 0.9


def test_the_same_in_any_thread():
    image = load(SAMPLES / "rocket.jpg")
    with ThreadPoolExecutor(3) as pool:
        masks = list(pool.map(lambda _: pixels("subject", Image(image.rgb)), range(3)))
    assert masks[0].any()
    assert all(np.array_equal(masks[0], mask) for mask in masks)


@pytest.mark.parametrize("shape", [(40, 70), (1, 1), (1, 30)])
def test_a_plain_picture_has_no_subject(shape):
    image = Image(np.full((*shape, 3), 128, np.uint8))
    assert not pixels("subject", image).any()
    assert pixels("background", image).all()


def test_the_mask_names_the_model(weights):
    scene = Evaluation(load(SAMPLES / "cat.jpg"))
    scene.pixels(parse("background"))
    assert scene.models == (weights.record,)
