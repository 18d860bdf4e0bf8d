"""Detectors of faces: what they decode, and that they find the face of a sample."""

import json
import mmap
import platform
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from automask.errors import ModelError
from automask.images.load import load
from automask.networks import centerface
from automask.networks import faces as networks
from automask.networks.landmarks import Faces, joined
from automask.networks.yunet import YuNet
from automask.types import Image

ASTRONAUT = Path(__file__).parents[2] / "samples" / "astronaut.jpg"
FACE = (180, 62, 271, 176)  # where it is, by hand
EYES = ((203, 101), (247, 105))

FACE_A = ((40.0, 60.0, 104.0, 140.0), ((60, 90), (85, 92), (72, 105), (62, 120), (84, 121)))
FACE_B = (
    (300.0, 200.0, 316.0, 220.0),
    ((304, 206), (311, 206), (308, 211), (305, 215), (311, 216)),
)


def encoded(described, height=160, width=160):
    """CenterFace's four outputs for boxes with landmarks and scores, written from its paper."""
    heat = np.zeros((1, 1, height, width), np.float32)
    sizes = np.zeros((1, 2, height, width), np.float32)
    offsets = np.zeros((1, 2, height, width), np.float32)
    marks = np.zeros((1, 10, height, width), np.float32)
    for (x0, y0, x1, y1), points, score in described:
        column, left = divmod((x0 + x1) / 2 / 4 - 0.5, 1)
        row, above = divmod((y0 + y1) / 2 / 4 - 0.5, 1)
        cell = int(row), int(column)
        heat[0, 0][cell] = score
        for channel, side in enumerate((y1 - y0, x1 - x0)):
            sizes[0, channel][cell] = np.log(side / 4)
        offsets[0, 0][cell], offsets[0, 1][cell] = above, left
        for i, (x, y) in enumerate(points):
            marks[0, 2 * i][cell] = (y - y0) / (y1 - y0)
            marks[0, 2 * i + 1][cell] = (x - x0) / (x1 - x0)
    return heat, sizes, offsets, marks


class TestFaces:
    def test_the_surest_of_overlapping_ones_is_kept(self):
        boxes = [[0, 0, 10, 20], [1, 0, 11, 20], [30, 0, 40, 20]]
        found = Faces.of(boxes, [0.5, 0.9, 0.6], np.zeros((3, 10))).distinct(0.3)
        assert found.boxes.tolist() == [boxes[1], boxes[2]]
        assert found.scores.tolist() == pytest.approx([0.9, 0.6])

    def test_scaled_and_cut(self):
        faces = Faces.of([[1, 2, 3, 4], [5, 6, 7, 8]], [0.9, 0.4], np.ones((2, 10)))
        kept = faces.scaled(2, 10).above(0.5)
        assert kept.boxes.tolist() == [[2, 20, 6, 40]]
        assert kept.points[0].tolist() == [[2, 10]] * 5

    def test_placed_as_others_keeps_its_scores_and_what_others_lack(self):
        own = Faces.of([[0, 0, 10, 20], [50, 0, 60, 20]], [0.9, 0.8], np.zeros((2, 10)))
        other = Faces.of([[8, 0, 18, 20], [1, 1, 11, 21]], [0.4, 0.5], np.ones((2, 10)))
        placed = own.placed_as(other, 0.3)
        assert placed.boxes.tolist() == [[1, 1, 11, 21], [50, 0, 60, 20]]
        assert placed.points[:, 0].tolist() == [[1, 1], [0, 0]]
        assert placed.scores is own.scores
        assert own.placed_as(Faces.none(), 0.3) is own
        assert len(Faces.none().placed_as(other, 0.3)) == 0

    def test_wide_ones(self):
        faces = Faces.of([[0, 0, 10, 99], [5, 0, 16, 9]], [0.9, 0.8], np.zeros((2, 10)))
        assert faces.widths.tolist() == [10, 11]
        assert faces.wide(11).scores.tolist() == pytest.approx([0.8])

    def test_none_and_joined(self):
        faces = Faces.of([[1, 2, 3, 4]], [0.9], np.ones((1, 10)))
        assert len(Faces.none().distinct(0.3)) == 0
        assert joined(Faces.none(), faces, faces).boxes.tolist() == [[1, 2, 3, 4]] * 2


class TestCenterFace:
    def test_decodes_what_was_encoded(self):
        outputs = encoded([(*FACE_A, 0.7), (*FACE_B, 0.9)])
        found = centerface.decode(*outputs, least=0.3)
        assert found.scores.tolist() == pytest.approx([0.9, 0.7])
        assert np.allclose(found.boxes, [FACE_B[0], FACE_A[0]], atol=1e-3)
        assert np.allclose(found.points, [FACE_B[1], FACE_A[1]], atol=1e-3)

    def test_low_scores_are_left_out(self):
        assert len(centerface.decode(*encoded([(*FACE_A, 0.2)]), least=0.3)) == 0


