"""CLIPSeg: what its network is given, held against what its authors say, and what comes back."""

import cv2
import numpy as np
import pytest
from PIL import Image as Picture

from automask import weights
from automask.networks import clipseg
from automask.types import Image
from automask.weights import Weights
from tests.networks import tiny_clipseg
from tests.networks.tiny_clipseg import END, START

pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")


@pytest.fixture
def files(tmp_path):
    """The weights of the tiny network and of its tokenizer."""
    network, tokens = tmp_path / "tiny.onnx", tmp_path / "tokenizer.json"
    tiny_clipseg.write_network(network)
    tiny_clipseg.write_tokenizer(tokens)
    return Weights(weights.model("clipseg"), network), Weights(weights.model("clip_tokens"), tokens)


def test_texts_are_numbered_as_clip_does(files):
    numbers, _ = tiny_clipseg.vocabulary()
    red, thing = numbers["red</w>"], numbers["thing</w>"]
    texts = ["Red", "  RED\tox thing ", "red <|endoftext|> thing"]
    ids, attention = clipseg._numbered(texts, files[1].path)
    assert (ids.dtype, attention.dtype) == (np.int64, np.int64)
    assert ids.tolist() == [
        [START, red, END, END, END, END],  # filled up with what CLIP fills up with
        [START, red, numbers["o"], numbers["x</w>"], thing, END],
        [START, red, thing, END, END, END],
    ]
    assert attention.sum(axis=1).tolist() == [3, 6, 4]


def test_a_long_text_is_cut_and_still_ends(files):
    ids, attention = clipseg._numbered(["red " * 200, "red"], files[1].path)
    assert (ids.shape, attention.sum(axis=1).tolist()) == ((2, 77), [77, 3])
    assert ids[0, -1] == END


@pytest.mark.parametrize("shape", [(480, 640), (200, 150), (900, 120)])
def test_the_picture_is_drawn_and_normalised_as_its_processor_does(shape):
    """ViTImageProcessor: Pillow's bilinear filter to 352 x 352, then ImageNet's mean and spread."""
    noise = np.random.default_rng(4).integers(0, 256, (*shape, 3), np.uint8)
    rgb = cv2.GaussianBlur(noise, (0, 0), 1.5)
    square = Picture.fromarray(rgb).resize((352, 352), Picture.Resampling.BILINEAR)
    wanted = (np.asarray(square) / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    blob = clipseg._blob(rgb)
    assert (blob.shape, blob.dtype) == ((1, 3, 352, 352), np.float32)
    assert np.abs(blob[0] - wanted.transpose(2, 0, 1)).mean() < 0.04


@pytest.mark.parametrize("texts", [["red"], ["red", "blue"], ["red", "blue thing thing", "ox"] * 5])
def test_a_map_a_text_however_many_are_asked_at_once(files, texts):
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[:, :30], rgb[:, 30:] = (230, 20, 20), (20, 20, 230)
    maps = clipseg.heat_maps(Image(rgb), texts, *files)
    assert {found.shape for found in maps.values()} == {(352, 352)}
    assert maps["red"][:, :170].min() > 0.5 > maps["red"][:, 180:].max()
    if "ox" in texts:
        assert np.allclose(maps["ox"], 0.5)
