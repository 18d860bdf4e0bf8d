"""`saliency` and `point` as strategies, on made pictures and on a photo."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from automask.errors import RuleError
from automask.images.load import load
from automask.maskops import iou, union
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image, reading_order
from tests.scenes import bar, disc, scene

GOLDEN = Path(__file__).parents[1] / "golden"
PHOTO = GOLDEN.parents[1] / "samples" / "coffee.jpg"


def regions(text, image):
    return Evaluation(image).regions(parse(text))


@pytest.mark.parametrize(("name", "rule"), [("saliency", "saliency"), ("point", "point(46%, 72%)")])
def test_golden_mask_of_a_photo(name, rule):
    image = load(PHOTO)
    golden = load(GOLDEN / f"{name}_coffee.png").gray > 127
    assert iou(Evaluation(image).pixels(parse(rule)), golden) >= 0.98


@pytest.mark.parametrize("truth", [disc(), bar()], ids=["disc", "bar"])
@pytest.mark.parametrize("factor", [1, 4])
def test_a_thing_is_found_at_any_size(truth, factor):
    large = truth.repeat(factor, 0).repeat(factor, 1)
    image = Image(scene(large))
    found = regions("saliency", image)
    assert [(r.label, r.source, r.score) for r in found] == [("saliency", "saliency", 1.0)]
    assert iou(union(found, image.shape), large) > 0.95


def test_two_things_are_two_regions_in_reading_order():
    left, right = disc(centre=(90, 130), radius_px=40), disc(centre=(270, 110), radius_px=34)
    found = regions("saliency", Image(scene(left | right)))
    assert [round(r.centroid[0] / 10) for r in found] == [27, 9]
    assert found == reading_order(found)


def test_nothing_in_a_plain_picture():
    assert regions("saliency", Image(np.full((30, 50, 3), 99, np.uint8))) == []


TWO = disc(centre=(90, 130), radius_px=40) | disc(centre=(270, 110), radius_px=34)


@pytest.mark.parametrize(("place", "centre"), [("95, 140", (90, 130)), ("75%, 45%", (270, 110))])
def test_the_thing_at_a_point_and_no_other(place, centre):
    truth = disc(centre=centre, radius_px=40 if centre[0] == 90 else 34)
    (found,) = regions(f"point({place})", Image(scene(TWO)))
    assert (found.label, found.source, found.score) == ("point", "point", 1.0)
    assert iou(union([found], (240, 360)), truth) > 0.93


def test_the_background_at_a_point():
    (found,) = regions("point(5, 5)", Image(scene(TWO)))
    assert iou(union([found], (240, 360)), ~TWO) > 0.95


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (60, 1), (2, 3), (5, 800), (333, 250)])
def test_the_pixel_itself_belongs_to_it(shape):
    rng = np.random.default_rng(sum(shape))
    image = Image(rng.integers(0, 256, (*shape, 3), np.uint8))
    for _ in range(3):
        y, x = (int(rng.integers(0, side)) for side in shape)
        (found,) = regions(f"point({x}, {y})", image)
        assert union([found], shape)[y, x]


def test_the_far_edge_is_still_inside():
    image = Image(scene(TWO))
    assert len(regions("point(100%, 100%)", image)) == 1
    assert regions("point(361, 5)", image) == []
    assert regions("point(5, 241px)", image) == regions("point(5, 300)", image) == []


def test_a_point_has_two_coordinates():
    with pytest.raises(RuleError, match="point"):
        parse("point(50%)")


@pytest.mark.parametrize("rule", ["point(90, 130)", "saliency"])
def test_random_numbers_play_no_part(rule):
    masks = []
    for seed in (1, 2):
        cv2.setRNGSeed(seed)
        masks.append(Evaluation(Image(scene(TWO))).pixels(parse(rule)))
    assert np.array_equal(*masks)
