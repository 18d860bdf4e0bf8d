"""SLIC superpixels and their graph."""

import cv2
import numpy as np
import pytest

from automask.segmentation.superpixels import region_graph, superpixels
from tests.scenes import ODD_SHAPES, bar, disc, scene


def lab_of(rgb):
    return cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def halves(height=40, width=60):
    """CIELAB: the left 20 columns black, the rest of lightness 50."""
    lab = np.zeros((height, width, 3), np.float32)
    lab[:, 20:, 0] = 50
    return lab


@pytest.mark.parametrize("count", [20, 150, 400])
def test_about_as_many_as_asked(count):
    labels = superpixels(lab_of(scene(disc())), count)
    assert labels.shape == (240, 360)
    assert np.array_equal(np.unique(labels), np.arange(labels.max() + 1))
    assert 0.8 * count < labels.max() + 1 <= 1.1 * count


@pytest.mark.parametrize("truth", [disc(), bar()], ids=["disc", "bar"])
def test_superpixels_keep_to_one_side_of_an_edge(truth):
    labels = superpixels(lab_of(scene(truth)), 400)
    share = np.bincount(labels.ravel(), truth.ravel()) / np.bincount(labels.ravel())
    wrong = np.minimum(share, 1 - share)[labels].mean()
    grid_px = np.mgrid[:240, :360] // 15
    cell = grid_px[0] * 24 + grid_px[1]
    of_cells = np.bincount(cell.ravel(), truth.ravel()) / np.bincount(cell.ravel())
    assert wrong < 0.01
    assert wrong < 0.4 * np.minimum(of_cells, 1 - of_cells)[cell].mean()


def test_superpixels_are_compact():
    labels = superpixels(lab_of(scene(disc())), 400)
    area = np.bincount(labels.ravel())
    across = np.mgrid[:240, :360][1].ravel()
    mean = np.bincount(labels.ravel(), across) / area
    variance = np.bincount(labels.ravel(), across**2) / area - mean**2
    assert np.median(np.sqrt(variance)) < 6  # a square of 15 px has 4.3


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_never_more_than_pixels(shape):
    lab = np.random.default_rng(3).uniform(0, 100, (*shape, 3)).astype(np.float32)
    labels = superpixels(lab, 400)
    assert labels.shape == shape
    assert labels.max() + 1 <= lab[..., 0].size
    graph = region_graph(lab, labels)
    assert graph.size == labels.max() + 1
    assert np.isfinite(graph.colour_distance).all()


def test_graph_of_three_stripes():
    lab = halves()
    labels = np.digitize(np.arange(60), [20, 40])[None].repeat(40, axis=0)
    graph = region_graph(lab, labels)
    assert graph.size == 3
    assert graph.adjacent.tolist() == [
        [False, True, False],
        [True, False, True],
        [False, True, False],
    ]
    assert graph.colour_distance == pytest.approx(np.array([[0, 50, 50], [50, 0, 0], [50, 0, 0]]))
    assert [side.tolist() for side in graph.sides] == [[0, 1, 2], [0, 1, 2], [0], [2]]
    assert graph.on_border.all()
    assert graph.mean(lab[..., 0]).tolist() == [0, 50, 50]


def test_corners_touch():
    labels = np.array([[0, 0, 1], [2, 2, 3], [2, 2, 4]])
    graph = region_graph(np.zeros((3, 3, 3), np.float32), labels)
    touching = {(int(a), int(b)) for a, b in np.argwhere(graph.adjacent)}
    apart = {(0, 4), (1, 4)}
    pairs = {(a, b) for a in range(5) for b in range(a + 1, 5)} - apart
    assert touching == pairs | {(b, a) for a, b in pairs}


def test_same_answer_twice():
    lab = lab_of(scene(bar()))
    assert np.array_equal(superpixels(lab, 300), superpixels(lab.copy(), 300))
