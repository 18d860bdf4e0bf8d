import numpy as np
import pytest

from automask import preflight
from automask.errors import PreflightError
from automask.images import encode
from automask.types import Mask


def png(mask):
    return encode.encode(Mask(mask), "png")


def masked(box, shape=(40, 60)):
    mask = np.zeros(shape, bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return mask


def test_a_usual_mask_needs_no_note():
    mask = masked((10, 10, 30, 30))
    assert preflight.check(mask, png(mask), mask.shape) == []


def test_an_empty_mask_is_refused():
    mask = masked((0, 0, 0, 0))
    with pytest.raises(PreflightError, match="selects nothing"):
        preflight.check(mask, png(mask), mask.shape)


def test_a_mask_of_another_size_is_refused_with_both_sizes():
    mask = masked((10, 10, 30, 30))
    with pytest.raises(PreflightError, match=r"60 x 40 pixels and the picture 61 x 40"):
        preflight.check(mask, png(mask), (40, 61))


def test_an_encoded_mask_that_reads_back_differently_is_refused():
    mask = masked((10, 10, 30, 30))
    with pytest.raises(PreflightError, match="read back"):
        preflight.check(mask, png(~mask), mask.shape)


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ((0, 0, 60, 40), "whole picture"),
        ((5, 5, 7, 7), "0.17%"),
        ((0, 0, 60, 38), "95.00%"),
        ((0, 0, 50, 40), "wrong way round"),
    ],
)
def test_an_unusual_mask_gets_a_note(box, said):
    mask = masked(box)
    assert said in " ".join(preflight.check(mask, png(mask), mask.shape))
