"""NanoDet read back from tensors that another code wrote, and on a picture where it is here."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from automask import images
from automask.networks import nanodet
from automask.networks.net import Net, net
from automask.types import Image
from automask.weights import Weights, model
from tests.networks.coding import nanodet_outputs

HEADS = {"g": ((8, 16, 32), 11), "m": ((8, 16, 32), 8)}
THINGS = [
    (10.0, 20.0, 40.0, 70.0, 2, 0.9),
    (200.5, 100.25, 330.0, 260.0, 15, 0.8),
    (120.0, 280.0, 400.0, 410.0, 79, 0.5),
    (300.0, 20.0, 318.0, 41.0, 0, 0.06),
]


class Fake:
    """A network that gives the same outputs whatever it is asked, and counts."""

    def __init__(self, outputs):
        self.outputs, self.blobs = outputs, []

    def run(self, blob):
        self.blobs.append(blob)
        return self.outputs


@pytest.fixture
def faked(monkeypatch, tmp_path):
    def made(outputs, name="nanodet_plus"):
        fake = Fake(outputs)
        monkeypatch.setattr(nanodet, "net", lambda weights: fake)
        return fake, Weights(model(name), tmp_path / "none.onnx")

    return made


@pytest.mark.parametrize("head", HEADS)
def test_boxes_come_back(head):
    found = nanodet.decoded(nanodet_outputs(THINGS, *HEADS[head]))
    assert sorted(found.classes) == [0, 2, 15, 79]
    for x0, y0, x1, y1, number, score in THINGS:
        (at,) = np.flatnonzero(found.classes == number)
        assert np.allclose(found.boxes[at], (x0, y0, x1, y1), atol=0.05)
        assert found.scores[at] == pytest.approx(score)


@pytest.mark.parametrize("head", HEADS)
def test_the_order_of_the_outputs_does_not_matter(head):
    outputs = nanodet_outputs(THINGS, *HEADS[head])
    straight = nanodet.decoded(outputs)
    for other in (outputs[::-1], outputs[::2] + outputs[1::2], [o[0] for o in outputs]):
        found = nanodet.decoded(other)
        assert np.array_equal(found.boxes, straight.boxes)
        assert np.array_equal(found.classes, straight.classes)


def test_two_classes_of_one_cell_are_two_detections():
    outputs = nanodet_outputs([THINGS[1], (*THINGS[1][:4], 16, 0.6)], *HEADS["g"])
    assert sorted(nanodet.decoded(outputs).classes) == [15, 16]


def test_nothing_above_the_least_score():
    outputs = nanodet_outputs([(*THINGS[0][:5], 0.04)], *HEADS["m"])
    assert len(nanodet.decoded(outputs)) == 0


@pytest.mark.parametrize(("height", "width"), [(416, 832), (624, 312), (208, 208)])
def test_boxes_are_in_pixels_of_the_image(faked, height, width):
    scale = 416 / max(height, width)
    left, top = (416 - width * scale) / 2, (416 - height * scale) / 2
    box = width * 0.4, height * 0.3, width * 0.7, height * 0.8
    inside = [side * scale + (left, top)[i % 2] for i, side in enumerate(box)]
    fake, held = faked(nanodet_outputs([(*inside, 7, 0.7)], *HEADS["g"]))
    image = Image(np.zeros((height, width, 3), np.uint8))
    found = nanodet.detect(image, held)
    assert np.allclose(found.boxes, [box], atol=0.1)
    assert list(found.classes) == [7]
    assert nanodet.detect(image, held) is found
    assert len(fake.blobs) == 1


@pytest.mark.parametrize(
    ("height", "width", "seen"),
    [
        (320, 640, (256, 320)),
        (600, 300, (320, 256)),
        (300, 400, (256, 320)),
        (500, 420, (320, 320)),
        (60, 1000, (256, 320)),
    ],
)
def test_a_quick_look_sees_little_more_than_the_image(faked, height, width, seen):
    scale = 320 / max(height, width)
    left, top = (seen[1] - width * scale) / 2, (seen[0] - height * scale) / 2
    box = width * 0.6, height * 0.3, width * 0.9, height * 0.8
    inside = [side * scale + (left, top)[i % 2] for i, side in enumerate(box)]
    fake, held = faked(nanodet_outputs([(*inside, 7, 0.7)], *HEADS["g"], seen), "nanodet_g")
    image = Image(np.zeros((height, width, 3), np.uint8))
    found = nanodet.detect(image, held, mirrored=True, quick=True)
    assert [blob.shape for blob in fake.blobs] == [(1, 3, *seen)] * 2
    straight, turned = found.boxes if found.boxes[0, 0] > found.boxes[1, 0] else found.boxes[::-1]
    assert np.allclose(straight, box, atol=1.5 / scale)
    assert np.allclose(turned, (width - box[2], box[1], width - box[0], box[3]), atol=1.5 / scale)


def test_a_network_of_one_size_looks_as_ever(faked):
    fake, held = faked(nanodet_outputs([], *HEADS["g"]), "nanodet_plus")
    nanodet.detect(Image(np.zeros((300, 400, 3), np.uint8)), held, quick=True)
    assert fake.blobs[0].shape == (1, 3, 416, 416)


def test_the_network_is_given_blue_green_red_without_mean_and_spread(faked):
    fake, held = faked(nanodet_outputs([], *HEADS["g"]))
    colours = np.zeros((416, 416, 3), np.uint8)
    colours[:] = 10, 20, 30
    assert len(nanodet.detect(Image(colours), held)) == 0
    (blob,) = fake.blobs
    assert (blob.shape, blob.dtype) == ((1, 3, 416, 416), np.float32)
    wanted = (30 - 103.53) / 57.375, (20 - 116.28) / 57.12, (10 - 123.675) / 58.395
    assert np.allclose(blob[0, :, 5, 7], wanted, atol=1e-5)


def test_doubles_and_boxes_outside_go(faked):
    things = [
        (100.0, 150.0, 200.0, 250.0, 3, 0.9),
        (116.0, 150.0, 216.0, 250.0, 3, 0.8),  # the same thing, from the cell beside it
        (116.0, 166.0, 216.0, 266.0, 4, 0.7),  # another class
        (100.0, 2.0, 200.0, 60.0, 5, 0.9),  # in the margin above a picture twice as wide as high
    ]
    _, held = faked(nanodet_outputs(things, *HEADS["g"]))
    found = nanodet.detect(Image(np.zeros((208, 416, 3), np.uint8)), held)
    assert list(found.classes) == [3, 4]
    assert list(np.round(found.scores, 3)) == [0.9, 0.7]


def test_two_looks_are_averaged(monkeypatch, faked):
    left, both = (40.0, 150.0, 140.0, 250.0, 3, 0.8), (158.0, 100.0, 258.0, 300.0, 5, 0.6)
    fake, held = faked(nanodet_outputs([left, both], *HEADS["g"]))
    image = Image(np.zeros((416, 416, 3), np.uint8))
    found = nanodet.detect(image, held, mirrored=True)
    assert len(fake.blobs) == 2
    # the network says the same of the mirror image: the thing in the middle is there in both
    assert list(found.classes) == [5, 3, 3]
    assert found.scores == pytest.approx([0.6, 0.4, 0.4])
    assert np.allclose(found.boxes[0], both[:4], atol=0.1)
    assert sorted(np.round(found.boxes[1:, 0])) == [40, 416 - 140]
    assert nanodet.detect(image, held, mirrored=True) is found
    assert len(nanodet.detect(image, held)) == 2
    assert len(fake.blobs) == 2


def test_the_second_look_is_at_the_mirror_image(faked):
    fake, held = faked(nanodet_outputs([], *HEADS["g"]))
    colours = np.random.default_rng(1).integers(0, 256, (100, 417, 3), np.uint8)
    assert len(nanodet.detect(Image(colours), held, mirrored=True)) == 0
    first, second = fake.blobs
    assert np.array_equal(first[..., ::-1], second)


@pytest.mark.weights
def test_what_is_in_a_photograph(weights_of):
    held = weights_of("nanodet_plus", "nanodet_g")
    found = nanodet.detect(images.load("samples/cat.jpg"), held)
    assert (found.classes[0], found.scores[0] > 0.5) == (15, True)


@pytest.mark.weights
@pytest.mark.parametrize("shape", [(256, 320), (320, 320), (416, 416)])
def test_a_net_forgets_the_sizes_it_ran_at(weights_of, shape):
    held = weights_of("nanodet_g")
    blobs = [np.random.default_rng(1).normal(size=(1, 3, *s)) for s in ((320, 256), shape)]
    first, second = (blob.astype(np.float32) for blob in blobs)
    alone = Net(held.path).run(second)
    used = Net(held.path)
    used.run(first)
    assert all(np.allclose(a, b, atol=1e-4) for a, b in zip(alone, used.run(second), strict=True))
    assert all(np.isfinite(a).all() and abs(a).max() < 1000 for a in alone)


@pytest.mark.weights
def test_threads_share_one_network(weights_of):
    held = weights_of("nanodet_plus", "nanodet_g")
    rng = np.random.default_rng(3)
    pictures = [rng.integers(0, 256, (37, 61, 3), np.uint8) for _ in range(4)]
    alone = [nanodet.detect(Image(p), held) for p in pictures]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda p: nanodet.detect(Image(p), held), pictures))
    assert all(np.array_equal(a.boxes, b.boxes) for a, b in zip(alone, found, strict=True))
    assert net(held) is net(held)
