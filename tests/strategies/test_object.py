"""`object`: which detections count, and the masks that come of their boxes."""

import numpy as np
import pytest

from automask import images, maskops, vocabulary
from automask.errors import ArgumentError, ModelError, RuleError
from automask.networks import efficientsam, nanodet, u2net, yolox
from automask.networks.boxes import Detections
from automask.segmentation import boxed
from automask.selector.build import rule
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.strategies.object import Object
from automask.types import Box, Image
from automask.weights import Weights, model
from tests.scenes import disc, scene

TRUTH = disc()  # centre (210, 110), radius 52, in 360 x 240
BOX = 158, 58, 263, 163
PICTURE = Image(scene(TRUTH))


def detections(*rows):
    """Rows of (x0, y0, x1, y1, label, score), the surest first."""
    numbers = [vocabulary.labels().index(row[4]) for row in rows]
    boxes = np.array([row[:4] for row in rows], np.float32).reshape(-1, 4)
    scores = np.array([row[5] for row in rows], np.float32)
    return Detections(boxes, np.array(numbers, np.intp), scores)


@pytest.fixture
def seen(monkeypatch, tmp_path):
    """Lets a detector see the given rows, and says which models there are besides it."""

    def made(*rows, here=()):
        def find(wanted):
            known = wanted.name in (*here, "nanodet_g")
            return Weights(wanted, tmp_path / wanted.file) if known else None

        monkeypatch.setattr("automask.weights.find", find)
        monkeypatch.setattr("automask.weights.choose", choose)
        monkeypatch.setattr(
            "automask.weights.to_be_had",
            lambda names: next((found for name in names if (found := find(model(name)))), None),
        )
        monkeypatch.setattr(nanodet, "detect", lambda *args, **kw: detections(*rows))

        def _first(names):
            held = [found for name in names if (found := find(model(name)))]
            if not held:
                raise ModelError("The model is missing.")
            return held[0]

        made.first = _first

    def choose(names, pinned=None, *, of=""):
        return made.first((pinned,) if pinned else names)

    return made


def iou(region, truth):
    found = np.zeros(truth.shape, bool)
    found[region.box.slices] = region.mask
    return (found & truth).sum() / (found | truth).sum()


def test_a_box_becomes_the_thing_in_it_by_its_colours(seen):
    seen((*BOX, "dog", 0.9))
    (region,) = Object("dog").find(PICTURE)
    assert iou(region, TRUTH) > 0.95
    assert (region.label, region.source) == ("dog", "object")
    assert region.score == pytest.approx(0.9)


def test_a_box_becomes_what_stands_out_in_its_crop(seen, monkeypatch):
    seen((*BOX, "dog", 0.9), here=("u2netp",))
    crops = []

    def salient(rgb, weights, *, side_px):
        crops.append((rgb.shape, side_px))
        return disc(192, 192, (96, 96), 68).astype(np.float32)

    monkeypatch.setattr(u2net, "salient", salient)
    (region,) = Object("dog").find(PICTURE)
    assert crops == [((147, 147, 3), 192)]
    assert iou(region, TRUTH) > 0.93
    assert Object("puppies").find(PICTURE)[0].box == region.box
    assert len(crops) == 1
    assert [held.model.name for held in Object("dog").weights()] == ["nanodet_g", "u2netp"]


def test_a_crop_in_which_nothing_stands_out_gives_the_rounded_box(seen, monkeypatch):
    seen((*BOX, "dog", 0.9), here=("u2netp",))
    monkeypatch.setattr(u2net, "salient", lambda *_, **__: np.zeros((192, 192), np.float32))
    (region,) = Object("dog").find(PICTURE)
    assert region.box == Box(*BOX)
    assert np.array_equal(region.mask, boxed.rounded(105, 105))


def test_a_small_box_is_rounded_without_another_look(seen, monkeypatch):
    seen((100, 100, 130, 190, "bottle", 0.9), here=("u2netp",))
    monkeypatch.setattr(
        u2net, "salient", lambda *_, **__: pytest.fail("not for a box of 30 pixels")
    )
    (region,) = Object("bottle").find(PICTURE)
    assert np.array_equal(region.mask, boxed.rounded(30, 90))


def test_the_sharpest_model_is_used_where_it_is(seen, monkeypatch):
    seen((*BOX, "dog", 0.9), here=("u2netp", "efficientsam_ti"))
    monkeypatch.setattr(efficientsam, "in_box", lambda image, box, held: TRUTH)
    (region,) = Object("dog").find(PICTURE)
    assert iou(region, TRUTH) == 1
    assert [held.model.name for held in Object("dog").weights()] == ["nanodet_g", "efficientsam_ti"]


def test_which_count(seen):
    rows = [
        (10, 10, 90, 90, "cat", 0.8),
        (12, 10, 92, 90, "cat", 0.7),  # the same again
        (10, 11, 90, 90, "dog", 0.6),  # taken for another thing
        (200, 100, 290, 200, "cat", 0.26),
        (100, 100, 190, 200, "cat", 0.24),
    ]
    seen(*rows)
    assert [r.score for r in Object("cat").find(PICTURE)] == pytest.approx([0.8, 0.26])
    assert [r.label for r in Object("dog").find(PICTURE)] == ["dog"]
    assert len(Object("cat", score=0.2).find(PICTURE)) == 3
    assert len(Object("cat", score=0.5).find(PICTURE)) == 1
    assert [r.label for r in Object().find(PICTURE)] == ["cat", "cat"]
    assert Object("car").find(PICTURE) == []


