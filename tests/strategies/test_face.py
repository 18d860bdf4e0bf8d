"""`face`, `eyes`, `mouth` on a sample photo, with the real weights; nothing but faces is loaded."""

from pathlib import Path

import numpy as np
import pytest

from automask import weights
from automask.errors import ArgumentError, ModelError
from automask.images.load import load
from automask.maskops import iou
from automask.networks import faces as networks
from automask.networks.landmarks import Faces
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.strategies.face import Face
from automask.types import Image

SAMPLES = Path(__file__).parents[2] / "samples"
GOLDEN = Path(__file__).parents[1] / "golden"
NAMES = ("face", "eyes", "mouth")


@pytest.fixture
def astronaut():
    return load(SAMPLES / "astronaut.jpg")


@pytest.mark.weights
class TestSample:
    @pytest.fixture(autouse=True)
    def _weights(self, weights_of):
        self.held = weights_of("yunet")

    @pytest.mark.parametrize("name", NAMES)
    def test_golden_mask(self, astronaut, name):
        """OpenCV 4 and 5 both have to come this near."""
        mask = Evaluation(astronaut).pixels(parse(name))
        assert iou(mask, load(GOLDEN / f"{name}_astronaut.png").gray > 127) >= 0.98

    def test_the_face_is_the_face(self, astronaut):
        (face,) = Evaluation(astronaut).regions(parse("face"))
        assert np.abs(np.subtract(face.box, (182, 60, 270, 178))).max() <= 12
        assert (face.label, face.source) == ("face", "face")
        assert face.score > 0.9
        assert 0.6 < face.area / face.box.area < 0.95

    def test_eyes_and_mouth_lie_in_it(self, astronaut):
        evaluation = Evaluation(astronaut)
        left, right = sorted(evaluation.regions(parse("eyes")), key=lambda r: r.box.x0)
        (mouth,) = evaluation.regions(parse("mouth"))
        assert not evaluation.pixels(parse("(eyes | mouth) - face")).any()
        assert left.box.x1 < right.box.x0
        assert mouth.box.y0 > left.box.y1
        assert not evaluation.pixels(parse("eyes & mouth")).any()

    def test_the_mask_names_the_model(self, astronaut):
        evaluation = Evaluation(astronaut)
        evaluation.pixels(parse("face | eyes"))
        assert evaluation.models == (self.held.record,)

    def test_other_models_are_not_loaded(self, astronaut, monkeypatch):
        """A rule that only needs faces runs the first model alone, once, whatever else is there."""
        monkeypatch.setattr("automask.networks.net.Net", lambda _: pytest.fail("another network"))
        monkeypatch.setattr(networks.centerface, "run", lambda *_: pytest.fail("CenterFace ran"))
        runs = []
        found = networks._found
        monkeypatch.setattr(networks, "_found", lambda *a: runs.append(a) or found(*a))
        assert Evaluation(astronaut).pixels(parse("face - eyes - mouth | face:grow(3px)")).any()
        assert len(runs) == 1

    def test_a_close_up_and_a_face_in_a_large_picture(self, astronaut):
        rgb = astronaut.rgb
        close = Image(np.ascontiguousarray(rgb[62:176, 181:271]))
        assert len(Evaluation(close).regions(parse("face"))) == 1
        large = np.full((1800, 2400, 3), 90, np.uint8)
        large[1000:1064, 1500:1564] = rgb[80:144, 190:254]
        small = rgb[40:200, 150:310].reshape(40, 4, 40, 4, 3).mean((1, 3)).astype(np.uint8)
        large[300:340, 700:740] = small
        (face,) = Evaluation(Image(large)).regions(parse("face & rect(650px, 250px, 150px, 150px)"))
        assert 700 < face.box.centre[0] < 725

    @pytest.mark.parametrize("quarters", [1, 3])
    def test_a_picture_on_its_side(self, astronaut, quarters):
        turned = np.ascontiguousarray(np.rot90(astronaut.rgb, quarters))
        mask = np.rot90(Evaluation(Image(turned)).pixels(parse("face")), -quarters)
        assert iou(mask, Evaluation(astronaut).pixels(parse("face"))) > 0.6

    def test_a_gray_picture(self, astronaut):
        gray = Image(np.repeat(astronaut.gray[..., None], 3, axis=2))
        mask = Evaluation(gray).pixels(parse("face"))
        assert iou(mask, Evaluation(astronaut).pixels(parse("face"))) > 0.8


@pytest.mark.weights
def test_centerface_finds_the_same_face(astronaut, weights_of):
    weights_of("centerface")
    mask = Evaluation(astronaut).pixels(parse('face(model="centerface")'))
    assert iou(mask, load(GOLDEN / "face_astronaut.png").gray > 127) > 0.85


def found(monkeypatch, *described):
    """Let a detector find faces: boxes and scores, with landmarks where they usually are."""
    usual = np.float32([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.78], [0.65, 0.78]])
    boxes = np.float32([box for box, _ in described]).reshape(-1, 4)
    points = boxes[:, None, :2] + usual * (boxes[:, None, 2:] - boxes[:, None, :2])
    faces = Faces.of(boxes, [score for _, score in described], points)
    held = weights.Weights(weights.model("yunet"), Path("faces.onnx"))
    monkeypatch.setattr("automask.strategies.face.choose", lambda *_, **__: held)
    monkeypatch.setattr("automask.networks.faces.faces", lambda *_: faces)


def test_scores_cut_and_order(monkeypatch):
    image = Image(np.full((200, 300, 3), 120, np.uint8))
    boxes = [(200, 20, 230, 60), (20, 20, 50, 60), (100, 120, 130, 160), (400, 20, 430, 60)]
    found(monkeypatch, *zip(boxes, (0.9, 0.7, 0.4, 0.95), strict=True))
    assert [r.box.x0 < 100 for r in Evaluation(image).regions(parse("face"))] == [True, False]
    all_ = Evaluation(image).regions(parse("face(score=30%)"))
    assert [round(r.score, 2) for r in all_] == [0.7, 0.9, 0.4]
    assert len(Evaluation(image).regions(parse("face(score=80%)"))) == 1
    assert len(Evaluation(image).regions(parse("eyes"))) == 4


def test_a_face_half_outside_is_cut_at_the_edge(monkeypatch):
    image = Image(np.full((200, 300, 3), 120, np.uint8))
    found(monkeypatch, ((-60, 120, 60, 280), 0.9))
    (face,) = Evaluation(image).regions(parse("face"))
    assert face.box.x0 == 0
    assert face.box.y1 == 200


def test_a_model_that_is_for_other_things_is_refused():
    with pytest.raises(ArgumentError, match="face cannot use the model 'u2netp'; choose from"):
        Face(model="u2netp").find(Image(np.zeros((4, 6, 3), np.uint8)))


def test_a_missing_model_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOMASK_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="yunet"):
        Evaluation(Image(np.zeros((4, 6, 3), np.uint8))).regions(parse("face"))
