"""Phrases by a model: a tiny one of CLIPSeg's contract stands in, which depends on the words."""

import numpy as np
import pytest

import automask
from automask import weights
from automask.errors import ArgumentError, ModelError, RuleError
from automask.networks import clipseg
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.strategies.phrase import Phrase
from automask.testing import check_regions, pictures
from automask.types import Image
from tests.networks import tiny_clipseg

pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")


@pytest.fixture
def model(tmp_path, monkeypatch):
    """The folder of the tiny model."""
    files = {name: tmp_path / weights.model(name).file for name in ("clipseg", "clip_tokens")}
    tiny_clipseg.write_network(files["clipseg"])
    tiny_clipseg.write_tokenizer(files["clip_tokens"])
    monkeypatch.setenv("AUTOMASK_MODELS", str(tmp_path))
    return files


@pytest.fixture
def picture():
    """Red on the left, blue on the right, a green stripe at the bottom; not square."""
    rgb = np.zeros((60, 100, 3), np.uint8)
    rgb[:45, :40] = (220, 20, 20)
    rgb[:45, 60:] = (20, 20, 220)
    rgb[50:] = (20, 220, 20)
    return Image(rgb)


def test_a_phrase_selects_what_its_words_describe(model, picture):
    for word, place in {"red": (20, 20), "blue": (20, 80), "green": (55, 50)}.items():
        mask = automask.mask(picture, f'phrase("{word} thing", model="clipseg")').array
        assert mask[place]
        assert mask.sum() == pytest.approx({"green": 1000}.get(word, 1800), rel=0.05)


def test_the_words_are_told_apart_from_what_is_only_padding(model, picture):
    both = clipseg.heat_maps(picture, ["red", "blue thing thing thing"], *Phrase("red").weights())
    alone = clipseg.heat_maps(Image(picture.rgb.copy()), ["red"], *Phrase("red").weights())
    assert np.allclose(both["red"], alone["red"], atol=1e-6)
    assert not np.allclose(both["red"], both["blue thing thing thing"])


def test_regions_have_the_phrase_as_label_and_a_score(model, picture):
    (region,) = automask.regions(picture, '"rusty red"')
    assert (region.label, region.source) == ("rusty red", "phrase")
    assert 0.4 < region.score <= 1
    check_regions([region], picture)


def test_a_lower_threshold_takes_more(model, picture):
    areas = [
        automask.mask(picture, f'phrase("red", threshold={share})').area
        for share in (0, 0.4, 0.999)
    ]
    assert areas[0] == 6000
    assert areas[0] > areas[1] > areas[2]
    with pytest.raises(RuleError, match=r"threshold\) cannot be 2; it takes 0% to 100%"):
        parse('phrase("red", threshold=2)')


@pytest.mark.parametrize("text", ["0.083", "8.3%"])
def test_a_threshold_is_a_share_as_scores_are(text):
    rule = parse(f'phrase("red", threshold={text})')
    assert rule.strategy.threshold == 0.083
    assert str(rule) == 'phrase("red", threshold=8.3%)'
    with pytest.raises(ArgumentError, match="phrase cannot use the model 'other'"):
        automask.mask(picture, 'phrase("red", model="other")')


def test_a_union_runs_the_model_once_and_a_phrase_is_computed_once(model, picture, monkeypatch):
    runs = []
    run = clipseg._run
    monkeypatch.setattr(clipseg, "_run", lambda rgb, t, *w: runs.append(list(t)) or run(rgb, t, *w))
    rule = parse('"rusty red" | "rusty green":grow(2px) | "rusty red":largest - "rusty blue"')
    Evaluation(picture).regions(rule)
    assert runs == [["rusty red", "rusty green"], ["rusty blue"]]
    runs.clear()
    fresh = Image(picture.rgb.copy())
    assert Evaluation(fresh).pixels(parse('"rusty red" ?? "rusty green"')).any()
    assert runs == [["rusty red"]]


def test_masks_name_the_model_and_its_tokenizer(model, picture):
    names = [text.split()[0] for text in automask.mask(picture, '"rusty red"').models]
    assert names == ["clipseg", "clip_tokens"]


def test_odd_pictures_and_long_texts(model):
    for image in pictures().values():
        check_regions(automask.regions(image, '"rusty red thing"'), image)
    text = "red " * 500
    assert automask.mask(pictures()["scene"], f'"{text}"').array.shape == (61, 97)


def test_without_the_model_three_lines_say_what_to_do(tmp_path, picture):
    with pytest.raises(ModelError) as caught:
        automask.mask(picture, '"a rusty gate"')
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert "automask models pull clipseg" in lines[1]
    assert lines[2].endswith(
        " In all a phrase needs pip install 'automask[phrase]' and "
        "automask models pull clipseg clip_tokens."
    )


def test_a_damaged_tokenizer_is_named(model, picture):
    model["clip_tokens"].write_text("{}")
    with pytest.raises(ModelError, match=r"tokenizer\.json is no tokenizer"):
        automask.mask(picture, '"rusty red"')


def test_an_empty_phrase_is_refused():
    for text in ('""', '"  "', "phrase('')"):
        with pytest.raises(RuleError, match="A phrase cannot be empty; write what to look for"):
            parse(text)
