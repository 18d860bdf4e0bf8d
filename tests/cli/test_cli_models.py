"""``automask models``: what is known, fetched, checked and removed."""

import json
import os
import sys
import time

import pytest

import automask.weights
from tests.loopback import Loopback
from tests.weights.making import BYTES, made


@pytest.fixture
def server():
    loopback = Loopback((200, BYTES))
    yield loopback
    loopback.close()


@pytest.fixture(autouse=True)
def rows(server, tmp_path, monkeypatch):
    """Two models: one that can be fetched, one that cannot."""
    found = (made("good", addresses=(f"{server.url}/good",)), made("lost", content=b"lost"))
    table = {model.name: model for model in found}
    monkeypatch.setattr(sys.modules["automask.weights.facts"], "facts", lambda: table)
    monkeypatch.setattr(automask.weights, "facts", lambda: table)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("AUTOMASK_OFFLINE")
    sys.modules["automask.weights.fetch"]._failed.clear()
    sys.modules["automask.weights.fetch"].watchers.clear()
    sys.modules["automask.weights.find"]._complain.cache_clear()
    return table


@pytest.fixture
def place(tmp_path):
    return tmp_path / "cache" / "automask" / "models" / "good.onnx"


def test_the_list_says_which_are_here(cli, place):
    head, good, _ = cli("models").stdout.splitlines()
    assert head.split() == ["model", "size", "licence", "here", "gives"]
    assert good.split() == ["good", "1.3", "MB", "MIT", "-", "Nothing"]
    cli("models", "pull", "good")
    assert str(place) in cli("models", "list").stdout
    cards = json.loads(cli("models", "--json").stdout)
    assert [card["path"] for card in cards] == [str(place), None]
    assert cards == json.loads(cli("models", "list", "--json").stdout)


def test_show(cli, server, rows):
    shown = cli("models", "show", "good").stdout
    assert rows["good"].sha256 in shown
    assert f"sources:      {server.url}/good" in shown
    assert "sources:      -" in cli("models", "show", "lost").stdout
    card = json.loads(cli("models", "show", "good", "--json").stdout)
    assert (card["bytes"], card["vouched"]) == (len(BYTES), True)


def test_pull_fetches_once_and_says_from_where(cli, server, place):
    result = cli("models", "pull", "good")
    assert result.stdout == f"good  {place}\n"
    host = server.url.removeprefix("http://")
    assert result.stderr == f"fetching the model good (1.3 MB) from {host}\n"
    assert cli("models", "pull", "good").stderr == ""
    assert server.count("GET") == 1


def test_pull_goes_on_after_one_that_cannot_be_fetched(cli, place):
    result = cli("models", "pull", "lost", "good", code=1)
    assert result.stdout == f"good  {place}\n"
    assert "automask: The model lost (lost.onnx, 0.0 MB) is missing; it has no source.\n" in (
        result.stderr
    )
    told = json.loads(cli("models", "pull", "lost", "good", "--json", code=1).stdout)
    assert [(t["name"], t["ok"], bool(t["error"])) for t in told] == [
        ("lost", False, True),
        ("good", True, False),
    ]


def test_all_are_all_that_can_be_fetched(cli, place):
    result = cli("models", "pull", "--all")
    assert result.stdout == f"good  {place}\n"
    assert "lost has no source and is left out" in result.stderr


def test_pull_into_a_folder(cli, place, tmp_path, monkeypatch):
    cli("models", "pull", "good", "--to", "a folder")
    assert not place.exists()
    assert cli("models", "path", "good", code=1).stdout == ""
    monkeypatch.setenv("AUTOMASK_MODELS", "a folder")
    assert cli("models", "path", "good").stdout == f"a folder{os.sep}good.onnx\n"
    cli("models", "pull", "good")
    assert not place.exists()


def test_a_bar_is_drawn_on_a_terminal(cli, monkeypatch):
    from automask.cli import talk

    monkeypatch.setattr(talk, "is_terminal", lambda stream: stream is sys.stderr)
    said = cli("models", "pull", "good").stderr
    assert "[########" in said
    assert said.endswith("\033[K\r")


def test_a_bar_is_no_wider_than_the_terminal_and_not_drawn_on_a_dumb_one(cli, monkeypatch):
    from automask.cli import fetching, talk

    monkeypatch.setattr(talk, "is_terminal", lambda stream: stream is sys.stderr)
    monkeypatch.setenv("COLUMNS", "24")
    drawn = cli("models", "pull", "good").stderr.split("\n", 1)[1].split("\r")
    assert max(len(line.removeprefix("\033[K")) for line in drawn) == 23
    fetching.watchers.clear()
    monkeypatch.setenv("TERM", "dumb")
    cli("models", "remove", "good")
    assert "\033" not in cli("models", "pull", "good").stderr


