import io
import pickle

import numpy as np
import pytest
from PIL import Image as PILImage

import automask
from automask import pipeline
from automask.errors import (
    ArgumentError,
    NothingSelected,
    ProviderError,
    RuleError,
)
from automask.providers.base import Job, Progress, Provider, State

RED = "rect(20px, 10px, 20px, 20px)"


@pytest.fixture
def picture():
    rgb = np.full((40, 60, 3), 230, np.uint8)
    rgb[10:30, 20:40] = (200, 30, 40)
    return rgb


@pytest.fixture
def path(picture, tmp_path):
    file = tmp_path / "pícture one.png"
    PILImage.fromarray(picture).save(file)
    return file


def test_a_mask_knows_its_rule_and_source(path):
    mask = automask.mask(path, "rect(0,0,50%,100%)")
    assert mask.array.shape == (40, 60)
    assert mask.array.dtype == bool
    assert mask.area == 40 * 30
    assert mask.rule == "rect(0px, 0px, 50%, 100%)"
    assert mask.source == str(path)
    assert len(mask.source_sha256) == 64


def test_every_kind_of_image_gives_the_same_mask(path, picture):
    sources = (path, str(path), path.read_bytes(), picture, PILImage.open(path))
    masks = [automask.mask(source, 'color("red")').array for source in sources]
    assert masks[0].sum() == 400
    assert all(np.array_equal(masks[0], other) for other in masks[1:])


def test_regions_come_in_the_rules_order(picture):
    found = automask.regions(picture, "grid(3, 1)[1:] | rect(0, 0, 1px, 1px)")
    assert [tuple(r.box) for r in found] == [(20, 0, 40, 40), (40, 0, 60, 40), (0, 0, 1, 1)]


def test_named_rules_come_from_the_settings(picture, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "automask.toml").write_text("[rules]\nspot = 'rect(0, 0, 2px, 3px)'\n")
    mask = automask.mask(picture, "@spot")
    assert mask.area == 6
    assert mask.rule == "rect(0px, 0px, 2px, 3px)"


def test_the_rule_is_read_before_the_picture(tmp_path):
    with pytest.raises(RuleError):
        automask.mask(tmp_path / "missing.jpg", "gorw(")


def test_run_removes_what_the_rule_selects(picture):
    result = automask.run(picture, f"{RED}:grow(2px)")
    assert result.rgb.shape == picture.shape
    assert np.abs(result.rgb.astype(int) - 230).max() <= 2
    assert result.drift.share == 0
    assert result.provider == "opencv"
    assert len(result.key) == 64


def test_run_leaves_its_input_alone(picture):
    before = picture.copy()
    automask.run(picture, RED)
    assert np.array_equal(picture, before)


def test_a_prompt_that_has_no_effect_is_said(picture):
    assert "does not use the prompt" in " ".join(automask.run(picture, RED, prompt="a dog").notes)


def test_nothing_selected_is_never_submitted(picture):
    with pytest.raises(NothingSelected, match="selects nothing"):
        automask.run(picture, "none", provider=Fake())
    assert Fake.submitted == 0


def test_an_unknown_provider_gets_an_offer(picture):
    with pytest.raises(ArgumentError, match="did you mean 'opencv'"):
        automask.run(picture, RED, provider="opencw")


def test_the_result_is_saved_whole_with_its_transparency(picture, tmp_path):
    rgba = np.dstack([picture, np.full((40, 60), 77, np.uint8)])
    automask.run(rgba, RED).save(tmp_path / "out.png")
    saved = PILImage.open(tmp_path / "out.png")
    assert saved.mode == "RGBA"
    assert set(np.asarray(saved)[..., 3].ravel().tolist()) == {77}
    assert [p.name for p in tmp_path.iterdir()] == ["out.png"]


