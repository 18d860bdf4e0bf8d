"""Boxes of detectors: the square and back, rounding, doubles."""

import numpy as np
import pytest

from automask.networks.boxes import Detections, Letterbox, agreed, overlaps, thinned
from automask.types import Box, Image


def detections(*rows):
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4], table[:, 4].astype(np.intp), table[:, 5])


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("shape", [(30, 50), (500, 3), (1, 1), (1, 900), (777, 334)])
def test_square_and_back(shape, centred):
    image = Image(np.full((*shape, 3), 200, np.uint8))
    square = Letterbox.of(image, 64, 7, centred=centred)
    assert square.rgb.shape == (64, 64, 3)
    rows, columns = np.nonzero((square.rgb == 200).all(axis=2))
    assert (columns.min(), rows.min()) == (square.left, square.top)
    inside = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    whole = square.back(np.array([inside], np.float32), shape)
    assert np.allclose(whole, [[0, 0, shape[1], shape[0]]], atol=1e-3)
    if not centred:
        assert (square.left, square.top) == (0, 0)


def test_rounded_boxes_have_a_pixel_and_stay_inside():
    found = detections(
        (1.2, 2.7, 5.1, 6.0, 0, 0.9),
        (9.99, 7.9, 10, 8, 0, 0.8),
        (4, 4, 4, 4, 0, 0.7),
        (10, 8, 10, 8, 0, 0.6),
    )
    boxes = found.rounded((8, 10))
    assert boxes == [Box(1, 2, 6, 6), Box(9, 7, 10, 8), Box(4, 4, 5, 5), Box(9, 7, 10, 8)]


def test_chosen():
    found = detections((0, 0, 4, 4, 2, 0.9), (0, 0, 4, 4, 3, 0.5), (5, 5, 9, 9, 2, 0.2))
    assert list(found.of(2).scores) == pytest.approx([0.9, 0.2])
    assert list(found.of(2, 0.3).scores) == pytest.approx([0.9])
    assert len(found.of(None, 0.3)) == 2
    assert len(found.of(7)) == 0


def test_doubles_of_a_class_go_and_the_surest_stay_in_order():
    found = detections(
        (0, 0, 10, 10, 1, 0.3),
        (1, 0, 10, 10, 1, 0.8),
        (0, 0, 10, 10, 2, 0.5),
        (20, 0, 30, 10, 1, 0.9),
    )
    kept = thinned(found, 0.6)
    assert list(kept.scores) == pytest.approx([0.9, 0.8, 0.5])
    assert list(kept.classes) == [1, 1, 2]
    assert len(thinned(found, 0.95)) == 4
    assert len(thinned(found, 0.6, most=2)) == 2
    assert len(thinned(detections(), 0.6)) == 0


def test_classes_may_thin_out_one_another():
    found = detections((0, 0, 10, 10, 1, 0.9), (0, 0, 10, 9, 2, 0.8), (5, 0, 15, 10, 2, 0.7))
    kept = thinned(found, 0.6, of_a_class=False)
    assert list(kept.scores) == pytest.approx([0.9, 0.7])
    assert list(kept.classes) == [1, 2]


def test_overlaps():
    some = np.array([[0, 0, 10, 10], [0, 0, 0, 0]], np.float32)
    others = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float32)
    assert np.allclose(overlaps(some, others), [[1, 1 / 3, 0], [0, 0, 0]])


def test_two_looks():
    first = detections((0, 0, 10, 10, 1, 0.8), (30, 0, 40, 10, 2, 0.6))
    second = detections((2, 0, 12, 10, 1, 0.4), (30, 0, 40, 10, 3, 0.6))
    both = agreed(first, second)
    assert list(both.classes) == [1, 2, 3]
    assert both.scores == pytest.approx([0.6, 0.3, 0.3])
    assert both.boxes[0] == pytest.approx([2 / 3, 0, 10 + 2 / 3, 10], abs=1e-5)
    assert len(agreed(first, detections())) == len(agreed(detections(), first)) == 2
    assert len(agreed(detections(), detections())) == 0
