"""`plate`: tensors of an encoder of its own through the decoder, and the strategy on top."""

import itertools

import cv2
import numpy as np
import pytest

from automask.errors import ModelError
from automask.networks import lpd
from automask.selector.build import rule
from automask.selector.evaluate import Evaluation
from automask.strategies.plate import quad
from automask.types import Image
from automask.weights import Weights, model

PLATE_A = ((100, 60), (160, 64), (158, 84), (98, 80))
PLATE_B = ((20, 200), (44, 200), (44, 208), (20, 208))


def anchors():
    """(x, y, side) of each prior, written as the contract tells them: row by row, size by size."""
    for step, squares in ((8, (10, 16, 24)), (16, (32, 48)), (32, (64, 96)), (64, (128, 192, 256))):
        for row, column in itertools.product(range(240 // step), range(320 // step)):
            for side in squares:
                yield (column + 0.5) * step, (row + 0.5) * step, side


def encoded(*described):
    """The three outputs for plates with likelihoods and lies."""
    places = list(anchors())
    loc = np.zeros((len(places), 14), np.float32)
    conf = np.tile(np.float32([1, 0]), (len(places), 1))
    iou = np.full((len(places), 1), -0.2, np.float32)
    for corners, likelihood, lie in described:
        x, y = np.mean(corners, axis=0)
        width = max(c[0] for c in corners) - min(c[0] for c in corners)
        best = min(
            range(len(places)),
            key=lambda i: np.hypot(places[i][0] - x, places[i][1] - y) + abs(places[i][2] - width),
        )
        px, py, side = places[best]
        for (cx, cy), at in zip(corners, (4, 6, 10, 12), strict=True):
            loc[best, at : at + 2] = (cx - px) / side / 0.1, (cy - py) / side / 0.1
        conf[best], iou[best] = (1 - likelihood, likelihood), lie
    return loc, conf, iou


def test_decodes_what_was_encoded():
    found = lpd.decode(*encoded((PLATE_A, 0.9, 0.9), (PLATE_B, 1.0, 1.3)), least=0.3)
    assert np.allclose(found.corners, [PLATE_B, PLATE_A], atol=1e-3)
    assert found.scores.tolist() == pytest.approx([1.0, 0.9])


def test_the_surest_of_overlapping_plates_stays():
    shifted = tuple((x + 9, y + 1) for x, y in PLATE_A)
    found = lpd.decode(*encoded((PLATE_A, 0.8, 0.8), (shifted, 0.9, 0.9)), least=0.3)
    assert np.allclose(found.corners, [shifted], atol=1e-3)


def test_nothing_where_nothing_is_sure():
    assert len(lpd.decode(*encoded((PLATE_A, 0.2, 0.2)), least=0.3).scores) == 0
    assert len(lpd.decode(*encoded(), least=0.3).scores) == 0


class Network:
    """Stands in for the network: notes what it is fed, answers with plates."""

    def __init__(self, *described):
        self.fed, self.outputs = [], encoded(*described)

    def run(self, blob, outputs):
        assert tuple(outputs) == ("loc", "conf", "iou")
        self.fed.append(blob)
        return [out.copy() for out in self.outputs]


@pytest.fixture
def network(monkeypatch, tmp_path):
    """A network in the place of the model that the strategy asks for."""
    made = Network(
        (PLATE_B, 0.95, 0.95),
        (PLATE_A, 0.9, 0.9),
        (((200, 20), (240, 20), (240, 30), (200, 30)), 0.5, 0.5),
    )
    held = Weights(model("lpd_yunet"), tmp_path / "plates.onnx")
    monkeypatch.setattr("automask.strategies.plate.choose", lambda *_, **__: held)
    monkeypatch.setattr(lpd, "net", lambda _: made)
    return made


def test_regions_lie_where_the_plates_are_in_the_picture(network):
    rgb = np.zeros((480, 600, 3), np.uint8)
    rgb[..., 0] = 200  # red, which the network gets last
    regions = Evaluation(Image(rgb)).regions(rule.plate())
    assert [tuple(r.box) for r in regions] == [(196, 120, 320, 168), (40, 400, 88, 416)]
    assert [r.label for r in regions] == ["plate", "plate"]
    assert [r.score for r in regions] == pytest.approx([0.9, 0.95])
    assert regions[0].area == pytest.approx(4 * 1200, rel=0.05)
    (blob,) = network.fed
    assert blob.shape == (1, 3, 240, 320)
    assert blob[0, :, 100, 100].tolist() == [0, 0, 200]
    assert not blob[0, :, :, 301:].any()


def test_score_and_one_run_an_image(network):
    image = Image(np.zeros((480, 640, 3), np.uint8))
    assert len(Evaluation(image).regions(rule.plate(score=0.4))) == 3
    assert len(Evaluation(image).regions(rule.plate(score=0.93))) == 1
    assert len(Evaluation(image).regions(rule.plate(score=0))) == 3
    assert len(network.fed) == 1


class Seeing:
    """A network that takes every red rectangle at least 10 pixels wide for a plate."""

    def __init__(self):
        self.runs = 0

    def run(self, blob, outputs):
        assert tuple(outputs) == ("loc", "conf", "iou")
        self.runs += 1
        red = (blob[0, 2] > 100).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(red)
        wide = [(x, y, w, h) for x, y, w, h, _ in stats[1:].tolist() if 10 <= w <= 256]
        plates = [((x, y), (x + w, y), (x + w, y + h), (x, y + h)) for x, y, w, h in wide]
        return encoded(*((plate, 0.9, 0.9) for plate in plates))


@pytest.fixture
def seeing(network, monkeypatch):
    """A network that looks, in the place of the model."""
    made = Seeing()
    monkeypatch.setattr(lpd, "net", lambda _: made)
    return made


def pictured(shape, *boxes):
    """A picture with red rectangles."""
    rgb = np.full((*shape, 3), 60, np.uint8)
    for x0, y0, x1, y1 in boxes:
        rgb[y0:y1, x0:x1] = 230, 20, 20
    return Image(rgb)


def test_small_plates_of_a_large_picture_are_seen_in_tiles(seeing):
    boxes = [
        (1300, 200, 2500, 600),  # larger than a tile of a quarter
        (20, 1000, 72, 1020),  # 1.3 % of the width
        (980, 1500, 1080, 1530),  # across tiles
        (3940, 2960, 4000, 2990),  # in the corner, cut by the picture's border
    ]
    found = Evaluation(pictured((3000, 4000), *boxes)).regions(rule.plate())
    assert np.allclose([r.box for r in found], boxes, atol=14)
    assert seeing.runs == 1 + 9 + 25


def test_a_plate_that_fills_the_picture_is_one(seeing):
    (found,) = Evaluation(pictured((900, 1200), (150, 300, 1050, 600))).regions(rule.plate())
    assert np.allclose(found.box, (150, 300, 1050, 600), atol=8)
    assert seeing.runs == 1 + 9


def test_a_small_picture_is_seen_once(seeing):
    (found,) = Evaluation(pictured((600, 900), (300, 200, 420, 240))).regions(rule.plate())
    assert np.allclose(found.box, (300, 200, 420, 240), atol=4)
    assert seeing.runs == 1


def test_plates_outside_a_small_picture_are_left_out(network):
    assert Evaluation(Image(np.zeros((1, 1, 3), np.uint8))).regions(rule.plate()) == []


def test_a_quadrilateral_in_any_order():
    round_, crossed = [(2, 1), (8, 2), (7, 5), (1, 4)], [(2, 1), (7, 5), (8, 2), (1, 4)]
    masks = [quad(np.float32(corners), (9, 12)) for corners in (round_, crossed)]
    assert np.array_equal(masks[0][0], masks[1][0])
    assert masks[0][0].sum() == pytest.approx(19, abs=4)
    assert not quad(np.float32([(2, 1), (4, 1), (6, 1), (8, 1)]), (9, 12))[0].any()


def test_a_missing_model_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOMASK_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="lpd_yunet"):
        Evaluation(Image(np.zeros((9, 12, 3), np.uint8))).regions(rule.plate())
