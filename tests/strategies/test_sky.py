"""`sky`: found where it is, not found where nothing is one, at any size."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from automask.images.load import load
from automask.maskops import iou
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image

SAMPLES = Path(__file__).parents[2] / "samples"
SHAPE = (180, 270)
BLUE, PALER, OVERCAST = (90, 140, 215), (185, 205, 235), (205, 207, 210)
ROUGH = (70, 90, 50)


def hills(shape=SHAPE):
    """The sky above a wavy horizon, with a tower that stands in it; bool of `shape`."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] / shape[0]
    tower = (abs(columns - 0.9) < 0.06) & (rows > 0.2)
    return (rows < 0.5 + 0.08 * np.sin(5 * columns)) & ~tower


def landscape(truth, top=BLUE, horizon=PALER, ground=ROUGH):
    """A picture with an even slope of colours in `truth` and rough ground elsewhere."""
    rng = np.random.default_rng(7)
    down = np.linspace(0, 2, len(truth)).clip(0, 1)[:, None, None]
    sky = (1 - down) * top + down * np.array(horizon) + rng.normal(0, 1.5, (*truth.shape, 3))
    rough = np.array(ground) + rng.normal(0, 25, (*truth.shape, 1))
    return np.where(truth[..., None], sky, rough).clip(0, 255).astype(np.uint8)


def select(rgb, text="sky"):
    return Evaluation(Image(rgb)).pixels(parse(text))


@pytest.mark.parametrize(
    ("top", "horizon"), [(BLUE, PALER), (BLUE, BLUE), (OVERCAST, OVERCAST), (OVERCAST, PALER)]
)
def test_sky_of_any_daylight_colour(top, horizon):
    assert iou(select(landscape(hills(), top, horizon)), hills()) > 0.97


@pytest.mark.parametrize("shape", [(90, 135), (240, 150), (600, 900), (900, 500)])
def test_sky_at_any_size(shape):
    assert iou(select(landscape(hills(shape))), hills(shape)) > 0.95


def test_a_clear_sky_may_fill_the_picture_around_a_thing():
    truth = np.ones(SHAPE, bool)
    truth[70:120, 90:160] = False
    assert iou(select(landscape(truth, ground=(180, 40, 30))), truth) > 0.97


@pytest.mark.parametrize(
    ("top", "horizon"),
    [((40, 120, 50), (60, 140, 60)), ((12, 14, 22), (20, 22, 34)), ((240, 130, 50), (230, 90, 40))],
    ids=["leaves", "night", "sunset"],
)
def test_other_colours_are_none(top, horizon):
    assert not select(landscape(hills(), top, horizon)).any()


def test_against_the_light_the_pale_sky_above_the_horizon_is_sky_too():
    dark = landscape(hills(), (120, 130, 150), (235, 225, 205), ground=(12, 14, 12))
    dark[~hills()] //= 3
    assert iou(select(dark), hills()) > 0.97
    twigs = dark.copy()
    twigs[:60, 200::8] = twigs[:60, 201::8] = twigs[:60, 202::8] = 8
    assert not select(twigs)[:50, 205:262].any()


DEEP = (45, 70, 235), (110, 130, 240)  # a saturated blue, which is purple by its a*
TEAL = (150, 190, 190), (190, 215, 205)  # the grey of old slides
ROCK = (60, 40, 30)


@pytest.mark.parametrize("noise", [6, 10])
@pytest.mark.parametrize("colours", [(BLUE, PALER), (OVERCAST, PALER)], ids=["clear", "cloudy"])
def test_a_noisy_sky_is_one(colours, noise):
    rng = np.random.default_rng(5)
    picture = landscape(hills(), *colours) + rng.normal(0, noise, (*SHAPE, 3))
    assert iou(select(picture.clip(0, 255).astype(np.uint8)), hills()) > 0.97


@pytest.mark.parametrize("colours", [DEEP, TEAL], ids=["deep", "tinted"])
def test_a_sky_of_an_odd_colour(colours):
    assert iou(select(landscape(hills(), *colours, ground=ROCK)), hills()) > 0.97


def test_a_dull_picture_has_a_sky_as_a_bright_one():
    picture = landscape(hills(), OVERCAST, PALER)
    assert iou(select((picture * 0.6).astype(np.uint8)), hills()) > 0.97


def test_a_grey_sky_may_be_most_of_the_picture():
    truth = np.ones(SHAPE, bool)
    truth[150:] = truth[100:, 120:150] = False
    picture = landscape(truth, (150, 150, 155), (190, 190, 195))
    assert iou(select(picture), truth) > 0.97


def test_sky_has_to_reach_the_top():
    picture = landscape(hills())
    assert not select(picture[::-1].copy()).any()  # the same blue, as a lake
    below = np.vstack([np.full((20, SHAPE[1], 3), 30, np.uint8), picture])
    assert not select(below).any()


def test_rough_blue_is_no_sky():
    rng = np.random.default_rng(3)
    picture = landscape(hills()) + rng.normal(0, 30, (*SHAPE, 3))
    assert not select(picture.clip(0, 255).astype(np.uint8)).any()


def test_a_gray_that_fills_the_picture_is_none():
    assert not select(landscape(np.ones(SHAPE, bool), OVERCAST, OVERCAST)).any()


def test_golden_mask():
    golden = load(SAMPLES.parent / "tests" / "golden" / "sky_hills.png").gray > 127
    assert iou(select(landscape(hills((600, 900)))), golden) >= 0.98


def test_a_pole_cuts_the_sky_in_parts_in_reading_order():
    truth = hills()
    truth[:, 80:100] = False
    found = Evaluation(Image(landscape(truth))).regions(parse("sky"))
    assert [region.label for region in found[:2]] == ["sky", "sky"]
    assert found[0].box.x1 <= 82
    assert found[1].box.x0 >= 98


@pytest.mark.parametrize("name", ["rocket", "coffee", "cat", "astronaut"])
def test_nothing_on_photos_without_a_daylight_sky(name):
    assert not Evaluation(load(SAMPLES / f"{name}.jpg")).pixels(parse("sky")).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (60, 1), (2, 3), (3, 2), (5, 800), (900, 7)])
@pytest.mark.parametrize("fill", [BLUE, OVERCAST, None], ids=["blue", "gray", "noise"])
def test_degenerate_pictures(shape, fill):
    rng = np.random.default_rng(sum(shape))
    picture = rng.integers(0, 256, (*shape, 3), np.uint8)
    if fill:
        picture[:] = fill
    mask = select(picture)
    assert mask.shape == shape
    assert not (mask.any() and fill != BLUE)


def test_same_answer_in_two_threads():
    picture = landscape(hills())
    with ThreadPoolExecutor(2) as pool:
        masks = list(pool.map(select, [picture] * 6))
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
