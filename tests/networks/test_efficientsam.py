"""EfficientSAM's contract, kept with a tiny network that depends on what it is asked."""

import dataclasses

import numpy as np
import pytest

from automask.errors import ModelError, RuleError
from automask.networks import efficientsam
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image
from automask.weights import Weights, model
from tests.networks import tiny_onnx
from tests.scenes import disc


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Weights of a network that gives a disk of 200 of 1024 pixels around a point."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.onnx"
    path.write_bytes(tiny_onnx.efficientsam())
    return Weights(dataclasses.replace(model(efficientsam.MODEL), sha256="0" * 64), path)


@pytest.fixture
def here(monkeypatch, tiny):
    monkeypatch.setattr("automask.weights.find", lambda wanted: tiny)
    return tiny


def ellipse(height, width, x, y):
    """The disk of the tiny network in a picture of another shape."""
    down, across = np.mgrid[:height, :width] + 0.5
    far = ((across - x) / width) ** 2 + ((down - y) / height) ** 2
    return far <= (200 / 1024) ** 2


def overlap(found, truth):
    return (found & truth).sum() / (found | truth).sum()


@pytest.mark.parametrize(("height", "width"), [(120, 200), (200, 120), (1024, 1024), (64, 64)])
def test_the_thing_at_a_point(tiny, height, width):
    image = Image(np.full((height, width, 3), 200, np.uint8))
    x, y = width * 0.3, height * 0.6
    found = efficientsam.at_point(image, x, y, tiny)
    assert (found.dtype, found.shape) == (np.bool_, (height, width))
    assert overlap(found, ellipse(height, width, x, y)) > 0.93


def test_of_the_masks_that_are_offered_the_surest_counts(tiny):
    """The tiny network is surest of the disk around the point with the higher mark."""
    image = Image(np.full((150, 250, 3), 200, np.uint8))
    found = efficientsam.in_box(image, (40, 30, 160, 100), tiny)
    assert overlap(found, ellipse(150, 250, 160, 100)) > 0.93


def test_the_network_sees_the_picture(tiny):
    rgb = np.full((100, 100, 3), 200, np.uint8)
    rgb[:50] = 0
    found = efficientsam.at_point(Image(rgb), 50, 50, tiny)
    assert not found[:49].any()
    assert found[51:68, 48:52].all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 3)])
def test_degenerate_pictures(tiny, shape):
    found = efficientsam.at_point(Image(np.full((*shape, 3), 90, np.uint8)), 0.5, 0.5, tiny)
    assert found.shape == shape


def test_it_is_not_here():
    assert efficientsam.here() is None


def test_point_takes_the_model_that_is_here_and_says_so(here):
    image = Image(np.full((120, 200, 3), 200, np.uint8))
    evaluation = Evaluation(image)
    found = evaluation.pixels(parse("point(60px, 70px)"))
    assert overlap(found, ellipse(120, 200, 60.5, 70.5)) > 0.93
    assert evaluation.models == (here.record,)


def test_point_takes_colours_where_the_model_does_not_mean_the_pixel(here):
    rgb = np.zeros((120, 200, 3), np.uint8)  # black is nothing to the tiny network
    evaluation = Evaluation(Image(rgb))
    assert evaluation.pixels(parse("point(60px, 70px)"))[70, 60]


def test_refine_moves_the_border_to_that_of_the_model_within_its_radius(here):
    image = Image(np.full((300, 300, 3), 200, np.uint8))
    truth = disc(300, 300, (150, 150), 59)
    evaluation = Evaluation(image)
    # the tiny network's disk stands at the lower right corner of the box: another thing
    far = evaluation.pixels(parse("ellipse(90px, 90px, 120px, 120px):refine(10px)"))
    assert overlap(far, truth) > 0.9
    assert evaluation.models == (here.record,)


def test_refine_with_a_model_that_means_the_same(monkeypatch, here):
    image = Image(np.full((300, 300, 3), 200, np.uint8))
    wider = disc(300, 300, (150, 150), 66)
    wider[:, :20] = True  # too far away to count
    monkeypatch.setattr(efficientsam, "in_box", lambda *_: wider)
    rule = "ellipse(90px, 90px, 120px, 120px):refine({}px)"
    ten = Evaluation(image).pixels(parse(rule.format(10)))
    assert np.array_equal(ten, wider & ~(np.arange(300) < 20)[None])
    three = Evaluation(image).pixels(parse(rule.format(3)))
    assert overlap(three, disc(300, 300, (149.5, 149.5), 63)) > 0.97


@pytest.mark.parametrize(
    "rule",
    ["point(900px, 5px) | all", "rect(5px, 5px, 2px, 40px):refine(10px)", "none:refine(3px)"],
)
def test_it_is_not_named_where_it_was_not_asked(here, rule):
    evaluation = Evaluation(Image(np.full((60, 90, 3), 200, np.uint8)))
    evaluation.pixels(parse(rule))
    assert evaluation.models == ()


@pytest.mark.parametrize("rule", ["point(60px, 70px{})", "all:refine(10px{})"])
def test_a_pin_asks_for_it_and_nothing_stands_in(rule, here, monkeypatch):
    pinned = parse(rule.format(', model="efficientsam_ti"'))
    assert parse(str(pinned)) == pinned
    image = Image(np.full((120, 200, 3), 200, np.uint8))
    evaluation, free = Evaluation(image), Evaluation(image)
    with monkeypatch.context() as patched:
        patched.setattr("automask.weights.get", lambda _: here)
        found = evaluation.pixels(pinned)
    assert np.array_equal(found, free.pixels(parse(rule.format(""))))
    assert evaluation.models == (here.record,)
    monkeypatch.setattr("automask.weights.find", lambda wanted: None)
    assert Evaluation(image).pixels(parse(rule.format(""))).any()
    with pytest.raises(ModelError, match=r"The model efficientsam_ti .* is missing"):
        Evaluation(image).pixels(pinned)


@pytest.mark.parametrize("rule", ['point(5px, 5px, model="u2netp")', 'all:refine(model="lama")'])
def test_another_model_cannot_be_pinned(rule):
    with pytest.raises(
        RuleError, match=r"(point|refine) cannot use the model .* efficientsam_ti\."
    ):
        parse(rule)
