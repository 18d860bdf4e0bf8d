"""GrabCut without random numbers, on a reduced crop."""

import cv2
import numpy as np
import pytest

from automask.maskops import iou
from automask.segmentation.graphcut import (
    PROBABLY_BACKGROUND,
    PROBABLY_OBJECT,
    SURE_BACKGROUND,
    SURE_OBJECT,
    WORKING_PX,
    colour_model,
    cut,
    enlarged,
    grabcut_reduced,
)
from automask.types import read_only
from tests.scenes import ODD_SHAPES, bar, disc, scene


def box_around(truth, margin_px=15):
    rows, cols = np.flatnonzero(truth.any(1)), np.flatnonzero(truth.any(0))
    box = np.zeros_like(truth)
    y, x = max(0, rows[0] - margin_px), max(0, cols[0] - margin_px)
    box[y : rows[-1] + margin_px, x : cols[-1] + margin_px] = True
    return box


def trimap(truth):
    """Surely background outside of a box around `truth`, undecided in it."""
    return np.where(box_around(truth), PROBABLY_OBJECT, SURE_BACKGROUND).astype(np.uint8)


@pytest.mark.parametrize("truth", [disc(), bar()], ids=["disc", "bar"])
@pytest.mark.parametrize("seeds", [box_around, trimap])
def test_a_box_is_cut_to_the_thing_in_it(truth, seeds):
    assert iou(grabcut_reduced(scene(truth), seeds(truth)), truth) > 0.95


def test_a_spot_on_the_thing_is_enough():
    truth = disc()
    seeds = np.full(truth.shape, PROBABLY_BACKGROUND, np.uint8)
    seeds[100:120, 200:220] = SURE_OBJECT
    assert iou(grabcut_reduced(scene(truth), seeds), truth) > 0.95


def test_seeds_may_be_smaller_than_the_picture():
    truth = disc(480, 720, (420, 220), 105)
    assert truth.size > 4 * WORKING_PX
    small = cv2.resize(trimap(truth), (90, 60), interpolation=cv2.INTER_NEAREST)
    assert iou(grabcut_reduced(scene(truth), small), truth) > 0.97


def test_a_thing_at_the_border_of_a_large_picture():
    truth = disc(500, 800, (790, 480), 120)
    assert iou(grabcut_reduced(scene(truth), trimap(truth)), truth) > 0.97


@pytest.mark.parametrize("label", [SURE_BACKGROUND, SURE_OBJECT, PROBABLY_OBJECT])
def test_labels_of_one_kind_come_back_as_they_are(label):
    seeds = np.full((30, 44), label, np.uint8)
    mask = grabcut_reduced(scene(disc(30, 44, (20, 15), 8)), seeds)
    assert mask.shape == (30, 44)
    assert (mask == bool(label & 1)).all()


def test_what_is_sure_stays():
    truth = disc()
    seeds = trimap(truth)
    seeds[5:25, 5:25] = SURE_OBJECT  # on the background, and outside the box
    mask = cut(scene(truth), seeds)
    assert mask[5:25, 5:25].all()
    assert not mask[seeds == SURE_BACKGROUND].any()


def test_tidying_comes_before_the_enlargement():
    seen = []
    truth = disc(480, 720, (420, 220), 105)

    def nothing(mask):
        seen.append(mask.size)
        return np.zeros_like(mask)

    assert not grabcut_reduced(scene(truth), trimap(truth), tidy=nothing).any()
    assert len(seen) == 1
    assert seen[0] <= 1.01 * WORKING_PX


def test_random_numbers_play_no_part():
    truth = bar()
    rgb, seeds = read_only(scene(truth)), read_only(trimap(truth))
    masks = []
    for seed in (1, 2):
        cv2.setRNGSeed(seed)
        masks.append(grabcut_reduced(rgb, seeds))
    assert np.array_equal(*masks)


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_odd_shapes(shape):
    rng = np.random.default_rng(5)
    rgb = rng.integers(0, 256, (*shape, 3), np.uint8)
    seeds = rng.integers(0, 4, shape, np.uint8)
    mask = grabcut_reduced(rgb, seeds)
    assert (mask.shape, mask.dtype) == (shape, bool)


class TestColourModel:
    def parts(self, pixels):
        weight, mean, spread = np.split(colour_model(pixels)[0], [5, 20])
        return weight, mean.reshape(5, 3), spread.reshape(5, 3, 3)

    def test_two_colours_are_told_apart(self):
        rng = np.random.default_rng(0)
        centres = np.repeat([[30, 40, 50], [200, 180, 90]], [600, 200], axis=0)
        weight, mean, _ = self.parts((centres + rng.integers(-6, 7, (800, 3))).astype(np.uint8))
        dark = mean[:, 0] < 100
        assert weight[dark].sum() == pytest.approx(0.75)
        assert weight[~dark].sum() == pytest.approx(0.25)
        assert np.abs(mean[dark] - [30, 40, 50]).max() < 10
        assert np.abs(mean[~dark] - [200, 180, 90]).max() < 10

    def test_mixture_has_the_mean_and_spread_of_the_pixels(self):
        pixels = np.random.default_rng(1).integers(0, 256, (500, 3), np.uint8)
        weight, mean, spread = self.parts(pixels)
        assert weight.sum() == pytest.approx(1)
        assert weight @ mean == pytest.approx(pixels.mean(0))
        around = mean - pixels.mean(0)
        total = np.einsum("i,ijk->jk", weight, spread - np.eye(3)) + (weight * around.T) @ around
        assert total == pytest.approx(np.cov(pixels.T, bias=True))

    @pytest.mark.parametrize("count", [1, 3, 50])
    def test_one_colour_is_one_component(self, count):
        weight, mean, spread = self.parts(np.full((count, 3), 77, np.uint8))
        assert weight.tolist() == [1, 0, 0, 0, 0]
        assert mean[0].tolist() == [77, 77, 77]
        assert np.array_equal(spread[0], np.eye(3))


def test_enlarging_follows_the_edges_of_the_picture():
    truth = disc(480, 720, (420, 220), 105)
    small = cv2.resize(truth.astype(np.uint8), (72, 48), interpolation=cv2.INTER_AREA) > 0
    plain = cv2.resize(small.astype(np.uint8), (720, 480), interpolation=cv2.INTER_NEAREST) > 0
    assert iou(plain, truth) < 0.97
    assert iou(enlarged(small, scene(truth)), truth) > 0.98