def test_another_model_is_another_detector(seen, monkeypatch):
    seen(here=("yolox_s",))
    monkeypatch.setattr(yolox, "detect", lambda *_: detections((*BOX, "dog", 0.9)))
    assert Object("dog", model="nanodet_g").find(PICTURE) == []
    assert len(Object("dog", model="yolox_s").find(PICTURE)) == 1
    assert [held.model.name for held in Object("dog").weights()] == ["yolox_s"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 3), (60, 50)])
@pytest.mark.parametrize("here", [(), ("u2netp",)])
def test_degenerate_pictures(seen, monkeypatch, shape, here):
    seen((0, 0, shape[1], shape[0], "dog", 0.9), (0, 0, 0.4, 0.4, "dog", 0.5), here=here)
    monkeypatch.setattr(u2net, "salient", lambda *_, **__: np.ones((192, 192), np.float32))
    regions = Object("dog").find(Image(np.full((*shape, 3), 90, np.uint8)))
    assert 1 <= len(regions) <= 2
    assert all(r.box == r.box.clipped(shape) and r.area for r in regions)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('object("giraf")', 'and not "giraf"; did you mean "giraffe"'),
        ('object("bycicle")', 'did you mean "bicycle"?'),
        (
            'object("unicorn")',
            'and not "unicorn"; for anything else write a phrase: "unicorn" alone',
        ),
        ('object("lamp post")', 'or anything else write a phrase: "lamp post" alone'),
        ('object("")', "object() needs the name of a thing"),
        ('object(" ")', "object alone is them all"),
    ],
)
def test_labels_that_no_detector_knows(text, wanted):
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert wanted in str(caught.value)
    assert len([line for line in str(caught.value).splitlines() if wanted in line]) == 1


def test_it_prints_as_it_is_written():
    assert str(rule.object("sofas", score=0.3)) == 'object("sofas", score=30%)'
    assert parse('object("sofas", score=30%)') == rule.object("sofas", score=0.3)


def test_models():
    with pytest.raises(
        ArgumentError, match="cannot use the model 'yunet'; choose from: nanodet_pl"
    ):
        Evaluation(PICTURE).regions(parse('object(model="yunet")'))
    with pytest.raises(ModelError, match="automask models pull nanodet_plus"):
        Evaluation(PICTURE).regions(parse('object("cat", model="nanodet_plus")'))


@pytest.mark.weights
@pytest.mark.parametrize("how", ["crop", "grabcut"])
def test_golden_outline_of_a_box_in_a_photograph(how, weights_of, seen, monkeypatch):
    """The detector aside, for which there may be no file: from the box of the cat to its mask."""
    held = weights_of("u2netp")
    seen((0, 0, 417, 300, "cat", 0.9))
    monkeypatch.setattr(
        "automask.strategies.object._cutter", {"crop": lambda: held, "grabcut": lambda: None}[how]
    )
    golden = images.load(f"tests/golden/object_cat_{how}.png").gray > 127
    (region,) = Object("cat").find(images.load("samples/cat.jpg"))
    assert iou(region, golden) >= 0.98


@pytest.mark.weights
def test_golden_mask_of_a_photograph(weights_of):
    if weights_of("nanodet_plus", "nanodet_g").model.name == "nanodet_plus":
        pytest.skip("the golden mask is of nanodet_g")
    weights_of("u2netp")
    golden = images.load("tests/golden/object_cup_coffee.png").gray > 127
    rule = parse('object("cup", model="nanodet_g")')
    found = Evaluation(images.load("samples/coffee.jpg")).pixels(rule)
    assert maskops.iou(found, golden) >= 0.98


@pytest.mark.weights
def test_the_cat_in_a_photograph(weights_of):
    weights_of("nanodet_plus", "nanodet_g")
    cat = images.load("samples/cat.jpg")
    (region,) = Object("cat").find(cat)
    assert region.score > 0.5
    assert 0.15 < region.area / (cat.width * cat.height) < 0.85
    assert Object("bus").find(cat) == []


@pytest.mark.parametrize(
    ("label", "offer"),
    [
        ("kid", 'did you mean "person"?'),
        ("glass", 'did you mean "wine glass" or "cup"?'),
        ("school bus", 'did you mean "bus"?'),
        ("bycicle", 'did you mean "bicycle"?'),
    ],
)
def test_what_may_be_meant_is_offered(label, offer):
    with pytest.raises(RuleError, match="object knows 80 things") as caught:
        parse(f'object("{label}")')
    assert offer in str(caught.value)


@pytest.mark.parametrize("label", ["tree", "hat", "logo", "chien"])
def test_nothing_is_offered_for_what_is_like_nothing(label):
    with pytest.raises(RuleError, match="for anything else write a phrase") as caught:
        parse(f'object("{label}")')
    assert "did you mean" not in str(caught.value)
