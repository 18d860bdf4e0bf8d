import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask import maskops, verify


def picture(seed=0, shape=(30, 44)):
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), dtype=np.uint8)


def blob(shape=(30, 44)):
    mask = np.zeros(shape, bool)
    mask[8:20, 10:30] = True
    return mask


def test_no_drift_where_only_the_masked_part_changed():
    source = picture()
    result = np.where(blob()[..., None], 255 - source, source)
    assert verify.drift(source, result, blob()) == verify.Drift(0.0, 0.0)


def test_drift_is_the_share_of_kept_pixels_that_changed():
    source = np.full((30, 44, 3), 100, np.uint8)
    result = source.copy()
    result[:, 36:] += 50  # 8 of 44 columns, all outside the mask and its rim
    found = verify.drift(source, result, np.zeros((30, 44), bool))
    assert found.share == pytest.approx(8 / 44)
    assert found.mean == pytest.approx(50 * 8 / 44)
    assert "18.18%" in str(found)


def test_coding_noise_is_no_drift():
    source = np.full((30, 44, 3), 100, np.uint8)
    assert verify.drift(source, source + np.uint8(verify.NOISE), blob()).share == 0


def test_a_mask_of_everything_leaves_nothing_to_drift():
    source = picture()
    assert verify.drift(source, 255 - source, np.ones((30, 44), bool)).share == 0


def test_drift_is_what_numpy_says_it_is():
    random = np.random.default_rng(8)
    source, result = random.integers(0, 256, (2, 30, 44, 3), np.uint8)
    kept = ~maskops.grow(blob(), verify.NEAR_PX)
    difference = np.abs(source.astype(int) - result)[kept]
    found = verify.drift(source, result, blob())
    assert found.share == (difference.max(axis=1) > verify.NOISE).mean()
    assert found.mean == pytest.approx(difference.mean())


@given(st.integers(0, 5), st.floats(0, 12))
def test_pasting_back_keeps_every_pixel_outside_bit_for_bit(seed, feather_px):
    source, result, mask = picture(seed), picture(seed + 1), blob()
    out = verify.paste_back(source, result, mask, feather_px)
    assert np.array_equal(out[~mask], source[~mask])
    assert not np.array_equal(out[mask], source[mask])


def test_the_seam_lies_inside_and_the_middle_is_the_result():
    source = np.zeros((30, 44, 3), np.uint8)
    out = verify.paste_back(source, np.full_like(source, 200), blob(), 3.0)
    row = out[14, 10:30, 0].tolist()
    assert row[:4] == [50, 100, 150, 200]
    assert set(row[4:-4]) == {200}
    assert out[14, 9, 0] == 0


def test_the_pictures_own_edge_gets_no_seam():
    mask = np.zeros((30, 44), bool)
    mask[:, :20] = True
    source = np.zeros((30, 44, 3), np.uint8)
    out = verify.paste_back(source, np.full_like(source, 200), mask, 3.0)
    assert set(out[:, 0, 0].tolist()) == {200}


def test_an_empty_mask_gives_the_source():
    source = picture()
    assert np.array_equal(verify.paste_back(source, 255 - source, ~np.ones((30, 44), bool)), source)


@pytest.mark.parametrize("shape", [(60, 88), (15, 22), (30, 44)])
def test_a_result_of_another_size_is_fitted(shape):
    assert verify.fitted(picture(shape=shape), (30, 44)).shape == (30, 44, 3)
