"""The level at which a soft mask is cut: as high as the mask is sure."""

import numpy as np
import pytest

from automask.segmentation.level import HIGHEST, LOWEST, TRUST, best_level


def blurred(width_px, top=1.0):
    """A soft mask of a disk, whose border is a slope of this width."""
    y, x = np.mgrid[-64:64, -64:64]
    return (top * np.clip((40 - np.hypot(x, y)) / width_px + 0.5, 0, 1)).astype(np.float32)


def expected(soft, level):
    """Intersection over union, if each pixel is as likely a part of the thing as is trusted."""
    chance = 1 / (1 + (1 / np.clip(soft, 1e-6, 1 - 1e-6) - 1) ** TRUST)
    chosen = soft > level
    return chance[chosen].sum() / (chosen.sum() + chance[~chosen].sum())


@pytest.mark.parametrize("soft", [blurred(8), blurred(30), blurred(60), blurred(30, 0.8)])
def test_no_other_level_is_expected_to_overlap_better(soft):
    best = expected(soft, best_level(soft))
    levels = np.linspace(LOWEST, HIGHEST, 41)
    assert best >= max(expected(soft, level) for level in levels) - 1e-3


def test_the_less_sure_a_mask_is_the_lower_it_is_cut():
    levels = [best_level(blurred(width)) for width in (4, 30, 70)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] - levels[2] > 0.05


@pytest.mark.parametrize("soft", [np.zeros((4, 4)), np.full((9, 1), 0.2), np.ones((1, 1))])
def test_it_stays_within_its_limits(soft):
    level = best_level(soft.astype(np.float32))
    assert LOWEST <= level <= HIGHEST
    assert (soft > level).all() == (soft == 1).all()
