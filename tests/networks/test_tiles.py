"""Tiles: they cover a picture, their shares are the whole, and what is small is in one of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automask.networks.tiles import tiles
from automask.types import Box

lengths = st.integers(1, 90)
tile_sides = st.integers(9, 40)
overlaps = st.integers(0, 8)


@given(lengths, lengths, tile_sides, tile_sides, overlaps)
def test_the_shares_are_the_picture(height, width, down, across, overlap):
    covered = np.zeros((height, width), int)
    for box, own in tiles((height, width), (down, across), overlap):
        covered[own.slices] += 1
        assert (box.height, box.width) == (min(down, height), min(across, width))
        assert box == box.clipped((height, width))
        assert own == own.overlap(box)
    assert (covered == 1).all()


@given(lengths, lengths, tile_sides, tile_sides, overlaps, st.data())
def test_what_is_no_larger_than_the_overlap_is_whole_in_a_tile(
    height, width, down, across, overlap, data
):
    x = data.draw(st.integers(0, max(0, width - overlap)))
    y = data.draw(st.integers(0, max(0, height - overlap)))
    thing = Box(x, y, x + overlap, y + overlap).clipped((height, width))
    boxes = [tile.box for tile in tiles((height, width), (down, across), overlap)]
    assert any(thing == thing.overlap(box) for box in boxes)


def test_no_more_tiles_than_are_needed():
    assert len(tiles((40, 40), (40, 40), 8)) == 1
    assert len(tiles((40, 41), (40, 40), 8)) == 2
    assert len(tiles((72, 104), (40, 40), 8)) == 2 * 3
