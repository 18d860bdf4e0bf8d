"""`sharp`: the part in focus of pictures that are blurred elsewhere."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from automask.images.load import load
from automask.maskops import iou
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image

SAMPLES = Path(__file__).parents[2] / "samples"
GOLDEN = Path(__file__).parents[1] / "golden"
SHAPE = (300, 460)


def texture(shape=SHAPE):
    """Hard-edged spots of all sizes: detail everywhere; uint8 RGB."""
    rng = np.random.default_rng(11)
    total = np.zeros(shape)
    for scale in (1, 3, 9):
        coarse = rng.integers(0, 2, (shape[0] // scale + 1, shape[1] // scale + 1))
        total += coarse.repeat(scale, 0).repeat(scale, 1)[: shape[0], : shape[1]]
    return np.stack([60 * total + 20, 50 * total + 40, 40 * total + 60], 2).astype(np.uint8)


def blurred(picture, sigma_px):
    return cv2.GaussianBlur(picture, (0, 0), sigma_px)


def in_focus(picture, truth, sigma_px=4):
    return np.where(truth[..., None], picture, blurred(picture, sigma_px))


def place(kind, shape=SHAPE):
    rows, columns = np.mgrid[: shape[0], : shape[1]] / np.reshape(shape, (2, 1, 1))
    return {
        "box": (abs(rows - 0.6) < 0.25) & (abs(columns - 0.4) < 0.2),
        "disc": (rows - 0.5) ** 2 + (columns - 0.6) ** 2 < 0.09,
        "side": columns < 0.4,
    }[kind]


def select(picture):
    return Evaluation(Image(picture)).pixels(parse("sharp"))


@pytest.mark.parametrize("sigma_px", [2, 4, 8])
@pytest.mark.parametrize("kind", ["box", "disc", "side"])
def test_part_in_focus(kind, sigma_px):
    assert iou(select(in_focus(texture(), place(kind), sigma_px)), place(kind)) > 0.88


@pytest.mark.parametrize("shape", [(150, 230), (460, 300), (900, 1400)])
def test_part_in_focus_at_any_size(shape):
    truth = place("disc", shape)
    picture = texture(SHAPE if shape[1] > shape[0] else SHAPE[::-1])
    whole = cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_CUBIC)
    assert iou(select(in_focus(whole, truth, shape[0] / 60)), truth) > 0.85


def test_even_sharpness_is_all_sharp():
    assert select(texture()).all()


@pytest.mark.parametrize("sigma_px", [3, 6, 12])
def test_even_blur_is_not_sharp(sigma_px):
    assert not select(blurred(texture(), sigma_px)).any()


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_plain_picture_is_not_sharp(value):
    assert not select(np.full((30, 50, 3), value, np.uint8)).any()


def test_a_large_plain_part_does_not_count_as_sharp():
    picture = texture()
    picture[:150] = 128
    mask = select(picture)
    assert mask[170:].all()
    assert not mask[:130].any()


@pytest.mark.parametrize("name", ["cat", "rocket"])
def test_golden_mask_of_a_photo(name):
    mask = Evaluation(load(SAMPLES / f"{name}.jpg")).pixels(parse("sharp"))
    assert iou(mask, load(GOLDEN / f"sharp_{name}.png").gray > 127) >= 0.98


@pytest.mark.parametrize("name", ["astronaut", "cat", "coffee", "rocket"])
def test_photos_go_from_partly_sharp_to_not_at_all_when_blurred(name):
    rgb = load(SAMPLES / f"{name}.jpg").rgb
    assert 0.2 < select(rgb).mean() < 0.9
    assert not select(blurred(rgb, 6)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (60, 1), (2, 3), (5, 800), (900, 7)])
def test_degenerate_pictures(shape):
    rng = np.random.default_rng(sum(shape))
    assert select(rng.integers(0, 256, (*shape, 3), np.uint8)).shape == shape
    assert not select(np.full((*shape, 3), 77, np.uint8)).any()


def test_same_answer_in_two_threads():
    picture = in_focus(texture(), place("disc"))
    with ThreadPoolExecutor(2) as pool:
        masks = list(pool.map(select, [picture] * 6))
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
