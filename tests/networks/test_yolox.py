"""YOLOX read back from a table that another code wrote."""

import numpy as np
import pytest

from automask.networks import yolox
from automask.types import Image
from automask.weights import Weights, model
from tests.networks.coding import yolox_output

THINGS = [
    (10.0, 20.0, 40.0, 70.0, 2, 0.8),
    (200.5, 100.25, 330.0, 260.0, 15, 0.7),
    (20.0, 300.0, 600.0, 630.0, 79, 0.06),
]


def test_boxes_come_back():
    found = yolox.decoded(yolox_output(THINGS))
    assert list(found.classes) == [2, 15, 79]
    assert np.allclose(found.boxes, [thing[:4] for thing in THINGS], atol=0.01)
    assert found.scores == pytest.approx([0.8, 0.7, 0.06])


@pytest.mark.parametrize(("height", "width"), [(320, 1280), (640, 640), (90, 60)])
def test_boxes_are_in_pixels_of_the_image(monkeypatch, tmp_path, height, width):
    scale = 640 / max(height, width)
    box = width * 0.4, height * 0.3, width * 0.7, height * 0.8
    blobs = []

    class Fake:
        def run(self, blob):
            blobs.append(blob)
            return [yolox_output([(*(side * scale for side in box), 7, 0.7)])]

    monkeypatch.setattr(yolox, "net", lambda weights: Fake())
    held = Weights(model("yolox_s"), tmp_path / "none.onnx")
    colours = np.zeros((height, width, 3), np.uint8)
    colours[:] = 10, 20, 30
    image = Image(colours)
    found = yolox.detect(image, held)
    assert np.allclose(found.boxes, [box], atol=0.1)
    assert yolox.detect(image, held) is found
    (blob,) = blobs
    assert (blob.shape, blob.dtype) == ((1, 3, 640, 640), np.float32)
    assert list(blob[0, :, 0, 0]) == [30, 20, 10]
    assert width == height or list(blob[0, :, -1, -1]) == [114] * 3
