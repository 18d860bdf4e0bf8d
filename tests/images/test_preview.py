"""The pictures for people: what can be said about them by machine."""

import numpy as np
import pytest

from automask.errors import ArgumentError
from automask.images import preview
from automask.types import Image, Mask


def masked(shape=(120, 200)):
    mask = np.zeros(shape, bool)
    mask[30:90, 50:150] = True
    return mask


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_mask_is_seen_on_any_picture(level):
    image = Image(np.full((120, 200, 3), level, np.uint8))
    found = preview.overlay(image, Mask(masked())).astype(int)
    inside, outside = found[60, 100], found[10, 10]
    assert np.abs(inside - outside).max() > 50
    assert tuple(found[30, 100]) == preview.LIGHT
    assert tuple(found[29, 100]) == preview.DARK
    assert np.ptp(outside) == 0  # gray
    assert np.ptp(inside) > 20  # tinted


def test_the_outline_closes_along_the_image_border(rgb):
    found = preview.overlay(Image(rgb), np.ones((40, 60), bool))
    for edge in (found[0], found[-1], found[:, 0], found[:, -1]):
        assert (edge == preview.LIGHT).all()


def test_the_outline_grows_with_the_picture():
    def light(scale):
        image = Image(np.zeros((120 * scale, 200 * scale, 3), np.uint8))
        mask = np.kron(masked(), np.ones((scale, scale), bool))
        column = preview.overlay(image, mask)[:, 100 * scale]
        return int((column == preview.LIGHT).all(-1).sum()) // 2

    assert light(1) == 1
    assert light(16) == 5


def test_input_stays_as_it_is(rgb):
    image, mask = Image(rgb.copy()), masked((40, 60))
    preview.overlay(image, mask)
    assert np.array_equal(image.rgb, rgb)
    assert np.array_equal(mask, masked((40, 60)))


def test_an_empty_mask_and_one_pixel():
    found = preview.overlay(Image(np.full((5, 8, 3), 200, np.uint8)), np.zeros((5, 8), bool))
    assert len(np.unique(found)) == 1
    assert preview.overlay(Image(np.zeros((1, 1, 3), np.uint8)), np.ones((1, 1), bool)).any()


def test_a_mask_of_another_size_is_refused(rgb):
    with pytest.raises(ArgumentError, match="60 x 40 pixels and the mask 200 x 120"):
        preview.overlay(Image(rgb), masked())


def test_a_sheet_shows_every_picture(noise):
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (90, 90, 0), (0, 90, 90)]
    items = [
        (f"number {i}", "below", np.full((90 + 30 * i, 160, 3), colour, np.uint8))
        for i, colour in enumerate(colours)
    ]
    found = preview.sheet(items)
    assert found.dtype == np.uint8
    for (_, _, pixels), colour in zip(items, colours, strict=True):
        assert (found == colour).all(-1).sum() == pixels.shape[0] * pixels.shape[1]


def test_pictures_are_scaled_down_and_their_sides_kept(noise):
    found = preview.sheet([("one", "", np.full((300, 1600, 3), (200, 0, 0), np.uint8))])
    rows, columns = np.nonzero((found == (200, 0, 0)).all(-1))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (60, 320)


@pytest.mark.parametrize(
    "title", ["", "größe 図 赤 🎉", "two\nlines\tand\0more", "x" * 5000, "\udcff", "\u202eabc"]
)
def test_titles_of_every_kind(title, rgb):
    plain = preview.sheet([("", "", rgb)])
    found = preview.sheet([(title, title, rgb)])
    assert found.shape == plain.shape
    margin = found[:, -10:]
    assert (margin == preview.PAPER).all()  # a long title does not run out of its column


def test_a_sheet_of_nothing_is_refused():
    with pytest.raises(ArgumentError, match="one picture or more"):
        preview.sheet([])
