"""Which file is found, and which model a strategy gets."""

import os
import sys

import pytest

from automask import weights
from automask.errors import ArgumentError, ModelError
from tests.weights.making import BYTES, made, wheel_in


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """``folder(*models)``: a folder of AUTOMASK_MODELS with their files."""
    held = tmp_path / "held"
    held.mkdir()
    monkeypatch.setenv("AUTOMASK_MODELS", f"{tmp_path / 'nowhere'}{os.pathsep}{held}")

    def put(*models, content=BYTES):
        for model in models:
            (held / model.file).write_bytes(content)
        return held

    return put


def test_the_rows_of_the_table_are_whole():
    for name, model in weights.facts().items():
        assert weights.model(name) is model
        assert len(model.sha256) in (0, 64)
        assert model.bytes > 0
        assert model.code_licence
        assert model.weights_licence
        assert all(address.startswith("https://") for address in model.addresses)
    files = [model.file for model in weights.facts().values()]
    assert len(set(files)) == len(files)


def test_an_unknown_model_is_answered_with_the_nearest():
    with pytest.raises(ArgumentError, match="did you mean 'yunet'"):
        weights.model("yunett")
    with pytest.raises(ArgumentError, match="choose from: "):
        weights.model("")


def test_the_folders_are_looked_through_in_order(folder, cache):
    model = made()
    cache.mkdir(parents=True)
    (cache / model.file).write_bytes(BYTES)
    assert weights.find(model).path == cache / model.file
    assert weights.find(model).path == cache / model.file
    assert weights.find(model) != weights.Weights(model, folder(model) / model.file)
    assert weights.find(model).path.parent.name == "held"


def test_a_wrong_file_in_a_named_folder_is_said_and_passed_over(folder, cache, caplog):
    model = made()
    folder(model, content=b"not the model")
    assert weights.find(model) is None
    cache.mkdir(parents=True)
    (cache / model.file).write_bytes(BYTES)
    assert weights.find(model).path == cache / model.file
    (said,) = caplog.messages
    assert "held/made.onnx is not the model made: its sha256 is " in said


def test_a_name_in_automask_models_that_is_no_folder_is_said(tmp_path, monkeypatch, caplog):
    file = tmp_path / "u2netp.onnx"
    file.write_bytes(BYTES)
    monkeypatch.setenv("AUTOMASK_MODELS", f"{file}{os.pathsep}{tmp_path / 'typo'}")
    assert weights.find(made()) is None
    assert weights.find(made("other")) is None
    assert caplog.messages == [f"{file} is not a folder; no model is looked for in it."]
    assert str(weights.missing(made())).endswith(
        f"AUTOMASK_MODELS names (now {file} and {tmp_path / 'typo'}: no folder that can be read)."
    )


def test_a_file_that_changes_is_looked_at_again(folder):
    model = made()
    held = folder(model)
    assert weights.find(model)
    (held / model.file).write_bytes(BYTES[::-1])
    assert weights.find(model) is None


def test_a_folder_in_its_place_is_no_file(folder):
    (folder() / "made.onnx").mkdir()
    assert weights.find(made()) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_in_its_place_is_not_waited_for(folder, caplog):
    os.mkfifo(folder() / "made.onnx")
    assert weights.find(made()) is None
    assert "made.onnx is not a file; it is not used" in caplog.text


def test_the_best_that_is_here_goes_before_what_has_to_be_fetched(folder, known, server):
    loopback = server((200, BYTES))
    best = made("best", addresses=(f"{loopback.url}/x",))
    second, third = made("second"), made("third")
    known(best, second, third)
    names = ["best", "second", "third"]
    folder(second, third)
    assert weights.choose(names).record == f"second {second.sha256}"
    assert loopback.count("GET") == 0
    assert weights.choose(names, "best").model == best
    assert weights.choose(names).model == best


def test_the_first_that_can_be_fetched(known, index):
    known(made("best"), made("second", wheel=wheel_in(index)), made("third"))
    assert weights.choose(["best", "second", "third"]).model.name == "second"


def test_none_is_to_be_had(known):
    known(made("best"), made("second"), made("third"))
    with pytest.raises(ModelError, match="The model best") as caught:
        weights.choose(["best", "second", "third"])
    assert str(caught.value).count("\n") == 2
    assert str(caught.value).endswith(" second or third would do instead of best.")
    with pytest.raises(ModelError, match="The model second") as caught:
        weights.choose(["best", "second"], "second")
    assert "instead" not in str(caught.value)


def test_what_one_can_do_without_is_fetched_once_in_vain(known, folder, monkeypatch):
    known(made("first"), made("second"))
    tried = []

    def get(name):
        tried.append(name)
        raise ModelError("The model is missing.")

    monkeypatch.setattr(sys.modules["automask.weights.choose"], "get", get)
    assert weights.to_be_had([]) is None
    assert [weights.to_be_had(["first", "second"]) for _ in range(3)] == [None] * 3
    assert tried == ["first", "second"]
    folder(made("second"))  # put there by hand meanwhile
    assert weights.to_be_had(["first", "second"]).model == made("second")


def test_a_pin_is_one_of_those_that_would_do():
    with pytest.raises(ArgumentError, match="face cannot use the model 'lama'; choose from: yunet"):
        weights.choose(["yunet", "centerface"], "lama", of="face")
