"""What threads share: one of all, or one for each where OpenCV leaves them the cores."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import cv2
import pytest

from automask.networks import net as module
from automask.networks.shared import Shared

WAIT_S = 30


@pytest.fixture(autouse=True)
def _opencv_threads():
    before = cv2.getNumThreads()
    yield
    cv2.setNumThreads(before)


def test_where_opencv_has_one_thread_two_of_ours_work_at_the_same_time():
    cv2.setNumThreads(1)
    shared, both = Shared(object), threading.Barrier(2)

    def use(_):
        with shared.one() as thing:
            both.wait(WAIT_S)
            return id(thing)

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(use, range(2)))) == 2


def test_where_opencv_has_threads_there_is_one_for_all():
    cv2.setNumThreads(2)
    shared, made = Shared(object), set()

    def use(_):
        with shared.one() as thing:
            made.add(id(thing))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(40)))
    assert made == {id(shared.first)}


def test_one_that_failed_is_used_again():
    shared = Shared(object)
    with pytest.raises(KeyError), shared.one():
        raise KeyError
    with shared.one() as thing:
        assert thing is shared.first


def test_a_file_is_loaded_once_however_many_threads_ask(tmp_path, monkeypatch):
    read, start = [], threading.Barrier(4)
    weights = SimpleNamespace(path=tmp_path / "x.onnx", model=SimpleNamespace(settings={}))

    def slow(path, *_):
        read.append(path)
        threading.Event().wait(0.05)
        return SimpleNamespace(getUnconnectedOutLayersNames=lambda: ("out",))

    def ask(_):
        start.wait(WAIT_S)
        return module.net(weights)

    monkeypatch.setattr(module, "_read", slow)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(map(id, pool.map(ask, range(4))))) == 1
    assert read == [weights.path]
