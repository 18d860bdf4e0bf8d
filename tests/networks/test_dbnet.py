"""DBNet: maps to lines on made maps, and lettering with the real weights."""

import cv2
import numpy as np
import pytest

from automask.networks import dbnet


def made(*boxes, shape=(64, 160), value=0.9):
    found = np.zeros(shape, np.float32)
    for x0, y0, x1, y1 in boxes:
        found[y0:y1, x0:x1] = value
    return found


def test_each_part_of_a_map_is_a_line():
    found = made((10, 8, 90, 16)) + made((30, 40, 150, 52), value=0.5)
    lines = sorted(dbnet.decoded(found, found.shape), key=lambda line: -line.score)
    assert [round(line.score, 3) for line in lines] == [0.9, 0.5]
    low, high = lines[0].outline.min(axis=0), lines[0].outline.max(axis=0)
    assert (low.tolist(), high.tolist()) == ([10, 8], [89, 15])  # centres of pixels


def test_lines_grow_by_their_area_over_their_perimeter():
    (line,) = dbnet.decoded(made((10, 8, 90, 16)), (64, 160))
    assert line.grown_px == pytest.approx(dbnet.GROWTH * 80 * 8 / (2 * (80 + 8)), rel=0.05)
    (more,) = dbnet.decoded(made((10, 8, 90, 16)), (64, 160), 2.0)
    assert more.grown_px == pytest.approx(line.grown_px * 2.0 / dbnet.GROWTH)


@pytest.mark.parametrize(("across", "down"), [(1, 1), (3, 3), (2, 5)])
def test_lines_are_in_pixels_of_the_picture(across, down):
    found = made((10, 8, 90, 16))
    (line,) = dbnet.decoded(found, (64 * down, 160 * across))
    # a pixel of the map is several of the picture: its centre lies in their middle
    assert line.outline.min(axis=0) == pytest.approx((10.5 * across - 0.5, 8.5 * down - 0.5))
    assert line.outline.max(axis=0) == pytest.approx((89.5 * across - 0.5, 15.5 * down - 0.5))


def test_a_ragged_line_is_straightened_and_a_bent_one_is_not():
    ragged = made((10, 8, 90, 16))
    ragged[8, 20:60:3] = 0
    bow = np.zeros((500, 600), np.float32)
    cv2.ellipse(bow, (150, 150), (120, 120), 0, 180, 360, 0.95, 12)
    (straight,) = dbnet.decoded(ragged, ragged.shape)
    (bent,) = dbnet.decoded(bow, bow.shape)
    assert len(straight.outline) < 10
    assert cv2.contourArea(bent.outline) < 0.4 * cv2.contourArea(cv2.convexHull(bent.outline))


def test_specks_are_no_lines():
    assert list(dbnet.decoded(made((10, 8, 90, 10), (100, 20, 102, 60)), (64, 160))) == []
    assert list(dbnet.decoded(made(), (64, 160))) == []


@pytest.mark.parametrize(
    ("box", "sure", "lines"),
    [
        ((20, 10, 140, 110), 0.99, 0),  # very high
        ((20, 10, 90, 54), 0.95, 1),  # high and short
        ((20, 10, 90, 54), 0.85, 0),
        ((20, 10, 50, 32), 0.85, 1),  # less high
        ((20, 10, 50, 32), 0.75, 0),
        ((20, 10, 40, 22), 0.5, 1),  # low
        ((5, 15, 155, 49), 0.75, 1),  # long
        ((5, 5, 475, 105), 0.75, 0),  # very high and long
        ((5, 5, 475, 105), 0.92, 1),
        ((5, 5, 195, 45), 0.75, 1),  # long, and no more than twice as high
    ],
)
def test_the_higher_a_short_part_the_surer_it_has_to_be(box, sure, lines):
    found = made(box, shape=(160, 480), value=sure)
    assert len(list(dbnet.decoded(found, found.shape))) == lines


def test_parts_that_are_too_high_for_a_map_can_be_left_out():
    found = made((10, 8, 90, 16), (10, 30, 150, 50), value=0.95)
    (line,) = dbnet.decoded(found, found.shape, most_px=12)
    assert line.outline[:, 1].max() < 20


def written(height=360, width=520):
    """Two lines on paper, drawn in the large and in the small."""
    rgb = np.full((height, width, 3), 236, np.uint8)
    cv2.putText(rgb, "Reading room", (40, 120), cv2.FONT_HERSHEY_DUPLEX, 1.6, (20, 30, 60), 3)
    cv2.putText(rgb, "open from nine", (200, 260), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (150, 20, 20), 1)
    return rgb


def test_the_network_is_given_normalised_planes_of_bgr():
    rgb = np.random.default_rng(3).integers(0, 256, (32, 64, 3), np.uint8)
    expected = (rgb[..., ::-1].astype(np.float32) / 255 - dbnet.MEAN) / dbnet.DEVIATION
    blob = dbnet._blob(rgb)
    assert (blob.dtype, blob.flags.c_contiguous) == (np.float32, True)
    assert np.array_equal(blob, expected.transpose(2, 0, 1)[None])


@pytest.mark.weights
def test_the_map_is_high_on_letters(weights_of):
    found = dbnet.text_map(written(352, 512), weights_of("ppocr6_small"))
    assert (found.shape, found.dtype) == ((352, 512), np.float32)
    assert found[95:115, 60:360].mean() > 0.7
    assert found[150:230].max() < 0.1
