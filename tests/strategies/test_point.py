"""`point`: one piece that holds the point, on photos, from many points, in any thread."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from automask.errors import RuleError
from automask.images.load import load
from automask.maskops import iou, split
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image
from tests.scenes import disc, scene

SAMPLES = Path(__file__).parents[2] / "samples"
GOLDEN = Path(__file__).parents[1] / "golden"


def select(x, y, image):
    return Evaluation(image).pixels(parse(f"point({x}, {y})"))


@pytest.mark.parametrize(
    ("name", "x", "y"), [("rocket", 322, 250), ("coffee", 300, 150), ("astronaut", 220, 100)]
)
def test_golden_mask_of_a_photo(name, x, y):
    mask = select(x, y, load(SAMPLES / f"{name}.jpg"))
    assert iou(mask, load(GOLDEN / f"point_{name}_{x}_{y}.png").gray > 127) >= 0.98


@pytest.mark.parametrize("y", range(150, 400, 50))
@pytest.mark.parametrize("x", [316, 328])
def test_a_slim_thing_does_not_take_the_background_along(x, y):
    """The rocket takes 2 % of its picture; the sky beside it, bounded by towers, takes 10 %."""
    assert 0.003 < select(x, y, load(SAMPLES / "rocket.jpg")).mean() < 0.05


@pytest.mark.parametrize(("x", "y"), [(30, 30), (322, 200), (250, 380), (639, 426), (0, 200)])
def test_one_piece_that_holds_the_point(x, y):
    mask = select(x, y, load(SAMPLES / "rocket.jpg"))
    assert mask[y, x]
    assert len(split(mask)) == 1


def test_every_pixel_near_an_edge_holds_itself():
    """Beside the border of a thing the reduced copy and the picture may disagree on the side."""
    picture = scene(disc(centre=(90, 130), radius_px=40)).repeat(3, 0).repeat(3, 1)
    image = Image(picture)
    for x in range(140, 161, 2):
        mask = select(x, 390, image)
        assert mask[390, x]
        assert mask.sum() > 1000


@pytest.mark.parametrize("factor", [1, 2, 5])
def test_percent_is_of_the_width_and_of_the_height(factor):
    truth = disc(centre=(90, 130), radius_px=40).repeat(factor, 0).repeat(factor, 1)
    mask = select("25%", "54%", Image(scene(truth)))
    assert iou(mask, truth) > 0.93


def test_a_place_cannot_be_negative():
    with pytest.raises(RuleError, match="0 or more"):
        parse("point(-3, 5)")


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (60, 1), (2, 3), (40, 60), (900, 7)])
def test_a_plain_picture_is_one_thing(shape):
    assert select("50%", "50%", Image(np.full((*shape, 3), 90, np.uint8))).all()


def test_same_answer_in_two_threads():
    picture = scene(disc(centre=(90, 130), radius_px=40))
    with ThreadPoolExecutor(2) as pool:
        masks = list(pool.map(lambda _: select(95, 140, Image(picture)), range(6)))
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
