"""A folder of pictures through the command line: mirrored, named where bad, never touched."""

import json
import os
from pathlib import Path

import pytest

from tests.trees import contents

RULE = 'color("red")'


@pytest.fixture
def tree(paint):
    """a/x.jpg b/x.jpg y.jpg y.png bad.jpg trunc.jpg readme.txt"""
    for name in ("a/x.jpg", "b/x.jpg", "y.jpg", "y.png"):
        paint(f"in/{name}")
    Path("in/bad.jpg").write_text("no picture")
    Path("in/trunc.jpg").write_bytes(Path("in/y.jpg").read_bytes()[:-200])
    Path("in/readme.txt").write_text("read me")
    return Path("in")


def test_a_tree_with_bad_files(cli, tree, mask_of):
    before = contents(tree)
    result = cli("batch", RULE, tree, "-o", "out", "--json", code=4)
    told = json.loads(result.stdout)
    assert told["states"] == {"done": 4, "failed": 2}
    masks = sorted(contents("out/masks"))
    assert masks == ["a/x.jpg.png", "b/x.jpg.png", "y.jpg.png", "y.png.png"]
    assert all(mask_of(Path("out/masks") / name)[20, 30] for name in masks)
    status = cli("status", "out", code=4)
    assert "failed  bad.jpg: bad.jpg is not an image" in status.stderr
    assert "failed  trunc.jpg: trunc.jpg is cut short" in status.stderr
    lines = [json.loads(line) for line in Path("out/report.jsonl").read_text().splitlines()]
    assert {line["name"] for line in lines if line["state"] == "failed"} == {"bad.jpg", "trunc.jpg"}
    assert "readme.txt" not in {line["name"] for line in lines}
    assert contents(tree) == before


def test_the_same_command_again_does_nothing_twice(cli, tree):
    cli("batch", RULE, tree, "-o", "out", code=4)
    first = contents("out/masks")
    times = {p: p.stat().st_mtime_ns for p in Path("out/masks").rglob("*.png")}
    told = json.loads(cli("batch", RULE, tree, "-o", "out", "--json", code=4).stdout)
    assert (told["unchanged"], told["states"]["done"]) == (4, 4)
    assert contents("out/masks") == first
    assert times == {p: p.stat().st_mtime_ns for p in Path("out/masks").rglob("*.png")}


ODD = (
    "with a space.png", "é à ü.png", "two\nlines.png", "\U0001f98a.png", "-dash.png", "%41.png",
    "[x].png", "'quoted\".png", "ends with a dot..png", "X.PNG", "x.png", "a/\tx.png",
    "n" * 240 + ".png", os.fsdecode(b"not utf \xff\xfe.png"),
)  # fmt: skip


def test_odd_names_keep_their_places(cli, paint):
    photo = paint("photo.png").read_bytes()
    for name in ODD:
        place = Path("in") / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(photo)
    cli("batch", RULE, "in", "-o", "out", "--sidecar")
    assert sorted(contents("out/masks")) == sorted(f"{name}.png" for name in ODD)
    assert sorted(contents("out/sidecars")) == sorted(f"{name}.json" for name in ODD)
    told = json.loads(cli("batch", RULE, "in", "-o", "out", "--sidecar", "--json").stdout)
    assert told["unchanged"] == len(ODD)
    cli("status", "out")
    cli("report", "out")
    assert len(Path("out/report.jsonl").read_bytes().splitlines()) == len(ODD)


@pytest.mark.parametrize("stem", ["n" * 251, "é" * 125 + "n", "\U0001f98a" * 62 + "nnn"])
def test_names_that_are_as_long_as_they_can_be(cli, paint, stem):
    photo = paint("photo.png").read_bytes()
    for name in (f"{stem}.png", f"a/{stem[:-1]}m.png"):
        place = Path("in") / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(photo)
    cli("batch", RULE, "in", "-o", "out", "--preview", "--provider", "opencv")
    for kind in ("masks", "previews", "results"):
        made = sorted(contents(f"out/{kind}"))
        assert len(made) == 2
        assert all(name.rpartition("/")[2].startswith(stem[:50]) for name in made)
    told = json.loads(
        cli("batch", RULE, "in", "-o", "out", "--preview", "--provider", "opencv", "--json").stdout
    )
    assert told["unchanged"] == 2


def test_links_that_go_round_and_links_to_nowhere(cli, tree):
    (tree / "a" / "up").symlink_to("..", target_is_directory=True)
    (tree / "loop.jpg").symlink_to("loop.jpg")
    (tree / "nowhere.jpg").symlink_to("gone.jpg")
    (tree / "link.jpg").symlink_to("y.jpg")
    cli("batch", RULE, tree, "-o", "out", code=4)
    assert len(contents("out/masks")) == 5
    told = cli("status", "out", code=4).stderr
    assert "loop.jpg cannot be read: Too many levels of symbolic links" in told
    assert "nowhere.jpg does not exist" in told


@pytest.mark.parametrize("out", ["in/out", "in", "in/a/deep/out"])
def test_out_inside_the_input_is_no_input(cli, tree, out):
    for _ in range(2):
        told = json.loads(cli("batch", RULE, "in", "-o", out, "--preview", "--json", code=4).stdout)
        assert told["pictures"] == 6


