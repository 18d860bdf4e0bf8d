"""What stands out: the measures one by one, then the whole on made pictures."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from automask.maskops import iou
from automask.segmentation.saliency import (
    WORKING_PX,
    cut_out,
    manifold_ranking,
    minimum_barrier_distance,
    saliency_map,
    without_specks,
)
from automask.segmentation.superpixels import region_graph, superpixels
from automask.types import read_only
from tests.scenes import BLUE, ODD_SHAPES, ORANGE, bar, disc, scene, textured


def salient(rgb):
    return cut_out(rgb, saliency_map(rgb))


def standing(height=240, width=360):
    """A post that stands on the lower edge of the picture."""
    mask = np.zeros((height, width), bool)
    mask[height // 3 :, width // 2 : width // 2 + 60] = True
    return mask


THINGS = {
    "disc": disc(),
    "bar": bar(),
    "post": standing(),
    "large": disc(900, 600, (280, 500), 180),
    "small": disc(300, 500, (130, 180), 25),
    "tall": disc(600, 120, (60, 200), 45),
}


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_on_cloth_is_found(name):
    assert iou(salient(scene(THINGS[name])), THINGS[name]) > 0.95


def test_two_things_are_found():
    truth = disc(centre=(90, 110), radius_px=40) | disc(centre=(270, 130), radius_px=34)
    assert iou(salient(scene(truth)), truth) > 0.95


@pytest.mark.parametrize("name", THINGS)
def test_the_map_is_high_on_the_thing(name):
    truth = THINGS[name]
    score = saliency_map(scene(truth))
    assert score.dtype == np.float32
    assert score.size <= 1.02 * WORKING_PX
    assert (score.min(), score.max()) == (0, 1)
    size = score.shape[::-1]
    inside = cv2.resize(truth.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    assert score[inside == 1].mean() > 0.5 + score[inside == 0].mean()


def split(fraction, axis):
    shape = (240, 360)
    where = np.indices(shape)[axis] < fraction * shape[axis]
    return np.where(where[..., None], np.uint8(BLUE), np.uint8(ORANGE))


PLAIN = {
    "black": np.zeros((40, 60, 3), np.uint8),
    "colour": np.full((40, 60, 3), ORANGE, np.uint8),
    "barely": np.full((240, 360, 3), 120, np.uint8)
    + np.random.default_rng(0).integers(0, 2, (240, 360, 1), np.uint8),
    "left and right": split(0.5, 1),
    "above and below": split(0.5, 0),
    "a third": split(0.33, 1),
    "shade": np.linspace(0, 255, 360).astype(np.uint8)[None, :, None].repeat(240, 0).repeat(3, 2),
    "stripes": (np.arange(360) // 30 % 2 * 200).astype(np.uint8)[None, :, None]
    + np.zeros((240, 1, 3), np.uint8),
}


@pytest.mark.parametrize("name", PLAIN)
def test_where_nothing_stands_out_nothing_is_found(name):
    rgb = PLAIN[name]
    score = saliency_map(rgb)
    assert not score.any()
    assert not cut_out(rgb, score).any()


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_odd_shapes(shape):
    rgb = np.full((*shape, 3), BLUE, np.uint8)
    rgb[shape[0] // 3 : shape[0] * 2 // 3 + 1, shape[1] // 3 : shape[1] * 2 // 3 + 1] = ORANGE
    for picture in (rgb, np.random.default_rng(2).integers(0, 256, rgb.shape, np.uint8)):
        mask = salient(picture)
        assert (mask.shape, mask.dtype) == (shape, bool)


def test_random_numbers_and_threads_play_no_part():
    rgb = read_only(scene(bar()))
    masks = []
    for seed in (1, 2):
        cv2.setRNGSeed(seed)
        masks.append(salient(rgb))
    with ThreadPoolExecutor(3) as pool:
        masks += pool.map(salient, [rgb] * 3)
    assert masks[0].any()
    assert all(np.array_equal(masks[0], mask) for mask in masks)


def lab_of(rgb):
    return cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def test_ranking_tells_the_thing_from_cloth():
    truth = disc(120, 180, (100, 55), 30)
    lab = lab_of(scene(truth))
    graph = region_graph(lab, superpixels(lab, 200))
    rank = manifold_ranking(graph)
    assert rank.shape == (graph.size,)
    share = graph.mean(truth.astype(np.float32))
    assert rank[share > 0.9].min() > rank[share < 0.1].max()


class TestBarrier:
    def of(self, drawing):
        """The distance of a drawing in digits, each a level; one channel, the others are flat."""
        levels = np.array([[int(c) for c in line] for line in drawing.split()], np.float32)
        lab = np.zeros((*levels.shape, 3), np.float32)
        lab[..., 1] = levels
        return minimum_barrier_distance(lab).astype(int).tolist()

    def test_a_wall_is_as_far_as_it_is_high(self):
        assert self.of("00000 06660 06160 06660 00000") == [
            [0, 0, 0, 0, 0],
            [0, 6, 6, 6, 0],
            [0, 6, 6, 6, 0],  # the middle is low, but every way to it goes over the wall
            [0, 6, 6, 6, 0],
            [0, 0, 0, 0, 0],
        ]

    def test_a_gap_in_the_wall_is_found(self):
        assert self.of("0000000 0666660 0600000 0666660 0000000")[2] == [0, 6, 0, 0, 0, 0, 0]

    def test_a_way_around_a_corner_is_found(self):
        closed = self.of("00000000 06666660 06000060 06066060 06666660 00000000")
        assert closed[2] == closed[3] == [0, 6, 6, 6, 6, 6, 6, 0]
        open_below = self.of("00000000 06666660 06000060 06066060 06066660 00000000")
        assert open_below[2] == [0, 6, 0, 0, 0, 0, 6, 0]
        assert open_below[3] == [0, 6, 0, 6, 6, 0, 6, 0]

    def test_channels_are_added(self):
        lab = np.zeros((3, 5, 3), np.float32)
        lab[1, 2] = (1, 2, 4)
        assert minimum_barrier_distance(lab)[1, 2] == 7


def test_specks_and_pinholes_go():
    mask = np.zeros((40, 60), bool)
    mask[5:25, 5:30] = True
    mask[10:12, 10:12] = False  # under a fiftieth of the picture
    mask[30:36, 40:46] = True  # over a twentieth of the largest part
    mask[36:39, 2:4] = True
    tidied = without_specks(mask)
    expected = mask.copy()
    expected[10:12, 10:12] = True
    expected[36:39, 2:4] = False
    assert np.array_equal(tidied, expected)


def test_a_large_hole_stays():
    mask = np.zeros((40, 60), bool)
    mask[5:35, 5:55] = True
    mask[12:28, 15:45] = False
    assert np.array_equal(without_specks(mask), mask)


def test_nothing_to_tidy():
    assert not without_specks(np.zeros((5, 7), bool)).any()
    assert without_specks(np.ones((5, 7), bool)).all()


def test_cloth_alone_has_no_hard_claim():
    """Folds of a cloth may be chosen, but never most of it."""
    assert salient(textured()).mean() < 0.5
