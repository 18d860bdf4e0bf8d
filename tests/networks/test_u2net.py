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
