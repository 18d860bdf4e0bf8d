"""Portrait networks: what they decode, and that they see the person of a sample."""

from pathlib import Path

import numpy as np
import pytest

from automask.images.load import load
from automask.networks.portrait import HUMANSEG_PX, SELFIE_PX, decoded, person_map

ASTRONAUT = Path(__file__).parents[2] / "samples" / "astronaut.jpg"


def shares(side_px):
    return np.random.default_rng(2).random((side_px, side_px)).astype(np.float32)


@pytest.mark.parametrize("axes", [(1, 1, 8, 8), (1, 8, 8, 1)])
def test_one_plane_is_the_map(axes):
    assert np.array_equal(decoded(shares(8).reshape(axes), 8), shares(8))


def test_two_planes_of_shares():
    person = shares(8)
    assert np.allclose(decoded(np.stack([1 - person, person])[None], 8), person)


@pytest.mark.parametrize("constant", [0, 7, -90])
def test_two_planes_of_logarithms(constant):
    person = shares(8).clip(0.01, 0.99)
    logarithms = np.log(np.stack([1 - person, person])) + constant
    assert np.allclose(decoded(logarithms[None].astype(np.float32), 8), person, atol=1e-3)


def test_logarithms_without_end_are_sure():
    planes = np.stack([np.full((8, 8), -1e4), np.full((8, 8), 1e4)]).astype(np.float32)
    assert np.allclose(decoded(planes, 8), 1)


@pytest.mark.weights
@pytest.mark.parametrize(("name", "side_px"), [("selfie", SELFIE_PX), ("pphumanseg", HUMANSEG_PX)])
def test_the_person_stands_out(name, side_px, weights_of):
    found = person_map(load(ASTRONAUT).rgb, weights_of(name))
    assert found.shape == (side_px, side_px)
    assert 0 <= found.min() <= found.max() <= 1
    middle = side_px // 2
    assert found[middle - 10 : middle + 10, middle - 30 : middle - 10].mean() > 0.8
    assert found[: side_px // 8, -side_px // 8 :].mean() < 0.2