def test_a_file_that_is_no_network_is_named(tmp_path):
    path = tmp_path / "faces.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"faces\.onnx cannot be loaded by OpenCV"):
        YuNet(path)


@pytest.mark.parametrize(
    ("shape", "side", "seen"),
    [
        ((1, 1), 320, (320, 320)),
        ((1, 3001), 800, (1, 800)),
        ((2999, 2001), 800, (800, 534)),
        ((866, 1155), 800, (600, 800)),
        ((640, 1280), 320, (160, 320)),
    ],
)
def test_a_copy_has_the_side_that_was_asked_for(shape, side, seen):
    assert networks._at(np.zeros((*shape, 3), np.uint8), side).shape[:2] == seen


@pytest.mark.parametrize("width", [1999, 2000, 2003, 3601])
def test_a_copy_keeps_things_in_their_place_and_mixes_fine_stripes(width):
    picture = np.zeros((width * 3 // 4, width, 3), np.uint8)
    picture[:, ::2] = 200
    x, y = round(0.8 * width), round(0.6 * width)
    picture[y - 60 : y + 60, x - 60 : x + 60] = 255
    copy = networks._at(picture, 800)
    ys, xs = np.nonzero(copy[..., 0] > 180)
    assert abs(xs.mean() - 640) < 1.5
    assert abs(ys.mean() - 480) < 1.5
    assert abs(copy[:100, :, 0].astype(int) - 100).max() < 30


def test_a_wide_face_that_only_the_large_size_sees_is_none(monkeypatch):
    wide, narrow = (600.0, 600.0, 760.0, 800.0), (100.0, 100.0, 124.0, 130.0)
    marks = np.zeros((1, 5, 2), np.float32)

    def found(rgb, doubtful):
        if max(rgb.shape) == networks.LARGE_PX:
            return Faces.of([wide, narrow], [0.8, 0.7], marks.repeat(2, 0))
        if max(rgb.shape) == networks.USUAL_PX and doubtful:
            return Faces.of(np.array(wide) * 800 / 1920, [0.4], marks)
        return Faces.none()

    weights = SimpleNamespace(model=SimpleNamespace(family="yunet"), record="stub")
    for doubtful, scores in ((False, [0.7]), (True, [0.8, 0.7])):
        monkeypatch.setitem(networks._RUN, "yunet", lambda _, rgb, __, d=doubtful: found(rgb, d))
        image = Image(np.zeros((1500, 3000, 3), np.uint8))
        assert networks.faces(image, weights).scores == pytest.approx(scores)


@pytest.mark.parametrize("glance_px", [0, 30, 60])
def test_close_ups_are_placed_by_a_larger_copy_that_is_made_only_for_them(glance_px, monkeypatch):
    marks, seen = np.arange(10, dtype=np.float32).reshape(1, 5, 2), []

    def found(_, rgb, __):
        side_px = max(rgb.shape)
        seen.append(side_px)
        width = {networks.GLANCE_PX: glance_px, networks.CLOSE_PX: 190}.get(side_px, 0)
        score = 0.9 if side_px == networks.GLANCE_PX else 0.4
        return Faces.of([[10, 10, 10 + width, 20 + width]], [score], marks)[: width > 0]

    monkeypatch.setitem(networks._RUN, "yunet", found)
    weights = SimpleNamespace(model=SimpleNamespace(family="yunet"), record="stub")
    faces = networks.faces(Image(np.zeros((640, 640, 3), np.uint8)), weights)
    wide = glance_px == 60
    assert seen == [networks.USUAL_PX, networks.GLANCE_PX, *[networks.CLOSE_PX] * wide]
    assert faces.scores.tolist() == pytest.approx([0.9] * wide)
    assert faces.boxes.tolist() == [[20, 20, 400, 420]] * wide
    assert faces.points.tolist() == (2 * marks).tolist() * wide


def test_grain_is_softened_where_small_faces_are_looked_for(monkeypatch):
    seen = {}

    def found(_, rgb, __):
        seen[max(rgb.shape)] = rgb
        return Faces.none()

    monkeypatch.setitem(networks._RUN, "yunet", found)
    weights = SimpleNamespace(model=SimpleNamespace(family="yunet"), record="stub")
    rgb = np.random.default_rng(0).integers(0, 256, (1000, 1920, 3), np.uint8)
    networks.faces(Image(rgb), weights)
    usual = networks._at(rgb, networks.USUAL_PX)
    assert np.std(seen[networks.LARGE_PX]) < 0.8 * np.std(rgb)
    assert np.std(seen[networks.USUAL_PX]) < 0.8 * np.std(usual)
    assert abs(np.mean(seen[networks.USUAL_PX]) - np.mean(usual)) < 0.5
    assert np.array_equal(seen[networks.GLANCE_PX], networks._at(usual, networks.GLANCE_PX))


@pytest.mark.weights
@pytest.mark.parametrize("spoilt", ["noise", "blur"])
def test_a_noisy_or_blurred_close_up_is_a_face(spoilt, weights_of):
    rgb = cv2.resize(load(ASTRONAUT).rgb[78:159, 185:266], (300, 300))
    if spoilt == "noise":
        noise = np.random.default_rng(0).normal(0, 60, rgb.shape)
        rgb = np.clip(rgb + noise, 0, 255).astype(np.uint8)
    else:
        rgb = cv2.GaussianBlur(rgb, (0, 0), 25)
    found = networks.faces(Image(rgb), weights_of("yunet")).above(networks.SCORES["yunet"])
    assert len(found) == 1
    assert np.abs(found.boxes[0] - (0, 0, 300, 300)).max() < 36


FAULTS = """
import resource, sys
import numpy as np
from automask import weights
from automask.networks.faces import faces
from automask.types import Image

def faults(width):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    faces(Image(np.full((600, width, 3), 90, np.uint8)), held)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

held = weights.find(weights.model("yunet"))
print([faults(width) for width in (800, 900) * 4][4:])
"""


@pytest.mark.weights
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what other mallocs do is theirs")
@pytest.mark.skipif(cv2.__version__.startswith("5."), reason="its nets keep their memory")
def test_pictures_of_several_sizes_do_not_take_their_memory_anew(weights_of):
    weights_of("yunet")
    ran = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    assert max(json.loads(ran.stdout)) * mmap.PAGESIZE < 8e6  # it is 24 MB by itself


@pytest.mark.weights
@pytest.mark.parametrize("long_side_px", [1600, 2000, 3000])
def test_no_patch_of_an_enlarged_picture_is_a_face(long_side_px, weights_of):
    rgb = load(ASTRONAUT).rgb
    scale = long_side_px / max(rgb.shape)
    image = Image(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
    found = networks.faces(image, weights_of("yunet")).above(0.5)
    assert np.abs(found.boxes / scale - FACE).max() < 6
    assert len(found) == 1


@pytest.mark.weights
@pytest.mark.parametrize("name", networks.MODELS)
class TestWithWeights:
    def test_finds_the_face_and_its_landmarks(self, name, weights_of):
        found = networks.faces(load(ASTRONAUT), weights_of(name))
        sure = found.above(networks.SCORES[name])
        assert len(sure) == 1
        assert np.abs(sure.boxes[0] - FACE).max() < 6
        assert np.abs(sure.points[0, :2] - EYES).max() < 5
        nose, left, right = sure.points[0, 2:]
        assert left[0] < nose[0] < right[0]
        assert EYES[0][1] < nose[1] < min(left[1], right[1]) < FACE[3]

    def test_runs_once_an_image(self, name, weights_of, monkeypatch):
        image, weights = load(ASTRONAUT), weights_of(name)
        first = networks.faces(image, weights)
        monkeypatch.setattr(networks, "_found", lambda *_: pytest.fail("it ran again"))
        assert networks.faces(image, weights) is first

    def test_threads_get_what_one_thread_gets(self, name, weights_of):
        weights, source = weights_of(name), load(ASTRONAUT)
        crops = [source.rgb, source.rgb[:300], source.rgb[:, 100:400], source.rgb[20:260, 90:390]]
        alone = [networks.faces(Image(crop), weights).boxes for crop in crops]
        start = threading.Barrier(len(crops))

        def found(crop):
            start.wait(timeout=30)
            return networks.faces(Image(crop), weights).boxes

        with ThreadPoolExecutor(len(crops)) as pool:
            together = list(pool.map(found, crops))
        assert all(map(np.array_equal, alone, together))

    @pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (2, 3)])
    def test_nothing_in_tiny_pictures(self, name, shape, weights_of):
        image = Image(np.full((*shape, 3), 120, np.uint8))
        assert len(networks.faces(image, weights_of(name))) == 0

    def test_says_nothing_on_stderr(self, name, weights_of, capfd):
        networks.faces(load(ASTRONAUT), weights_of(name))
        assert capfd.readouterr().err == ""