def test_a_bar_that_is_there_already_says_how_far_it_is(cli, monkeypatch):
    from automask.cli import fetching, talk

    monkeypatch.setattr(talk, "is_terminal", lambda stream: stream is sys.stderr)
    drawn = []
    with talk.barred(drawn.append):
        said = cli("models", "pull", "good").stderr
    assert "\033" not in said
    assert "fetching a model, 100%" not in drawn
    assert drawn[-1] == ""
    with talk.barred(drawn.append):
        fetching._draw("host", 0, 0)
        fetching._draw("host", 1, 3)
    assert drawn[-2:] == ["fetching a model", "fetching a model, 33%"]


def test_the_bar_of_many_pictures_takes_a_passing_word(monkeypatch, capsys):
    from automask.cli import talk

    monkeypatch.setattr(talk, "is_terminal", lambda stream: stream is sys.stderr)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich draws
    with talk.progress("masking", [1, 2]) as items:
        for _ in items:
            talk.bars[-1]("passing")
            time.sleep(0.3)
            talk.bars[-1]("")
    assert talk.bars == []
    said = capsys.readouterr().err
    assert "passing" in said
    assert said.count("\n") == 1  # the one at its end


def test_verify(cli, place):
    assert cli("models", "verify").stderr == "No model is here.\n"
    assert cli("models", "verify").stdout == ""
    cli("models", "pull", "good")
    assert cli("models", "verify").stdout == f"good  {place}\n"
    place.write_bytes(b"damaged")
    said = cli("models", "verify", code=1)
    assert said.stdout == ""
    assert f"{place} is not the model good" in said.stderr
    assert not json.loads(cli("models", "verify", "--json", code=1).stdout)[0]["ok"]
    assert "is missing" in cli("models", "verify", "lost", code=1).stderr


def test_a_folder_that_cannot_be_looked_into_is_said(cli, monkeypatch):
    monkeypatch.setenv("AUTOMASK_MODELS", "x" * 300)
    assert "cannot be read" in cli("models", "verify", code=1).stderr
    assert "cannot be read" in cli("models").stderr
    assert "no folder that can be read" in cli("models", "path", "lost", code=1).stderr


def test_path_of_a_missing_model_is_three_lines(cli, place):
    result = cli("models", "path", "good", code=1)
    assert result.stdout == ""
    first, second, third = result.stderr.splitlines()
    assert first == "automask: The model good (good.onnx, 1.3 MB) is missing."
    assert second == "Fetch it: automask models pull good"
    assert str(place.parent) in third


def test_remove(cli, place):
    cli("models", "pull", "good")
    assert "removed" in cli("models", "remove", "good").stderr
    assert not place.exists()
    assert "good is not in" in cli("models", "remove", "good", code=1).stderr
    assert "No model is in" in cli("models", "remove", "--all").stderr


def test_remove_twice_in_one_breath(cli, place):
    cli("models", "pull", "good")
    assert cli("models", "remove", "good", "good").stderr == f"removed {place}\n"


@pytest.mark.parametrize("words", [["good"], ["--all"]])
def test_remove_leaves_alone_what_the_user_keeps(cli, place, tmp_path, monkeypatch, words):
    cli("models", "pull", "good")
    kept = tmp_path / "kept" / "good.onnx"
    kept.parent.mkdir()
    kept.write_bytes(BYTES)
    monkeypatch.setenv("AUTOMASK_MODELS", str(kept.parent))
    said = cli("models", "remove", *words).stderr
    assert said.startswith(f"removed {place}\n")
    left = f"{kept} is left alone, in a folder that AUTOMASK_MODELS names\n"
    assert (left in said) == (words == ["good"])
    assert kept.exists()


@pytest.mark.parametrize("words", [["good"], ["--all"]])
def test_remove_leaves_alone_a_cache_that_is_named_as_well(
    cli, place, tmp_path, monkeypatch, words
):
    cli("models", "pull", "good")
    (tmp_path / "link").symlink_to(place.parent)
    monkeypatch.setenv("AUTOMASK_MODELS", str(tmp_path / "link"))
    said = cli("models", "remove", *words, code=int(words == ["good"])).stderr
    assert f"{tmp_path / 'link' / 'good.onnx'} is left alone" in said
    assert "removed" not in said
    assert place.exists()


def test_offline(cli, server):
    assert "offline" in cli("--offline", "models", "pull", "good", code=1).stderr
    assert server.count("GET") == 0
    cli("models", "pull", "good")
    cli("--offline", "models", "pull", "good")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pull"], "neither is given"),
        (["pull", "good", "--all"], "both are given"),
        (["pull", "goood"], "did you mean 'good'"),
        (["pull", "GOOD"], "did you mean 'good'"),
        (["pull", "Good.onnx"], "did you mean 'good'"),
        (["remove"], "neither is given"),
        (["show", ""], "There is no model ''"),
        (["good"], "automask models show good"),
        (["path"], "NAME"),
    ],
)
def test_wrong_words(cli, arguments, words):
    assert words in cli("models", *arguments, code=2).stderr
