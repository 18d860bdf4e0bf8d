"""flood: what hangs together with a point or with the frame."""

import numpy as np
import pytest

from automask.errors import RuleError
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image

WHITE, RED = (255, 255, 255), (200, 20, 30)

DRAWING = """
..........
.####.....
.#..#...#.
.####..#..
.....#....
..#.......
"""


def picture(paper=WHITE, ink=RED):
    """`DRAWING` in two colours, shape (6, 10): a closed ring, then steps that touch at corners."""
    lines = DRAWING.split()
    return Image(np.array([[ink if c == "#" else paper for c in line] for line in lines], np.uint8))


def select(text, image=None):
    return Evaluation(image or picture()).pixels(parse(text))


def drawn(mask):
    return ["".join("#" if pixel else "." for pixel in row) for row in mask]


def test_point_spreads_over_its_own_colour():
    assert drawn(select("flood(1, 1)")) == [
        "..........",
        ".####.....",
        ".#..#.....",
        ".####.....",
        "..........",
        "..........",
    ]


def test_point_in_the_ring_stays_there():
    mask = select("flood(2px, 2px)")
    assert np.argwhere(mask).tolist() == [[2, 2], [2, 3]]


def test_corners_do_not_join():
    assert np.argwhere(select("flood(8, 2)")).tolist() == [[2, 8]]


def test_border_reaches_around_but_not_into_the_ring():
    paper = np.array([[c == "." for c in line] for line in DRAWING.split()])
    paper[2, 2:4] = False
    assert (select("flood(start=border)") == paper).all()


def test_every_side_of_the_border_counts():
    image = picture()
    split = image.rgb.copy()
    split[:, 5] = RED  # the paper's right part now hangs together with the left one nowhere
    assert select("flood(start=border)", Image(split))[:, [0, 9]].all()


def test_border_has_the_colour_of_most_of_the_frame():
    pixels = np.full((9, 14, 3), (30, 60, 90), np.uint8)
    pixels[-1, :6] = RED
    pixels[4, 4] = RED
    assert (select("flood(start=border)", Image(pixels)) == (pixels == (30, 60, 90)).all(2)).all()


def test_named_colour_is_looked_for_instead():
    image = picture(paper=(90, 90, 90), ink=WHITE)
    lone = select('flood(color="white", tol=6%, start=border)', image)
    assert np.argwhere(lone).tolist() == [[5, 2]]  # the one white pixel at the border
    assert select('flood(start=border, color="grey")', image).sum() == 44
    assert select('flood(1, 1, color="white")', image).sum() == 10
    assert not select('flood(0, 0, color="white")', image).any()


def test_tolerance_is_of_the_seed_and_not_from_pixel_to_pixel():
    ramp = np.repeat(np.arange(0, 250, 10, dtype=np.uint8)[None, :, None], 3, axis=2)
    image = Image(np.repeat(ramp, 4, axis=0))
    narrow, wide = (select(f"flood(0, 0, tol={tol}%)", image).sum() for tol in (10, 30))
    assert 4 < narrow < wide < image.width * 4


def test_percent_is_of_width_and_height():
    assert (select("flood(15%, 20%)") == select("flood(1, 1)")).all()
    assert (select("flood(100%, 100%)") == select("flood(9, 5)")).all()


def test_point_outside_selects_nothing():
    assert not select("flood(11, 2)").any()
    assert not select("flood(2, 6.5)").any()


@pytest.mark.parametrize("text", ["flood", "flood(3)", "flood(y=3)", "flood(1, 2, start=border)"])
def test_needs_one_start(text):
    with pytest.raises(RuleError, match=r"flood\(\) starts at one point or at the border; write"):
        parse(text)


def test_unknown_colour_is_refused_when_the_rule_is_read():
    with pytest.raises(RuleError, match='did you mean "white"'):
        parse('flood(color="whit", start=border)')
