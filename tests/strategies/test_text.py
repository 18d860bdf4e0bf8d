"""`text` with its real weights: lettering drawn by the test, in the large and in the small."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from automask.errors import ArgumentError
from automask.images.load import load
from automask.maskops import iou, union
from automask.networks import lettering
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image, reading_order
from tests.strategies.test_saliency import GOLDEN

SAMPLES = GOLDEN.parents[1] / "samples"

pytestmark = pytest.mark.weights

WORDS = [("Reading", (40, 120), 2.0, 4), ("open nine", (190, 260), 1.0, 2)]


@pytest.fixture(autouse=True)
def weights(weights_of):
    return weights_of("ppocr6_small")


def page(scale=1, words=WORDS):
    """A page with words, and the boxes (x0, y0, x1, y1) that these fill."""
    down, across = np.mgrid[: 360 * scale, : 520 * scale]
    shade = (225 - 30 * across / (520 * scale) + 10 * down / (360 * scale)).astype(np.uint8)
    rgb, boxes = np.repeat(shade[..., None], 3, axis=2), []
    for word, (x, y), size, pen in words:
        font = cv2.FONT_HERSHEY_DUPLEX, size * scale
        (width, height), below = cv2.getTextSize(word, *font, pen * scale)
        cv2.putText(rgb, word, (x * scale, y * scale), *font, (40, 30, 90), pen * scale)
        boxes.append((x * scale, y * scale - height, x * scale + width, y * scale + below))
    return Image(rgb), boxes


GLYPHS = {
    "E": "XXXX X... XXX. X... XXXX",
    "F": "XXXX X... XXX. X... X...",
    "H": "X..X X..X XXXX X..X X..X",
    "I": ".X. .X. .X. .X. .X.",
    "L": "X... X... X... X... XXXX",
    "T": "XXX .X. .X. .X. .X.",
    " ": ".. .. .. .. ..",
}


def stamped(text="THE FILE", unit_px=9):
    """A picture of letters made of squares: OpenCV 5 draws text with other fonts than OpenCV 4."""
    rows = [".".join(GLYPHS[c].split()[i] for c in text) for i in range(5)]
    ink = np.array([[mark == "X" for mark in row] for row in rows])
    ink = np.pad(ink.repeat(unit_px, 0).repeat(unit_px, 1), ((90, 120), (70, 80)))
    return Image(np.where(ink[..., None], (40, 30, 90), (226, 222, 205)).astype(np.uint8))


def regions(text, image):
    return Evaluation(image).regions(parse(text))


def test_a_region_is_a_whole_line(weights):
    image, boxes = page()
    found = regions("text", image)
    assert [(r.label, r.source) for r in found] == [("text", "text")] * 2
    assert all(0.65 <= r.score <= 1 for r in found)
    for region, (x0, y0, x1, y1) in zip(found, boxes, strict=True):
        truth = np.zeros(image.shape, bool)
        truth[y0:y1, x0:x1] = True
        assert iou(union([region], image.shape), truth) > 0.65


@pytest.mark.parametrize("fast", ["", "(fast=true)"])
@pytest.mark.parametrize("scale", [1, 3])
def test_the_same_lines_at_any_size(scale, fast):
    plain = regions("text", page()[0])
    large = regions(f"text{fast}", page(scale)[0])
    assert len(large) == len(plain)
    for a, b in zip(plain, large, strict=True):
        assert np.abs(np.array(b.box) / scale - a.box).max() < 8


def test_small_letters_of_a_large_picture():
    small, rgb = stamped(unit_px=2).rgb, np.full((2000, 2400, 3), (226, 222, 205), np.uint8)
    places = [(60, 90), (1900, 1200), (400, 1700)]
    for x, y in places:
        rgb[y : y + small.shape[0], x : x + small.shape[1]] = small
    found = regions("text", Image(rgb))
    words = sorted((x + 70, y + 90) for x, y in places)  # their top left corners
    assert len(found) == len(words)
    for region, (x, y) in zip(sorted(found, key=lambda r: r.box.x0), words, strict=True):
        assert abs(region.box.x0 - x) < 6
        assert abs(region.box.y0 - y) < 6
        assert region.box.height < 24  # the letters are 10 px high
    assert len(regions("text(fast=true)", Image(rgb))) < len(words)


def test_the_least_score():
    image, _ = page()
    scores = sorted(r.score for r in regions("text(score=0)", image))
    least = scores[-1]
    assert len(regions(f"text(score={least - 1e-9})", image)) == 1
    assert regions("text(score=1)", image) == []


def test_the_network_runs_once_for_all_rules_of_an_image(monkeypatch):
    runs, seen = [], lettering.text_map
    monkeypatch.setattr(lettering, "text_map", lambda *args: runs.append(1) or seen(*args))
    image, _ = page()
    Evaluation(image).pixels(parse("text:largest | text(score=20%) - text:shrink(2px)"))
    Evaluation(image).regions(parse('text(model="ppocr6_small")'))
    assert len(runs) == 1


def test_the_mask_names_the_model(weights):
    image, _ = page()
    scene = Evaluation(image)
    scene.pixels(parse("text"))
    assert scene.models == (weights.record,)


def test_golden_mask_in_any_thread():
    golden = load(GOLDEN / "text_letters.png").gray > 127
    with ThreadPoolExecutor(3) as pool:
        masks = list(pool.map(lambda _: Evaluation(stamped()).pixels(parse("text")), range(3)))
    assert all(iou(mask, golden) >= 0.98 for mask in masks)
    assert np.array_equal(masks[0], masks[1])


def test_nothing_where_nothing_is_written():
    image, _ = page(words=[])
    assert regions("text", image) == []
    assert regions("text", load(SAMPLES / "coffee.jpg")) == []
    noise = np.random.default_rng(2).integers(0, 256, (90, 140, 3), np.uint8)
    assert regions("text", Image(noise)) == []


def test_regions_are_in_reading_order():
    words = [("left", (30, 300), 1.5, 3), ("right", (330, 90), 1.5, 3), ("mid", (60, 95), 1.5, 3)]
    found = regions("text", page(words=words)[0])
    assert len(found) == 3
    assert found == reading_order(found)


def test_a_model_it_cannot_use():
    with pytest.raises(ArgumentError, match="text cannot use the model 'u2netp'; choose from: ppo"):
        regions('text(model="u2netp")', page()[0])
