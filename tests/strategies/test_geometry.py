"""rect, ellipse, polygon, border, grid, all, none: to the pixel, on images that are not square."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask.errors import ArgumentError, RuleError
from automask.selector.build import rule
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image

WIDE = Image(np.zeros((20, 40, 3), np.uint8))


def pixels(text, image=WIDE):
    return Evaluation(image).pixels(parse(text))


def boxes(text, image=WIDE):
    return [tuple(region.box) for region in Evaluation(image).regions(parse(text))]


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("rect(0, 0, 100%, 100%)", (0, 0, 40, 20)),
        ("rect(0, 80%, 100%, 20%)", (0, 16, 40, 20)),
        ("rect(75%, 90%, 25%, 10%)", (30, 18, 40, 20)),
        ("rect(3, 4, 5, 6)", (3, 4, 8, 10)),
        ("rect(-5, -5, 10, 10)", (0, 0, 5, 5)),
        ("rect(35, 15, 100, 100)", (35, 15, 40, 20)),
        ("rect(x=10%, y=10%, w=10px, h=50%)", (4, 2, 14, 12)),
        ("rect(0.4, 0.4, 1, 1)", (0, 0, 1, 1)),
    ],
)
def test_rectangles(text, box):
    assert boxes(text) == [box]
    assert pixels(text).sum() == (box[2] - box[0]) * (box[3] - box[1])


@pytest.mark.parametrize(
    "text",
    [
        "rect(40, 0, 5, 5)",
        "rect(-10, 0, 5, 5)",
        "rect(0, 100%, 5, 5)",
        "rect(5, 5, 0, 10)",
        "ellipse(5, 5, 10, 0)",
        "ellipse(50, 50, 10, 10)",
        "polygon(50, 50, 60, 50, 55, 60)",
        "border(0)",
        "border(0.2px)",
        "none",
    ],
)
def test_what_lies_outside_or_has_no_size_is_nothing(text):
    assert boxes(text) == []


def test_an_ellipse_touches_its_rectangle_and_is_symmetric():
    mask = pixels("ellipse(5, 3, 30, 14)")
    assert boxes("ellipse(5, 3, 30, 14)") == [(5, 3, 35, 17)]
    part = mask[3:17, 5:35]
    assert np.array_equal(part, part[::-1])
    assert np.array_equal(part, part[:, ::-1])
    assert part.sum() == pytest.approx(np.pi * 15 * 7, rel=0.02)
    assert not part[0, 0]


def test_an_ellipse_is_cut_to_the_image():
    mask = pixels("ellipse(-20, -10, 40, 20)")
    assert mask[0, 0]
    assert mask.sum() == pytest.approx(np.pi * 20 * 10 / 4, rel=0.03)


def test_a_polygon_with_straight_sides_is_a_rectangle():
    assert np.array_equal(pixels("polygon(5, 3, 15, 3, 15, 9, 5, 9)")[4:8, 6:14], np.ones((4, 8)))
    x0, y0, x1, y1 = boxes("polygon(5, 3, 15, 3, 15, 9, 5, 9)")[0]
    assert abs(x0 - 5) + abs(y0 - 3) + abs(x1 - 15) + abs(y1 - 9) <= 4


def test_a_polygon_is_even_odd():
    star = "polygon(20, 0, 26, 20, 10, 7, 30, 7, 14, 20)"
    mask = pixels(star)
    assert not mask[11, 20]  # the middle of the star lies in two of its arms
    assert mask[3, 20]


def test_a_polygon_far_outside_does_not_wrap():
    mask = pixels("polygon(-100000%, 50%, 50%, 50%, 50%, 100000%, -100000%, 100000%)")
    assert mask[15:, :15].all()
    assert not mask[:8].any()
    assert not mask[:, 25:].any()


@given(st.integers(0, 30))
def test_a_border_is_a_frame(width):
    mask = pixels(f"border({width}px)")
    down, across = np.mgrid[:20, :40]
    depth = np.minimum.reduce([down, across, 19 - down, 39 - across])
    assert np.array_equal(mask, depth < width)


def test_a_border_in_percents_is_of_the_shorter_side():
    assert np.array_equal(pixels("border(10%)"), pixels("border(2px)"))
    assert np.array_equal(pixels("border"), pixels("border(1px)"))


@given(st.integers(1, 50), st.integers(1, 50))
def test_a_grid_covers_the_image_once(cols, rows):
    regions = Evaluation(WIDE).regions(rule.grid(cols, rows))
    count = sum(
        np.pad(r.mask, ((r.box.y0, 20 - r.box.y1), (r.box.x0, 40 - r.box.x1))).astype(int)
        for r in regions
    )
    assert (count == 1).all()
    assert len(regions) == min(cols, 40) * min(rows, 20)


def test_a_grid_goes_row_by_row():
    assert boxes("grid(2, 2)") == [
        (0, 0, 20, 10), (20, 0, 40, 10), (0, 10, 20, 20), (20, 10, 40, 20),
    ]  # fmt: skip
    assert boxes("grid(cols=4, rows=1)[2]") == [(20, 0, 30, 20)]


def test_all_and_none():
    assert pixels("all").all()
    assert boxes("all") == [(0, 0, 40, 20)]
    assert not pixels("none").any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rule.polygon(1, 2, 3, 4), "polygon.. got 4 numbers; it takes x and y"),
        (lambda: rule.polygon(1, 2, 3, 4, 5, 6, 7), "polygon.. got 7 numbers"),
        (lambda: rule.grid(0, 2), r"grid\(0, 2\) is out of reach"),
        (lambda: rule.grid(3, 1001), r"grid\(3, 1001\) is out of reach"),
        (lambda: rule.rect(1, 2, -3, 4), r"rect\(w\) cannot be -3; it takes 0 or more"),
        (lambda: rule.border("10deg"), r"border\(width\) cannot be '10deg'"),
    ],
)
def test_mistakes(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_mistakes_in_text_have_a_place():
    with pytest.raises(RuleError) as caught:
        parse("all - grid(0, 2)")
    assert caught.value.position == 6


@pytest.mark.parametrize("text", ["all", "border(1px)", "grid(3, 2)", "rect(0, 0, 50%, 50%)"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1)])
def test_the_smallest_images(text, shape):
    mask = pixels(text, Image(np.zeros((*shape, 3), np.uint8)))
    assert mask.shape == shape
    assert mask[0, 0] or text.startswith("rect")
