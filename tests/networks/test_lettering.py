"""Lettering large and small, with a network that marks what is red; and with the real one."""

import sys

import cv2
import numpy as np
import pytest

from automask.networks import lettering, net
from automask.types import Image
from automask.weights import Weights, model

AREA_PX = 60_000


@pytest.fixture
def looks(monkeypatch):
    """The pictures that the network has seen: it finds letters where they are red."""
    seen = []

    def text_map(rgb, _):
        seen.append(rgb)
        assert rgb.shape[0] % 32 == rgb.shape[1] % 32 == 0
        return rgb[..., 0].astype(np.float32) / 255

    monkeypatch.setattr(lettering, "text_map", text_map)
    return seen


@pytest.fixture
def weights(tmp_path):
    return Weights(model("ppocr6_small"), tmp_path / "text.onnx")


def written(shape, *boxes):
    """A picture with red bars: (x0, y0, x1, y1)."""
    rgb = np.zeros((*shape, 3), np.uint8)
    for x0, y0, x1, y1 in boxes:
        rgb[y0:y1, x0:x1, 0] = 250
    return Image(rgb)


def places(lines):
    """The bounds of lines in whole pixels, from top to bottom."""
    bounds = [(*line.outline.min(axis=0), *line.outline.max(axis=0)) for line in lines]
    return sorted((tuple(round(float(n)) for n in row) for row in bounds), key=lambda b: b[1])


LARGE, SMALL = (300, 100, 900, 180), (200, 700, 500, 708)


def test_a_small_picture_is_seen_once(looks, weights):
    lines = lettering.lines(written((240, 320), (30, 40, 200, 60)), weights, AREA_PX)
    assert [seen.shape for seen in looks] == [(224, 288, 3)]
    assert np.allclose(places(lines), [(30, 40, 199, 59)], atol=2)


def test_small_letters_are_seen_closer_and_nothing_twice(looks, weights):
    lines = lettering.lines(written((900, 1200), LARGE, SMALL), weights, AREA_PX)
    assert len(looks) == 2
    assert np.allclose(places(lines), [(300, 100, 899, 179), (200, 700, 499, 707)], atol=4)


def test_large_letters_alone_are_seen_once(looks, weights):
    lines = lettering.lines(written((900, 1200), LARGE), weights, AREA_PX)
    assert len(looks) == 1
    assert np.allclose(places(lines), [(300, 100, 899, 179)], atol=4)


def test_a_line_through_several_tiles_is_one(looks, weights, monkeypatch):
    monkeypatch.setattr(lettering, "TILE_PX", 128)
    monkeypatch.setattr(lettering, "OVERLAP_PX", 32)
    lines = lettering.lines(written((900, 1200), (20, 300, 1180, 312)), weights, AREA_PX)
    assert len(looks) > 4
    assert np.allclose(places(lines), [(20, 300, 1179, 311)], atol=4)


def test_no_more_tiles_than_it_may(looks, weights, monkeypatch):
    monkeypatch.setattr(lettering, "TILE_PX", 128)
    monkeypatch.setattr(lettering, "OVERLAP_PX", 32)
    rows = [(100, y, 1100, y + 12) for y in range(50, 850, 60)]
    for most in (3, 0):
        looks.clear()
        lines = lettering.lines(written((900, 1200), *rows), weights, AREA_PX, most)
        assert len(looks) == 1 + most
        # what was not seen closer is there as the first look has found it
        assert np.allclose(
            places(lines), [(x0, y0, x1 - 1, y1 - 1) for x0, y0, x1, y1 in rows], atol=8
        )


def test_what_only_the_first_look_finds_stays(looks, weights, monkeypatch):
    first = lettering.text_map

    def blind_closer(rgb, given):
        found = first(rgb, given)
        return found if len(looks) == 1 else found * 0

    monkeypatch.setattr(lettering, "text_map", blind_closer)
    lines = lettering.lines(written((900, 1200), LARGE, SMALL), weights, AREA_PX)
    assert len(looks) == 2
    assert np.allclose(places(lines), [(300, 100, 899, 179), (200, 700, 499, 707)], atol=6)


def test_what_is_large_in_the_closer_look_alone_counts_for_nothing(looks, weights, monkeypatch):
    first = lettering.text_map

    def sees_a_thing(rgb, given):
        found = first(rgb, given)
        if len(looks) > 1:
            found[120:180, 350:450] = 0.99
        return found

    monkeypatch.setattr(lettering, "text_map", sees_a_thing)
    lines = lettering.lines(written((900, 1200), SMALL), weights, AREA_PX)
    assert len(places(lines)) == 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (5000, 2), (1, 200_000)])
def test_pictures_of_any_shape(looks, weights, shape):
    assert lettering.lines(Image(np.zeros((*shape, 3), np.uint8)), weights, AREA_PX) == ()
    lettering.lines(Image(np.full((*shape, 3), 255, np.uint8)), weights, AREA_PX)
    assert all(seen[..., 0].size <= 1.1 * AREA_PX for seen in looks)


@pytest.mark.weights
def test_a_tiny_picture_is_not_seen_as_one_of_32_pixels(looks, weights):
    """That spoils the network of OpenCV 4 for every later picture."""
    lettering.lines(Image(np.zeros((9, 20, 3), np.uint8)), weights, AREA_PX)
    assert looks[0].shape == (64, 64, 3)


@pytest.mark.weights
def test_a_tiny_picture_changes_nothing_for_the_next(weights_of, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    net._loaded_in_onnx.cache_clear()
    weights, page = weights_of("ppocr6_small"), np.full((200, 300, 3), 255, np.uint8)
    cv2.putText(page, "LETTERS", (30, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 4)
    before = lettering.lines(Image(page), weights, AREA_PX)
    lettering.lines(Image(page[:20, :20].copy()), weights, AREA_PX)
    after = lettering.lines(Image(page.copy()), weights, AREA_PX)
    assert before
    assert [line.score for line in after] == [line.score for line in before]
    net._loaded_in_onnx.cache_clear()


def test_once_an_image_and_a_size(weights_of, monkeypatch):
    weights, runs = weights_of("ppocr6_small"), []
    seen = lettering.text_map
    monkeypatch.setattr(lettering, "text_map", lambda *args: runs.append(1) or seen(*args))
    image = written((200, 300), (30, 40, 200, 60))
    found = lettering.lines(image, weights, 50_000)
    assert lettering.lines(image, weights, 50_000) is found
    assert len(runs) == 1
    lettering.lines(image, weights, 40_000)
    assert len(runs) == 2