class Fake(Provider):
    """A provider that needs three looks, and answers as it is told."""

    submitted = 0
    name = "fake"

    def __init__(self, last=None, picture=None):
        object.__setattr__(self, "looks", [])
        object.__setattr__(self, "last", last)
        object.__setattr__(self, "picture", picture)

    def submit(self, job: Job) -> str:
        type(self).submitted += 1
        return "handle-7"

    def progress(self, handle: str) -> Progress:
        self.looks.append(handle)
        if len(self.looks) < 3:
            return Progress(State.RUNNING, len(self.looks) / 3)
        return self.last or Progress(State.DONE, 1.0, (self.picture,))


def png(rgb):
    data = io.BytesIO()
    PILImage.fromarray(rgb).save(data, "PNG")
    return data.getvalue()


def test_run_waits_for_a_provider_that_takes_its_time(picture, monkeypatch):
    monkeypatch.setattr(pipeline, "FIRST_POLL_S", 0.001)
    seen = []
    fake = Fake(picture=png(255 - picture))
    result = automask.run(picture, RED, provider=fake, on_progress=lambda p: seen.append(p.state))
    assert [str(s) for s in seen] == ["running", "running", "done"]
    assert np.array_equal(result.rgb, 255 - picture)
    assert result.drift.share > 0.9


def test_pasting_back_restores_what_was_to_be_kept(picture, monkeypatch):
    monkeypatch.setattr(pipeline, "FIRST_POLL_S", 0.001)
    fake = Fake(picture=png(255 - picture))
    result = automask.run(picture, RED, provider=fake, paste_back=True)
    outside = ~result.mask.array
    assert np.array_equal(result.rgb[outside], picture[outside])
    assert result.drift.share > 0.9  # what the provider did is told all the same


def test_a_result_of_another_size_is_fitted_and_said(picture, monkeypatch):
    monkeypatch.setattr(pipeline, "FIRST_POLL_S", 0.001)
    big = np.kron(picture, np.ones((2, 2, 1), np.uint8))
    result = automask.run(picture, RED, provider=Fake(picture=png(big)))
    assert result.rgb.shape == picture.shape
    assert "120 x 80" in " ".join(result.notes)


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (Progress(State.FAILED, error="moderated"), "moderated"),
        (Progress(State.DONE), "did not deliver"),
        (Progress(State.CANCELLED), "cancelled"),
    ],
)
def test_a_job_that_fails_says_why_and_keeps_its_handle(picture, monkeypatch, last, said):
    monkeypatch.setattr(pipeline, "FIRST_POLL_S", 0.001)
    with pytest.raises(ProviderError, match="handle-7") as caught:
        automask.run(picture, RED, provider=Fake(last))
    assert said in str(caught.value)


def test_a_result_that_is_no_picture_is_an_error(picture, monkeypatch):
    monkeypatch.setattr(pipeline, "FIRST_POLL_S", 0.001)
    with pytest.raises(ProviderError, match=r"^fake delivered something else: .* a web page"):
        automask.run(picture, RED, provider=Fake(picture=b"<html>"))


def test_explain_tells_every_part(picture):
    explained = automask.explain(picture, "all - rect(0, 0, 50%, 100%) ?? none | all")
    steps = {s.rule: s for s in explained.steps}
    assert steps["all - rect(0px, 0px, 50%, 100%)"].pixels == 40 * 30
    assert steps["none | all"].regions is None  # never needed
    assert [s.depth for s in explained.steps][:3] == [0, 1, 2]
    assert steps["all"].regions is not None
    assert [s.again for s in explained.steps if s.rule == "all"] == [False, True]


def test_a_result_goes_to_another_process_and_is_only_itself(picture):
    result = automask.run(picture, RED)
    other = pickle.loads(pickle.dumps(result))  # noqa: S301
    assert np.array_equal(other.rgb, result.rgb)
    assert other.image.shape == result.image.shape
    assert result == result  # noqa: PLR0124  (its pixels cannot be compared at once)
    assert len({result, other}) == 2
