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
