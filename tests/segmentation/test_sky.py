"""What makes an area of a picture more or less likely to be the sky."""

import numpy as np
import pytest

from automask.segmentation import sky
from automask.segmentation.sky import LIKELY, likelihood, signs, sky_area

SHAPE = (120, 180)
AT_TOP = np.arange(120)[:, None].repeat(180, 1) < 50
GREY = (80.0, 0.0, -2.0)


def lab(area=AT_TOP, colour=GREY, ground=(40.0, 5.0, 12.0), rough=0.0):
    """CIELAB of one colour in `area` and another one elsewhere."""
    rng = np.random.default_rng(4)
    picture = np.where(area[..., None], np.float32(colour), np.float32(ground))
    return np.float32(
        picture + rng.normal(0, 1, picture.shape) * np.where(area[..., None], rough, 5)
    )


def chance(area=AT_TOP, **kinds):
    picture = lab(area, **kinds)
    return likelihood(signs(picture, sky._change(picture, 2.0), area))


def test_a_light_strip_along_the_top_is_likely_a_sky():
    assert chance() > 2 * LIKELY


@pytest.mark.parametrize(
    "worse",
    [
        {"rough": 8.0},
        {"colour": (80.0, 7.0, -2.0)},
        {"colour": (80.0, 0.0, 9.0)},
        {"ground": (75.0, 5.0, 12.0)},
        {"area": AT_TOP[:, ::-1] & (np.arange(180) < 60)},
        {"area": AT_TOP | (np.arange(180) > 120)},
    ],
    ids=["rough", "pink", "yellow", "hardly lighter", "a third of the top", "down to the bottom"],
)
def test_what_speaks_against_a_sky(worse):
    assert chance(**worse) < chance()


def test_what_a_sign_is():
    found = signs(lab(), np.full(SHAPE, 0.9, np.float32), AT_TOP)
    assert found.texture == pytest.approx(0, abs=1e-6)  # the logarithm of 1
    assert found.top == 1
    assert found.bottom == found.pink == 0
    assert found.share == pytest.approx((50 / 120) ** 0.5)
    assert found.blue == pytest.approx(2 * found.share, rel=1e-4)
    assert 30 < found.lighter < 40


def test_a_slope_is_of_the_whole_height():
    down = np.linspace(50, 90, 120, dtype=np.float32)[:, None, None]
    picture = np.broadcast_to(down, (*SHAPE, 3)).copy()
    assert signs(picture, picture[..., 0], AT_TOP).slope == pytest.approx(40**2, rel=0.02)


def test_signs_of_a_picture_that_is_all_area_and_of_a_single_pixel():
    whole = signs(lab(), lab()[..., 0], np.ones(SHAPE, bool))
    assert whole.lighter == whole.rest == 0
    one = np.zeros(SHAPE, bool)
    one[3, 4] = True
    assert all(np.isfinite(signs(lab(), lab()[..., 0], one)))


def test_the_likelier_of_two_areas_is_taken(monkeypatch):
    narrow, wide = AT_TOP & (np.arange(180) < 60), AT_TOP
    for areas in ([narrow, wide], [wide, narrow]):
        monkeypatch.setattr(sky, "_areas", lambda _, areas=areas: iter(areas))
        assert np.array_equal(sky_area(lab()), wide)