def test_out_inside_the_input_by_a_link(cli, tree):
    Path("elsewhere").symlink_to("in/out", target_is_directory=True)
    Path("in/out").mkdir()
    for _ in range(2):
        told = json.loads(cli("batch", RULE, "in", "-o", "elsewhere", "--json", code=4).stdout)
        assert told["pictures"] == 6


def test_the_input_inside_out(cli, tree):
    """Pictures below OUT are taken; what the batch wrote there is not, nor when it is named."""
    for words in (["in"], ["in/*.jpg", "in/*.png", "in/a", "in/b"]):
        for _ in range(2):
            told = json.loads(cli("batch", RULE, *words, "-o", ".", "--json", code=4).stdout)
            assert told["pictures"] == 6
    for word in ("masks", "masks/a", "masks/y.png.png"):
        result = cli("batch", RULE, word, "-o", ".", code=2)
        assert "is what the batch in . wrote" in result.stderr


def test_the_same_picture_by_two_words_is_one(cli, tree):
    words = ["in/*.png", "in/y*", "in/y.png", "in/./y.png", "./in/../in/y.png"]
    told = json.loads(cli("batch", RULE, *words, "-o", "out", "--json").stdout)
    assert told["pictures"] == 2


def test_a_list_on_stdin(cli, tree):
    names = "in/y.png\n\nin/a/x.jpg\r\nin/gone.png\n"
    told = json.loads(cli("batch", RULE, "-", "-o", "out", "--json", stdin=names, code=4).stdout)
    assert told["states"] == {"done": 2, "failed": 1}
    assert sorted(contents("out/masks")) == ["a/x.jpg.png", "y.png.png"]


def test_no_picture_at_all(cli):
    Path("in").mkdir()
    result = cli("batch", RULE, "in", "-o", "out")
    assert "no picture among the inputs" in result.stderr


def test_empty_files_are_named(cli):
    Path("in").mkdir()
    Path("in/x.png").touch()
    cli("batch", RULE, "in", "-o", "out", code=4)
    assert "is empty (0 bytes)" in cli("status", "out", code=4).stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads anything")
def test_what_may_not_be_read_is_named_and_the_others_are_done(cli, tree):
    (tree / "b").chmod(0)
    (tree / "y.jpg").chmod(0)
    try:
        cli("batch", RULE, tree, "-o", "out", code=4)
    finally:
        (tree / "b").chmod(0o755)
    assert sorted(contents("out/masks")) == ["a/x.jpg.png", "y.png.png"]
    told = cli("status", "out", code=4).stderr
    assert "failed  b: " in told
    assert told.count("permission denied") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", ""], "-o is empty"),
        (["-o", "in/y.png"], "is a file; give the folder"),
        (["-o", "out", "--jobs", "0"], "1<=x<=256"),
        (["-o", "out", "--limit", "area=60%..1%"], "60%"),
        (["-o", "out", "--limit", "aera=1%..60%"], "aera"),
        (["-o", "out", "--limit", "):grow(3px"], "limit"),
        (["-o", "out", "--max-failures", "many"], "such as 10, or 5%"),
        (["-o", "out", "--max-failures", "101%"], "such as 10, or 5%"),
        (["-o", "out", "--budget", "-1"], "budget"),
        (["-o", "out", "--budget", "nan"], "budget"),
        (["-o", "out", "--provider", "imagine"], "did you mean 'imaginepro'?"),
        (["-o", "out", "--limit", "area=1%..2%):grow(4px"], "A limit cannot be 'area=1%"),
        (["-o", "out", "--limit", "area=1%..2%) | all:limit(count=1"], "A limit cannot be"),
        (["-o", "out", "--feather", "4px", "--format", "webp"], "--feather is for"),
        (["-o", "out", "nothing/*.png"], "matches no file"),
        (["-o", "out", ""], "An empty INPUT"),
        ([], "--output"),
    ],
)
def test_wrong_arguments_write_nothing(cli, tree, arguments, words):
    result = cli("batch", RULE, "in/y.png", *arguments, code=2)
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 4
    assert not Path("out/masks").exists()


def test_a_table_with_a_wrong_column(cli, tree):
    Path("jobs.csv").write_text("image,rul\nin/y.png,all\n")
    result = cli("batch", RULE, "--jobs-file", "jobs.csv", "-o", "out", code=2)
    assert "there is no column 'rul'; did you mean 'rule'?" in result.stderr


def test_a_folder_that_cannot_be_written(cli, tree):
    Path("file").touch()
    result = cli("batch", RULE, tree, "-o", "file/out", code=1)
    assert "cannot be written; check the rights of the folder" in result.stderr


def test_a_reference_is_in_the_report_and_decides_nothing(cli, paint):
    paint("in/own.png")
    paint("in/other.png")
    table = [{"image": "in/own.png", "ref": "mine"}, {"image": "in/other.png"}]
    Path("jobs.jsonl").write_text("\n".join(map(json.dumps, table)))
    words = ("batch", RULE, "--jobs-file", "jobs.jsonl", "-o", "out")
    for ref, unchanged in (("sheet 7", 0), ("sheet 8", 2)):
        told = json.loads(cli(*words, "--ref", ref, "--json").stdout)
        lines = [json.loads(line) for line in Path("out/report.jsonl").read_text().splitlines()]
        assert [line["ref"] for line in lines] == ["mine", ref]
        assert told["unchanged"] == unchanged
