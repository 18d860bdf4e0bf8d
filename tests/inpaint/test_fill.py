import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automask.inpaint import METHODS, fill
from automask.inpaint.patches import depth


def stripes(shape=(90, 130)):
    """Slanted stripes: a texture that diffusion cannot continue and patches can."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    wave = 128 + 100 * np.sin((columns + rows / 2) * 2 * np.pi / 11)
    return np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)


def disk(shape=(90, 130), centre=(60, 45), radius=16):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return (columns - centre[0]) ** 2 + (rows - centre[1]) ** 2 <= radius**2


def error(a, b, mask):
    return float(np.abs(a.astype(int) - b)[mask].mean())


def test_depth_is_the_radius_of_a_disk():
    assert depth(disk()) == pytest.approx(16, abs=1.5)
    assert depth(np.ones((3, 9), bool)) == pytest.approx(2, abs=0.5)


@pytest.mark.parametrize("method", METHODS)
def test_only_the_hole_and_its_rim_change(method):
    picture = np.random.default_rng(3).integers(0, 256, (90, 130, 3), dtype=np.uint8)
    kept = picture.copy()
    result = fill(picture, disk(), method)
    away = cv2.dilate(disk().view(np.uint8), np.ones((5, 5), np.uint8)) == 0
    assert np.array_equal(result[away], picture[away])
    assert not np.array_equal(result[disk()], picture[disk()])
    assert np.array_equal(picture, kept)


def test_patches_continue_a_texture_that_diffusion_smears():
    spoiled = stripes()
    spoiled[disk()] = 0
    by_patches = error(fill(spoiled, disk(), "patch"), stripes(), disk())
    by_diffusion = error(fill(spoiled, disk(), "ns"), stripes(), disk())
    assert by_patches < 20
    assert by_patches < by_diffusion / 2


def test_auto_takes_patches_for_solid_holes_and_diffusion_for_thin_ones():
    spoiled = stripes()
    line = np.zeros((90, 130), bool)
    line[40:43, 20:110] = True
    assert np.array_equal(fill(spoiled, disk()), fill(spoiled, disk(), "patch"))
    assert np.array_equal(fill(spoiled, line), fill(spoiled, line, "ns"))


@pytest.mark.parametrize("method", METHODS)
def test_the_same_hole_is_always_filled_alike(method):
    picture = stripes()
    assert np.array_equal(fill(picture, disk(), method), fill(picture, disk(), method))


@pytest.mark.parametrize("method", METHODS)
def test_a_large_hole_is_filled_at_a_reduced_size_and_looks_alike(method):
    rows = np.arange(700, dtype=np.float32)[:, None, None] / 700 * 200 + 20
    picture = np.ascontiguousarray(np.broadcast_to(rows, (700, 900, 3))).astype(np.uint8)
    hole = disk((700, 900), (430, 340), 150)
    spoiled = np.where(hole[..., None], np.uint8(255), picture)
    assert error(fill(spoiled, hole, method), picture, hole) < 12


@pytest.mark.parametrize("method", METHODS)
def test_nothing_to_fill_and_nothing_to_fill_from_give_the_picture(method):
    picture = stripes((20, 31))
    for mask in (np.zeros((20, 31), bool), np.ones((20, 31), bool)):
        assert np.array_equal(fill(picture, mask, method), picture)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9), st.sampled_from(METHODS))
def test_any_size_and_any_hole_go_through(height, width, seed, method):
    generator = np.random.default_rng(seed)
    picture = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = generator.random((height, width)) < generator.random()
    assert fill(picture, mask, method).shape == picture.shape
