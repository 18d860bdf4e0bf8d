"""LaMa as a local provider; a tiny network of its contract stands in for the real one."""

import cv2
import numpy as np
import pytest

from automask import weights
from automask.errors import ModelError, PreflightError, ProviderError
from automask.providers import lama as module
from automask.providers.base import Job, State, provider_of
from automask.providers.lama import Lama
from automask.weights import Weights
from tests.networks import tiny_lama

FIVE = cv2.__version__.startswith("5.")


def png(array):
    return cv2.imencode(".png", array)[1].tobytes()


def job(picture, mask, prompt=""):
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    return Job("lama", png(mask.astype(np.uint8) * 255), prompt, png(bgr))


@pytest.fixture
def engine(tmp_path, monkeypatch):
    place = tmp_path / "lama.onnx"
    tiny_lama.write_network(place)
    monkeypatch.setattr(Lama, "weights", lambda _: (Weights(weights.model("lama"), place),))
    return Lama()


def result(engine, asked):
    progress = engine.progress(engine.submit(asked))
    assert progress.state is State.DONE
    found = cv2.imdecode(np.frombuffer(progress.pictures[0], np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(found, cv2.COLOR_BGR2RGB)


@pytest.fixture
def picture():
    """Two halves of one colour each; not square."""
    rgb = np.zeros((300, 1400, 3), np.uint8)
    rgb[:, :700] = (200, 40, 10)
    rgb[:, 700:] = (20, 60, 220)
    return rgb


def test_each_hole_is_filled_from_its_own_surroundings(engine, picture):
    mask = np.zeros((300, 1400), bool)
    mask[100:160, 100:180] = True
    mask[120:170, 1200:1290] = True
    spoiled = picture.copy()
    spoiled[mask] = 255
    made = result(engine, job(spoiled, mask))
    assert np.abs(made.astype(int) - picture).max() <= 2
    away = np.ones(mask.shape, bool)
    away[95:175, 95:185] = away[115:175, 1195:1295] = False
    assert np.array_equal(made[away], spoiled[away])


def test_nothing_of_a_thin_thing_in_a_large_picture_is_left_to_be_continued(engine):
    """A cable: its hole is narrower than one of the 512 pixels across that the network sees."""
    rgb = np.full((4000, 4000, 3), (40, 160, 90), np.uint8)
    mask = np.zeros((4000, 4000), np.uint8)
    cv2.line(mask, (700, 0), (1600, 3999), 1, 2)
    rgb[mask > 0] = 255, 0, 255
    made = result(engine, job(rgb, mask > 0))
    assert np.abs(made.astype(int) - (40, 160, 90)).max() <= 1


def test_holes_that_are_near_are_seen_together():
    hole = np.zeros((900, 1200), bool)
    hole[400:440, 300:340] = hole[400:440, 350:390] = hole[10:30, 1150:1200] = True
    boxes = module._squares(hole)
    assert [(b.width, b.height) for b in boxes] == [(512, 512), (512, 512)]
    assert all(box == box.clipped(hole.shape) for box in boxes)


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (700, 30)])
def test_small_and_narrow_pictures(engine, shape):
    rgb = np.full((*shape, 3), 90, np.uint8)
    mask = np.zeros(shape, bool)
    mask[: shape[0] // 4] = True
    assert result(engine, job(rgb, mask)).shape == rgb.shape


def test_what_it_cannot_do_is_said_before(engine, picture):
    mask = np.zeros((300, 1400), bool)
    mask[10:20, 10:20] = True
    if FIVE:
        assert "does not use the prompt" in engine.check(job(picture, mask, "a dog"))[0]
        with pytest.raises(PreflightError, match="lama continues what is around"):
            engine.check(job(picture, ~np.zeros_like(mask)))
    else:
        with pytest.raises(PreflightError, match=r"lama needs OpenCV 5 and this is 4\."):
            engine.check(job(picture, mask))
    with pytest.raises(ProviderError, match="cannot decode"):
        engine.submit(Job("lama", b"x", "", b"y"))


def test_without_its_model_three_lines_say_what_to_do():
    with pytest.raises(ModelError) as caught:
        provider_of("lama").weights()
    assert "automask models pull lama" in str(caught.value).splitlines()[1]
