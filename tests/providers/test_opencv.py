import cv2
import numpy as np
import pytest

from automask.errors import PreflightError, ProviderError
from automask.providers.base import Job, State
from automask.providers.opencv import OpenCv


def png(array):
    return cv2.imencode(".png", array)[1].tobytes()


def job(picture, mask, prompt=""):
    return Job("opencv", png(mask.astype(np.uint8) * 255), prompt, png(picture))


@pytest.fixture
def ramp():
    rows = np.arange(40, dtype=np.uint8)[:, None, None] * 5
    return np.ascontiguousarray(np.broadcast_to(rows, (40, 60, 3)))


def middle(shape=(40, 60)):
    mask = np.zeros(shape, bool)
    mask[15:25, 20:40] = True
    return mask


@pytest.mark.parametrize("method", ["auto", "telea", "ns", "patch"])
def test_the_surroundings_grow_into_the_hole(ramp, method):
    spoiled = ramp.copy()
    spoiled[middle()] = (0, 0, 255)
    engine = OpenCv(method)
    progress = engine.progress(engine.submit(job(spoiled, middle())))
    assert progress.state is State.DONE
    result = cv2.imdecode(np.frombuffer(progress.pictures[0], np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(result.astype(int) - ramp).max() <= 40
    assert np.abs(result.astype(int) - ramp).mean() <= 2


def test_pixels_away_from_the_mask_stay_bit_for_bit(ramp):
    noise = np.random.default_rng(0).integers(0, 256, ramp.shape, dtype=np.uint8)
    engine = OpenCv()
    progress = engine.progress(engine.submit(job(noise, middle())))
    result = cv2.imdecode(np.frombuffer(progress.pictures[0], np.uint8), cv2.IMREAD_COLOR)
    away = np.ones((40, 60), bool)
    away[12:28, 17:43] = False
    assert np.array_equal(result[away], noise[away])


def test_a_mask_of_everything_is_refused_before_it_is_submitted(ramp):
    mask = np.ones((40, 60), bool)
    for left in ([], [(0, 0)]):  # the halo takes what little is left
        mask[tuple(np.array(left, int).reshape(-1, 2).T)] = False
        with pytest.raises(PreflightError, match="select less"):
            OpenCv().check(job(ramp, mask))
    mask[:5, :5] = False
    assert OpenCv().check(job(ramp, mask)) == []


def test_a_mask_of_another_size_is_refused(ramp):
    with pytest.raises(ProviderError, match="30 x 20 pixels, the picture 60 x 40"):
        OpenCv().submit(job(ramp, middle((20, 30))))


def test_bytes_that_are_no_picture_are_refused():
    with pytest.raises(ProviderError, match="cannot decode"):
        OpenCv().submit(Job("opencv", b"x", "", b"y"))


def test_an_unknown_handle_is_refused():
    with pytest.raises(ProviderError, match="knows no job"):
        OpenCv().progress("abc")


def test_a_prompt_is_said_to_be_unused(ramp):
    assert OpenCv().check(job(ramp, middle())) == []
    assert "does not use the prompt" in OpenCv().check(job(ramp, middle(), "a dog"))[0]
