"""Masks and reports name the models that took part, with their sha256."""

import json
from pathlib import Path

import pytest
from PIL import Image as Picture

from automask.strategies.base import STRATEGIES
from automask.weights import Weights
from tests.weights.making import made

RECORD = f"made {made().sha256}"


@pytest.fixture(autouse=True)
def seeing(monkeypatch):
    """Border, as if it were found by a model."""
    held = (Weights(made(), Path("made.onnx")),)
    monkeypatch.setattr(STRATEGIES["border"], "weights", lambda self: held)


def test_a_mask_its_sidecar_and_its_report(cli, photo):
    told = cli("mask", "border(5px) | all", photo, "-o", "m.png", "--sidecar", "--json").stdout
    assert json.loads(told)["results"][0]["models"] == [RECORD]
    assert json.loads(Path("m.png.json").read_text())["models"] == [RECORD]
    with Picture.open("m.png") as picture:
        assert picture.text["automask:models"] == RECORD


def test_a_part_that_is_never_needed_needs_no_model(cli, photo):
    told = cli("mask", "all ?? border(5px)", photo, "-o", "m.png", "--json").stdout
    assert json.loads(told)["results"][0]["models"] == []


def test_a_repainted_picture(cli, photo):
    told = cli("run", "border(5px)", photo, "-o", "new.png", "--json").stdout
    assert json.loads(told)["models"] == [RECORD]


def test_an_explanation(cli, photo):
    assert f"model: {RECORD}" in cli("explain", "border(5px)", photo).stderr
    assert json.loads(cli("explain", "border(5px)", photo, "--json").stdout)["models"] == [RECORD]
