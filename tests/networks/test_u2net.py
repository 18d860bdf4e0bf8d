"""U-2-Net with its real weights: on the whole picture once, on crops, on pictures of nothing."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from automask.images.load import load
from automask.networks import u2net
from automask.networks.net import Net
from automask.types import Image

SAMPLES = Path(__file__).parents[2] / "samples"

pytestmark = pytest.mark.weights


def test_doubt_is_what_is_neither_marked_nor_spared():
    marked, unsure, spared = (np.full((8, 8), level, np.float32) for level in (0.95, 0.6, 0.0))
    assert u2net.doubt(np.hstack([marked, spared, spared])) == 0
    assert u2net.doubt(np.hstack([marked, unsure, spared])) == 0.5
    assert u2net.doubt(spared + 0.3) == 64  # nothing is marked: any doubt is great


@pytest.mark.parametrize(("first", "looks"), [(0.9, 1), (0.6, 2)])
def test_it_looks_again_where_it_is_in_doubt(weights, monkeypatch, first, looks):
    seen = []

    def found(rgb, _, *, side_px):
        seen.append(rgb[0, 0].tolist())
        return np.full((side_px, side_px), first if len(seen) == 1 else 0.2, np.float32)

    monkeypatch.setattr(u2net, "salient", found)
    rgb = np.full((4, 4, 3), (9, 8, 7), np.uint8)
    mean = u2net.subject_map(Image(rgb), weights, side_px=32, doubting=True)
    assert seen == [[9, 8, 7], [7, 8, 9]][:looks]
    assert np.allclose(mean, first if looks == 1 else (first + 0.2) / 2)
    assert u2net.subject_map(Image(rgb), weights, side_px=32).max() == np.float32(0.2)
    assert len(seen) == looks + 1


def spot(side_px, part, level=0.6):
    """A map that marks one part of the picture, (x0, y0, x1, y1) in shares of it."""
    found = np.zeros((side_px, side_px), np.float32)
    x0, y0, x1, y1 = (round(edge * side_px) for edge in part)
    found[y0:y1, x0:x1] = level
    return found


def closer_looks(monkeypatch, shown):
    """The crops that are looked at, each of which shows a map of this level in its middle."""
    seen = []

    def salient(rgb, _, *, side_px):
        seen.append(rgb)
        return spot(side_px, (0.2, 0.2, 0.8, 0.8), shown)

    monkeypatch.setattr(u2net, "salient", salient)
    return seen


def numbered(width, height):
    """A picture in which each pixel says where it is: its column and row."""
    rows, columns = np.mgrid[:height, :width].astype(np.uint8)
    return np.dstack([columns, rows, rows])


def test_a_closer_look_is_at_what_is_marked_and_its_surroundings(monkeypatch):
    seen = closer_looks(monkeypatch, 1.0)
    found = spot(64, (0.25, 0.5, 0.5, 0.625))
    found[2, 60] = 0.9  # a speck does not widen it
    closer = u2net.looked_closer(numbered(200, 100), found, None)
    (crop,) = seen
    # marked are columns 50 to 100 and rows 50 to 62; a quarter of 50 pixels is added on each side
    assert crop[0, 0].tolist() == [38, 38, 38]
    assert crop[-1, -1].tolist() == [111, 73, 73]
    assert closer.shape == (128, 128)
    assert closer[72, 48] == pytest.approx(0.8, abs=0.01)  # in the middle of both: their mean
    assert closer[4:6, 120:122].min() > 0.4  # the rest stays
    assert closer[100:].max() == 0


def test_a_closer_look_that_loses_the_thing_does_not_count(monkeypatch):
    seen = closer_looks(monkeypatch, 0.1)
    found = spot(64, (0.25, 0.25, 0.5, 0.5))
    assert u2net.looked_closer(numbered(200, 100), found, None) is found
    assert len(seen) == 1


@pytest.mark.parametrize("part", [(0, 0, 0, 0), (0.1, 0.1, 0.9, 0.9)])
def test_there_is_no_closer_look_at_nothing_or_at_most_of_a_picture(monkeypatch, part):
    seen = closer_looks(monkeypatch, 1.0)
    found = spot(64, part)
    assert u2net.looked_closer(numbered(200, 100), found, None) is found
    assert not seen


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (90, 1), (3, 2), (250, 4)])
def test_a_closer_look_at_a_picture_of_any_size(monkeypatch, size):
    closer_looks(monkeypatch, 1.0)
    found = spot(64, (0.4, 0.4, 0.6, 0.6))
    closer = u2net.looked_closer(numbered(*size), found, None)
    assert closer is found or closer.shape == (128, 128)
    assert np.isfinite(closer).all()


@pytest.mark.parametrize(("second", "looks"), [(0.95, 2), (0.6, 3)])
def test_the_third_look_is_for_what_two_leave_in_doubt(weights, monkeypatch, second, looks):
    shown = []

    def found(_rgb, _, *, side_px):
        shown.append(second if len(shown) == 1 else 0.7)
        part = (0.4, 0.4, 0.6, 0.6) if len(shown) < 3 else (0, 0, 1, 1)
        return spot(side_px, part, shown[-1])

    monkeypatch.setattr(u2net, "salient", found)
    image = Image(numbered(50, 50))
    seen = u2net.subject_map(image, weights, side_px=32, doubting=True)
    assert len(shown) == looks
    assert seen.shape == ((32, 32) if looks == 2 else (64, 64))
    assert not seen.flags.writeable


@pytest.fixture
def weights(weights_of):
    return weights_of("u2netp")


def test_the_subject_stands_out(weights):
    found = u2net.subject_map(load(SAMPLES / "coffee.jpg"), weights)
    assert (found.shape, found.dtype) == ((320, 320), np.float32)
    assert (found.min(), found.max()) == (0, 1)
    assert found[160:200, 120:200].min() > 0.9  # the cup, half across and half down
    assert found[:, :30].max() < 0.1
    assert not found.flags.writeable


def test_a_crop_is_a_picture_of_its_own(weights):
    rgb = load(SAMPLES / "astronaut.jpg").rgb[:300, 100:340]
    found = u2net.salient(rgb, weights)
    assert found[100:200, 130:200].min() > 0.9
    assert found[:100, :30].max() < 0.3


@pytest.mark.parametrize("shape", [(17, 31), (1, 1), (1, 40)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_plain_picture_shows_nothing(weights, shape, level):
    assert u2net.salient(np.full((*shape, 3), level, np.uint8), weights).max() < 0.25


def test_once_an_image_in_any_thread(weights, monkeypatch):
    runs = []
    run = Net.run
    monkeypatch.setattr(Net, "run", lambda self, *args: runs.append(1) or run(self, *args))
    image = load(SAMPLES / "cat.jpg")
    others = [Image(image.rgb) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        maps = list(pool.map(lambda i: u2net.subject_map(i, weights), [image, image, *others]))
    assert len(runs) == 4
    assert maps[0] is maps[1]
    assert all(np.array_equal(maps[0], other) for other in maps)
