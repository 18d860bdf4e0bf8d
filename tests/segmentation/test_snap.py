"""Edge snapping: towards the picture's edges, no farther than asked, and tile by tile."""

import cv2
import numpy as np
import pytest

from automask.maskops import grow, iou
from automask.segmentation import snap
from automask.segmentation.snap import cut_at_edges, guided_filter, snap_edge
from automask.types import read_only
from tests.scenes import ODD_SHAPES, bar, disc, scene


@pytest.mark.parametrize("truth", [disc(), bar()], ids=["disc", "bar"])
@pytest.mark.parametrize("shift", [(5, 0), (-5, 0), (0, 4), (-3, -3)])
def test_a_shifted_mask_finds_back(truth, shift):
    rgb, moved = scene(truth), np.roll(truth, shift, (1, 0))
    snapped = snap_edge(rgb, moved, 10)
    assert iou(moved, truth) < 0.93
    assert np.count_nonzero(snapped ^ truth) < 0.35 * np.count_nonzero(moved ^ truth)


def test_a_mask_on_the_edge_stays():
    truth = disc()
    assert iou(snap_edge(scene(truth), truth, 10), truth) > 0.985


def test_where_there_is_no_edge_the_border_stays():
    truth = disc()
    flat = np.full((*truth.shape, 3), 120, np.uint8)
    assert iou(snap_edge(flat, truth, 6), truth) > 0.98


@pytest.mark.parametrize("radius_px", [1, 4, 9])
def test_only_pixels_near_the_border_change(radius_px):
    truth = disc()
    moved = np.roll(truth, 12, 1)
    changed = snap_edge(scene(truth), moved, radius_px) ^ moved
    side = 2 * radius_px + 1
    near = cv2.morphologyEx(
        moved.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((side, side), np.uint8)
    )
    assert changed.any()
    assert not changed[near == 0].any()


@pytest.mark.parametrize("radius_px", [2, 7, 10])
def test_tiles_leave_no_seams(radius_px, monkeypatch):
    truth = grow(bar(300, 420), 3)
    rgb = scene(bar(300, 420))
    tiled = snap_edge(rgb, truth, radius_px)
    monkeypatch.setattr(snap, "TILE_PX", 5040)  # a multiple of each step, and one tile is enough
    whole = snap_edge(rgb, truth, radius_px)
    assert np.count_nonzero(tiled ^ whole) <= 2


@pytest.mark.parametrize("radius_px", [1, 4, 9])
def test_each_part_sees_all_that_the_filter_needs(radius_px):
    truth = disc()
    rgb, moved = scene(truth), np.roll(truth, 3, 1)
    window = np.ones((2 * radius_px + 1,) * 2, np.uint8)
    near = cv2.morphologyEx(moved.view(np.uint8), cv2.MORPH_GRADIENT, window).view(bool)
    step_px = max(1, radius_px // snap.STEPS_PER_RADIUS)
    whole = guided_filter(np.float32(rgb) / 255, np.float32(moved), radius_px, step_px) > 0.5
    assert np.count_nonzero(snap_edge(rgb, moved, radius_px) ^ np.where(near, whole, moved)) <= 2


@pytest.mark.parametrize("snapped", [snap_edge, lambda *a: cut_at_edges(a[0], a[1] * 1.0, a[2])])
def test_odd_pixels_at_the_border_are_no_specks_and_no_holes(snapped):
    truth = disc()
    rgb = scene(truth)
    near = cv2.morphologyEx(truth.view(np.uint8), cv2.MORPH_GRADIENT, np.ones((9, 9))).view(bool)
    odd = np.random.default_rng(4).random(truth.shape) < 0.02
    rgb[near & odd & truth] = rgb[~truth].mean(0)
    rgb[near & odd & ~truth] = rgb[truth].mean(0)
    found = snapped(rgb, truth, 6)
    for bits in (found, ~found):
        parts, _ = cv2.connectedComponents(bits.astype(np.uint8))
        assert parts == 2  # the background of the parts, and one
    assert iou(found, truth) > 0.97


def test_nothing_is_written_to():
    truth = disc()
    rgb, mask = read_only(scene(truth)), read_only(np.roll(truth, 4, 1))
    before = mask.copy()
    result = snap_edge(rgb, mask, 8)
    assert np.array_equal(mask, before)
    result[0, 0] = True  # the caller's own array


def test_no_radius_no_change():
    mask = disc()
    same = snap_edge(scene(mask), mask, 0)
    assert np.array_equal(same, mask)
    assert same is not mask


@pytest.mark.parametrize("shape", ODD_SHAPES)
@pytest.mark.parametrize("radius_px", [1, 5, 40])
def test_odd_shapes(shape, radius_px):
    rng = np.random.default_rng(8)
    rgb = rng.integers(0, 256, (*shape, 3), np.uint8)
    for mask in (np.zeros(shape, bool), np.ones(shape, bool)):
        assert np.array_equal(snap_edge(rgb, mask, radius_px), mask)
    snapped = snap_edge(rgb, rng.random(shape) < 0.5, radius_px)
    assert (snapped.shape, snapped.dtype) == (shape, bool)


@pytest.mark.parametrize("step_px", [1, 3])
def test_the_guided_filter_smooths_within_edges(step_px):
    rng = np.random.default_rng(0)
    right = np.zeros((60, 90), bool)
    right[:, 50:] = True
    guide = np.where(right[..., None], 0.9, 0.2).astype(np.float32).repeat(3, axis=2)
    noisy = (right + rng.normal(0, 0.2, right.shape)).astype(np.float32)
    smooth = guided_filter(guide, noisy, 8, step_px)
    assert smooth.shape == right.shape
    apart = np.abs(np.arange(90) - 49.5) > 2 * step_px
    assert np.abs(smooth - right)[:, apart].mean() < 0.04
    assert smooth[:, :48].mean() < 0.1
    assert smooth[:, 52:].mean() > 0.9


def test_the_guided_filter_keeps_a_constant():
    guide = scene(disc()).astype(np.float32) / 255
    values = np.full(guide.shape[:2], 0.25, np.float32)
    assert guided_filter(guide, values, 7, 2) == pytest.approx(values, abs=1e-4)


@pytest.mark.parametrize("truth", [disc(), bar()], ids=["disc", "bar"])
def test_a_blurred_mask_is_cut_at_the_edges(truth):
    soft = cv2.GaussianBlur(np.roll(truth, 3, 1).astype(np.float32), (0, 0), 5)
    cut = cut_at_edges(scene(truth), soft, 8)
    assert (cut.shape, cut.dtype) == (truth.shape, bool)
    assert np.count_nonzero(cut ^ truth) < 0.5 * np.count_nonzero((soft > 0.5) ^ truth)


def test_a_soft_mask_without_a_border_is_only_cut():
    rgb = scene(disc())
    for level in (0, 0.04, 0.96, 1):
        cut = cut_at_edges(rgb, np.full(rgb.shape[:2], level, np.float32), 8)
        assert np.array_equal(cut, np.full(rgb.shape[:2], level > 0.5))
    soft = np.linspace(0, 1, rgb[..., 0].size, dtype=np.float32).reshape(rgb.shape[:2])
    assert np.array_equal(cut_at_edges(rgb, soft, 0), soft > 0.5)
