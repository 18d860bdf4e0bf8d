"""Networks in memory: the same numbers from any number of threads; what fails is named."""

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from automask.errors import ModelError
from automask.networks import net as module
from automask.networks.net import Net, net
from automask.networks.onnx import OnnxNet

SIDES = {"u2netp": 320, "nanodet_g": 416, "selfie": 256}


def blobs(side, count):
    random = np.random.default_rng(1)
    return [random.random((1, 3, side, side), np.float32) for _ in range(count)]


@pytest.fixture
def opencv_threads():
    """Set how many threads OpenCV uses; the number of before is back afterwards."""
    before = cv2.getNumThreads()
    yield cv2.setNumThreads
    cv2.setNumThreads(before)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["u2netp", "selfie"])
@pytest.mark.parametrize("threads", [1, 2])
def test_threads_get_what_one_thread_gets(weights_of, opencv_threads, name, threads):
    opencv_threads(threads)
    shared = Net(weights_of(name).path)
    tasks = blobs(SIDES[name], 6)
    alone = [[array.copy() for array in shared.run(task)] for task in tasks]
    found = [None] * len(tasks)
    start = threading.Barrier(3)

    def work(first):
        start.wait(30)
        for place in range(first, len(tasks), 3):
            found[place] = shared.run(tasks[place])

    workers = [threading.Thread(target=work, args=(first,)) for first in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for one, other in zip(alone, found, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.weights
def test_a_net_is_loaded_once_and_gives_outputs_by_name(weights_of):
    weights = weights_of("u2netp")
    assert net(weights) is net(weights)
    (task,) = blobs(320, 1)
    everything = dict(zip(net(weights).outputs, net(weights).run(task), strict=True))
    (found,) = net(weights).run(task, ["1959"])
    assert np.array_equal(found, everything["1959"])


class Counted:
    """A network that is run by one thread at a time, or else says so."""

    def __init__(self):
        self.busy = threading.Lock()

    def getUnconnectedOutLayersNames(self):  # noqa: N802  (as OpenCV calls it)
        return ("out",)

    def setInput(self, blob, name):  # noqa: N802
        assert self.busy.acquire(blocking=False), "two threads run one net"
        self.blob = blob

    def forward(self, names):
        found = [self.blob * 2]
        threading.Event().wait(0.02)
        self.busy.release()
        return found


@pytest.mark.parametrize(("threads", "most"), [(2, 1), (1, 4)])
def test_no_two_threads_run_one_net(monkeypatch, opencv_threads, threads, most):
    opencv_threads(threads)
    made = []
    monkeypatch.setattr(module, "_read", lambda *_: made.append(Counted()) or made[-1])
    shared = Net(Path("x.onnx"))
    found = []

    def work(number):
        found.extend(float(shared.run(np.float32([number]))[0][0]) for _ in range(5))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(found) == sorted([0.0, 2.0, 4.0, 6.0] * 5)
    assert len(made) <= most


@pytest.mark.parametrize("name", ["junk.onnx", "junk.tflite"])
def test_a_file_that_is_no_network_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match=rf"{name} cannot be loaded by OpenCV"):
        Net(tmp_path / name)


def test_an_input_that_does_not_fit_is_said_and_the_net_goes_on(monkeypatch):
    class Choosy(Counted):
        def forward(self, names):
            if self.blob.size > 1:
                self.busy.release()
                raise cv2.error("OpenCV: (-215:Assertion failed)\n too much")
            return super().forward(names)

    monkeypatch.setattr(module, "_read", lambda *_: Choosy())
    shared = Net(Path("x.onnx"))
    with pytest.raises(ModelError, match=r"x.onnx cannot be run .* on \(2,\): .*too much"):
        shared.run(np.zeros(2, np.float32))
    assert shared.run(np.float32([4])) == [8]


# --- ONNX Runtime ---------------------------------------------------------------------------------


def test_without_onnxruntime_what_to_install_is_said(monkeypatch, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"x.onnx needs onnxruntime.*pip install 'automask\[onnx"):
        OnnxNet(tmp_path / "x.onnx")


@pytest.mark.weights
def test_both_engines_give_the_same(weights_of):
    pytest.importorskip("onnxruntime")
    path = weights_of("u2netp").path
    (task,) = blobs(320, 1)
    one, other = Net(path).run(task, ["1959"])[0], OnnxNet(path).run(task, ["1959"])[0]
    assert np.allclose(one, other, atol=1e-3)
    with pytest.raises(ModelError, match=r"cannot be run by onnxruntime on .* \(1, 7, 8, 8\)"):
        OnnxNet(path).run(np.zeros((1, 7, 8, 8), np.float32))


@pytest.mark.weights
def test_a_network_may_keep_the_engine_of_opencv_4(weights_of, monkeypatch):
    """It gives the same there; and where OpenCV has no other, none is named."""
    weights = weights_of("u2netp")
    (task,) = blobs(96, 1)
    new = Net(weights.path).run(task, ["1959"])[0]
    assert np.allclose(net(weights).run(task, ["1959"])[0], new, atol=1e-4)
    read, engines = cv2.dnn.readNetFromONNX, []
    monkeypatch.setattr(cv2.dnn, "ENGINE_CLASSIC", 1, raising=False)
    monkeypatch.setattr(
        cv2.dnn, "readNetFromONNX", lambda path, *engine: engines.append(engine) or read(path)
    )
    module._loaded.cache_clear()
    net(weights)
    net(weights_of("nanodet_g"))
    monkeypatch.delattr(cv2.dnn, "ENGINE_CLASSIC")
    module._loaded.cache_clear()
    net(weights)
    module._loaded.cache_clear()
    assert engines == [(1,), (), ()]


def test_a_file_that_onnxruntime_cannot_read_is_named(tmp_path):
    pytest.importorskip("onnxruntime")
    (tmp_path / "junk.onnx").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match=r"junk.onnx cannot be loaded by onnxruntime"):
        OnnxNet(tmp_path / "junk.onnx")


@pytest.mark.weights
@pytest.mark.parametrize("threads", [1, 2])
def test_the_faster_engine_is_used_where_it_is_installed(weights_of, opencv_threads, threads):
    pytest.importorskip("onnxruntime")
    opencv_threads(threads)
    lettering = weights_of("ppocr6_small")
    faster = net(lettering)
    assert isinstance(faster, OnnxNet)
    assert net(lettering) is faster
    (task,) = blobs(96, 1)
    assert np.allclose(faster.run(task)[0], Net(lettering.path).run(task)[0], atol=1e-3)


@pytest.mark.weights
def test_without_the_faster_engine_it_is_opencv(weights_of, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    module._loaded_in_onnx.cache_clear()
    lettering = weights_of("ppocr6_small")
    assert isinstance(net(lettering), Net)
    monkeypatch.undo()
    module._loaded_in_onnx.cache_clear()
