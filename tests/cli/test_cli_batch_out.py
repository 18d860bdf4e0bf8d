"""Results in a store or on another disk than the record."""

import json
from pathlib import Path

import fsspec
import pytest

from automask.batch import outs
from tests.trees import contents

RULE = 'color("red")'


@pytest.fixture
def store(paint):
    """memory://shop/in with three pictures, one of them bad; the same in ./in."""
    memory = fsspec.filesystem("memory")
    for name in ("a/x.png", "b/x.png"):
        paint(f"in/{name}")
    Path("in/bad.png").write_text("no picture")
    for path in Path("in").rglob("*.png"):
        memory.pipe_file(f"/shop/{path.as_posix()}", path.read_bytes())
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


def stored(store, folder):
    return {path.removeprefix(f"{folder}/"): store.cat_file(path) for path in store.find(folder)}


def test_from_a_store_into_a_store(cli, store):
    cli("batch", RULE, "in", "-o", "local", "--preview", "--layout", "a1111", code=4)
    words = ("batch", RULE, "memory://shop/in", "-o", "memory://shop/in/out/", "--layout", "a1111")
    told = json.loads(cli(*words, "--preview", "--json", code=4).stdout)
    assert told["states"] == {"done": 2, "failed": 1}
    assert told["output"] == "memory://shop/in/out"
    made, local = stored(store, "/shop/in/out"), contents("local")
    assert made["masks/a/x.png.png"] == local["masks/a/x.png.png"]
    assert len(made) == 6  # two masks, previews and masks of the layout; what is in OUT is no input
    assert (Path(told["record"]) / "report.html").exists()
    again = json.loads(cli(*words, "--preview", "--json", code=4).stdout)
    assert (again["unchanged"], again["pictures"]) == (2, 3)
    store.rm_file("/shop/in/out/masks/a/x.png.png")
    plan = json.loads(cli(*words, "--preview", "--dry-run", "--json").stdout)
    assert plan["reasons"]["without a file of its results"] == 1
    assert plan["pictures"] == {"do": 2, "done": 1, "skip": 0}
    assert (
        json.loads(cli("resume", "memory://shop/in/out", "--json", code=4).stdout)["unchanged"] == 1
    )
    assert stored(store, "/shop/in/out") == made
    status = json.loads(cli("status", "memory://shop/in/out", "--json", code=4).stdout)
    assert status["states"] == {"done": 2, "failed": 1}
    cli(*words, code=4)
    assert sorted(stored(store, "/shop/in/out")) == [n for n in sorted(made) if "previews" not in n]


def test_a_plan_of_pictures_in_a_store_is_done_with_those_that_were_planned(cli, store):
    text = cli("plan", RULE, "memory://shop/in", code=4).stdout
    lines = {told["name"]: told for told in map(json.loads, text.splitlines()[1:])}
    assert (lines["bad.png"]["action"], lines["a/x.png"]["width"]) == ("skip", 60)
    store.pipe_file("/shop/in/b/x.png", store.cat_file("/shop/in/a/x.png") + b"more")
    Path("plan.jsonl").write_text(text)
    cli("apply", "plan.jsonl", "-o", "out", code=4)
    told = cli("status", "out", code=4).stderr
    assert "b/x.png is not the picture that was planned" in told
    assert contents("out/masks").keys() == {"a/x.png.png"}


def test_the_record_beside_another_disk(cli, store):
    words = ("batch", RULE, "in", "-o", "shared", "--record", "mine", "--layout", "coco")
    cli(*words, code=4)
    there = {"masks/a/x.png.png", "masks/b/x.png.png", "coco/annotations.json"}
    assert there <= contents("shared").keys()
    assert {"ledger.db", "report.jsonl", "report.html"} <= contents("mine").keys()
    assert not list(Path("shared").glob("ledger*"))
    assert json.loads(cli("resume", "mine", "--json", code=4).stdout)["unchanged"] == 2


def test_what_cannot_be_written_to(cli, store, monkeypatch):
    assert "cannot be written to" in cli("batch", RULE, "in", "-o", "https://a/b", code=2).stderr
    assert "archives" in cli("batch", RULE, "in", "-o", "zip://a::memory://x.zip", code=2).stderr
    said = cli("batch", RULE, "in", "-o", "memory://shop/out", "--layout", "coco", code=2).stderr
    assert "needs a folder" in said
    words = ("batch", RULE, "in", "-o", "memory://shop/out", "--provider", "imaginepro")
    assert "is paid" in cli(*words, code=2).stderr
    assert "is a file" in cli("batch", RULE, "in", "-o", "in/bad.png", code=2).stderr

    def refuse(*_, **__):
        raise PermissionError("Forbidden")

    monkeypatch.setattr(type(store), "pipe_file", refuse)
    told = json.loads(cli("batch", RULE, "in", "-o", "memory://shop/out", "--json", code=4).stdout)
    assert told["states"] == {"failed": 3}
    assert "permission denied" in cli("status", "memory://shop/out", code=4).stderr


def test_an_out_that_no_picture_could_be_written_to_is_said_before_anything_begins(cli, paint):
    paint("in/a.png")
    place = "nosuch://bucket/out"
    said = cli("batch", RULE, "in", "-o", place, code=1).stderr
    assert said == (
        f"automask: {place} is no file, and nosuch:// is no kind of address that is known.\n"
    )
    assert not outs.home(place).exists()
