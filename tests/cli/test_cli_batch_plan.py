"""What a batch would do: said beforehand, written as lines, changed by hand, done."""

import json
import shutil
from pathlib import Path

import pytest

from tests.trees import contents

RULE = 'color("red")'
PAID = ("--provider", "imaginepro", "--prompt", "a pond")


@pytest.fixture
def tree(paint):
    for name in ("a/x.jpg", "b/x.jpg", "y.jpg", "y.png"):
        paint(f"in/{name}")
    Path("in/bad.jpg").write_text("no picture")
    Path("in/readme.txt").write_text("read me")
    Path("in/.hidden.png").write_bytes(Path("in/y.png").read_bytes())
    return Path("in")


@pytest.fixture
def dry(cli):
    def run(*arguments, code=0):
        return json.loads(cli("batch", *arguments, "--dry-run", "--json", code=code).stdout)

    return run


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(cli, dry, tree):
    before = contents(".")
    told = dry(RULE, "in", "-o", "out", code=4)
    assert told["pictures"] == {"do": 4, "done": 0, "skip": 1}
    assert told["skipped"][0]["name"] == "bad.jpg"
    assert told["left_out"] == {"hidden": 1, "not named like a picture": 1}
    assert told["pixels"] == 4 * 60 * 40
    assert 0 < told["seconds"] < 10
    assert told["seconds_from"] == "4 pictures that were tried"
    text = cli("batch", RULE, "in", "-o", "out", "--dry-run", code=4)
    assert "to do         4; 4 new; 0.0 megapixels" in text.stdout
    assert "estimated from" in text.stdout
    assert "skip  bad.jpg: bad.jpg is not an image" in text.stdout
    assert "nothing was written and nothing was sent" in text.stderr
    assert contents(".") == before


def test_a_dry_run_knows_what_was_done(cli, dry, tree, paint):
    (tree / "bad.jpg").unlink()
    cli("batch", RULE, "in", "-o", "out")
    before = contents("out")
    assert dry(RULE, "in", "-o", "out")["pictures"] == {"do": 0, "done": 4, "skip": 0}
    paint("in/y.jpg", square=(0, 0, 10, 10))
    paint("in/new.png")
    Path("out/masks/y.png.png").unlink()
    told = dry(RULE, "in", "-o", "out")
    assert told["reasons"] == {"new": 1, "changed": 1, "without a file of its results": 1}
    told = dry('color("white")', "in", "-o", "out")
    assert told["reasons"] == {"by another rule, model or option": 4, "new": 1}
    assert {k: v for k, v in before.items() if k != "masks/y.png.png"} == contents("out")


def test_a_plan_that_was_dry_is_what_is_done(cli, dry, tree):
    told = dry(RULE, "in", "in/*.png", "-o", "out", code=4)
    assert {"name": "y.png", "reason": "it is listed twice"} in told["skipped"]
    cli("batch", RULE, "in", "in/*.png", "-o", "out", code=4)
    done = json.loads(cli("status", "out", "--json", code=4).stdout)["states"]["done"]
    assert told["pictures"]["do"] == done


def test_credits_are_said_beforehand(cli, dry, sandbox, paint):
    picture = paint("parent.png")
    grids = [sandbox.add_parent(picture, upscaled=False) for _ in range(3)]
    rows = [f"{grid},{number},paint {number}" for grid in grids for number in (1, 1, 2)]
    Path("jobs.csv").write_text("\n".join(["message_id,upscale,prompt", *rows]))
    asked = (RULE, "--jobs-file", "jobs.csv", "-o", "out", *PAID)
    told = dry(*asked)
    assert (told["jobs"], told["credits"]) == (9, 9 * 5 + 6 * 5)
    assert told["pixels_unknown"] == 9
    assert told["seconds"] is None
    text = cli("batch", *asked, "--dry-run", "--budget", "20").stdout
    assert "at most 75 for 9 pictures; --budget 20 covers 2 of them" in text
    assert not sandbox.requests
    assert not Path("record").exists()
    (Path("in")).mkdir()
    shutil.copy(picture, "in")
    assert "give message ids" in cli("batch", RULE, "in", "-o", "out", *PAID, code=2).stderr
    Path("both.csv").write_text(f"image,message_id\nin/{picture.name},\n,{grids[0]}\n")
    told = dry(RULE, "--jobs-file", "both.csv", "-o", "out", *PAID, code=4)
    assert "give message ids" in told["skipped"][0]["reason"]


def plan(cli, *arguments, code=0):
    text = cli("plan", RULE, *arguments, code=code).stdout
    Path("plan.jsonl").write_text(text)
    return [json.loads(line) for line in text.splitlines()]


def write(lines):
    Path("plan.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def test_what_is_left_in_a_plan_is_done(cli, tree, mask_of):
    head, *lines = plan(cli, "in", "--preview", code=4)
    assert head["options"] == {"rule": RULE, "preview": True}
    assert [line["action"] for line in lines].count("do") == 4
    by_name = {line["name"]: line for line in lines}
    by_name["y.jpg"]["rule"] = "rect(0px, 0px, 50%, 50%)"
    by_name["y.png"]["action"] = "skip"
    del by_name["b/x.jpg"]
    write([head, *by_name.values()])
    told = json.loads(cli("apply", "plan.jsonl", "-o", "out", "--json").stdout)
    assert told["states"] == {"done": 2}
    assert sorted(contents("out/masks")) == ["a/x.jpg.png", "y.jpg.png"]
    assert sorted(contents("out/previews")) == ["a/x.jpg.jpg", "y.jpg.jpg"]
    assert mask_of("out/masks/y.jpg.png").sum() == 600
    told = json.loads(
        cli("apply", "-", "-o", "out", "--json", stdin=Path("plan.jsonl").read_text()).stdout
    )
    assert told["unchanged"] == 2


def test_a_plan_with_an_output_is_done_there(cli, tree, monkeypatch):
    (tree / "bad.jpg").unlink()
    lines = plan(cli, "in", "-o", "planned")
    assert lines[0]["output"] == str(Path("planned").absolute())
    place = Path("plan.jsonl").absolute()
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    cli("apply", place)
    assert Path("../planned/report.html").exists()
    cli("apply", place, "-o", "other")
    assert Path("other/masks").is_dir()
    lines[0].pop("output")
    write(lines)
    assert "made without -o" in cli("apply", "plan.jsonl", code=2).stderr


def test_a_plan_leaves_out_what_is_done(cli, tree):
    cli("batch", RULE, "in/a", "-o", "out")
    _, *lines = plan(cli, "in/a", "-o", "out")
    assert [line["action"] for line in lines] == ["done"]


def test_a_picture_that_changed_since_is_not_done(cli, tree, paint):
    plan(cli, "in", code=4)
    paint("in/y.png", square=(0, 0, 5, 5))
    Path("in/y.jpg").unlink()
    cli("apply", "plan.jsonl", "-o", "out", code=4)
    told = {row["name"]: row["reason"] for row in
            json.loads(cli("status", "out", "--json", code=4).stdout)["bad"]}  # fmt: skip
    assert "is not the picture that was planned; plan it again." in told["y.png"]
    assert "does not exist" in told["y.jpg"]
    assert len(told) == 2
    cli("resume", "out", code=4)  # nor is it when the batch goes on
    assert not Path("out/masks/y.png.png").exists()


def test_a_file_of_the_rule_that_changed_since_refuses_the_plan(cli, tree, paint):
    paint("stencil.png")
    text = cli("plan", 'mask("stencil.png", fit=true)', "in", code=4).stdout
    Path("plan.jsonl").write_text(text)
    cli("apply", "plan.jsonl", "-o", "out")
    paint("stencil.png", square=(0, 0, 5, 5))
    result = cli("apply", "plan.jsonl", "-o", "out2", code=2)
    assert "stencil.png is another one than when this was planned" in result.stderr
    assert not Path("out2").exists()


def changed(index, **news):
    def change(lines):
        lines[index] |= news
        return lines

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed(0, plan=2), "line 1: it is a plan of version 2"),
        (changed(0, recipe=99), "line 1: it was planned by recipe 99"),
        (changed(0, options={"rule": RULE, "shiny": True}), "line 1: there is no option 'shiny'"),
        (changed(0, options={"rule": 5}), "line 1: rule cannot be 5; it is a str"),
        (changed(0, options={"rule": "al"}), "There is no strategy"),
        (changed(0, options={"rule": RULE, "format": "jpg"}), "There is no format 'jpg'"),
        (changed(0, options={"rule": RULE, "on_empty": "?"}), "on_empty cannot be '?'"),
        (changed(0, options={}), "line 2: there is no rule, and none in the head"),
        (lambda lines: lines[1:], "line 1: it is no head of a plan"),
        (lambda lines: [], "is empty; write one with `automask plan`"),
        (changed(1, action="now"), "line 2: action cannot be 'now'"),
        (changed(1, rul="all"), "line 2: there is no 'rul'; did you mean 'rule'?"),
        (changed(1, rule="al"), "line 2: There is no strategy"),
        (changed(1, rule=" all "), "line 2: write the rule in its canonical form: all"),
        (changed(1, name="../../x.jpg"), "line 2: name cannot be '../../x.jpg'"),
        (changed(1, name="/x.jpg"), "line 2: name cannot be '/x.jpg'"),
        (changed(1, name=""), "line 2: name cannot be ''"),
        (changed(4, name="y.jpg"), "line 5: the name 'y.jpg' stands in line 2 already"),
        (changed(1, image=""), "line 2: give image or message_id; neither"),
        (changed(1, message_id="m"), "line 2: give image or message_id; both"),
        (changed(1, upscale=9), "line 2: upscale cannot be 9"),
        (changed(1, upscale="2"), "line 2: upscale cannot be '2'; it is a int"),
        (changed(1, provider="imagine"), "line 2: There is no provider 'imagine'"),
        (lambda lines: [*lines, 5], "line 6: write an object"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_done(cli, tree, change, words):
    (tree / "bad.jpg").unlink()
    write(change(plan(cli, "in")))
    result = cli("apply", "plan.jsonl", "-o", "out", code=2)
    assert words in result.stderr
    assert not Path("out").exists()


def test_a_rule_that_was_written_beside_another_one_is_named(cli, tree):
    (tree / "bad.jpg").unlink()
    write(plan(cli, "in"))
    head, first, *rest = Path("plan.jsonl").read_text().splitlines()
    first = '{"rule": "all", "rule": "none", ' + first[1:]
    Path("plan.jsonl").write_text("\n".join([head, first, *rest]))
    result = cli("apply", "plan.jsonl", "-o", "out", code=2)
    assert "line 2: it is not JSON ('rule' stands twice)" in result.stderr


def test_a_plan_that_is_none(cli, tree):
    assert "cannot be read" in cli("apply", "none.jsonl", "-o", "out", code=2).stderr
    assert "cannot be read" in cli("apply", "in", "-o", "out", code=2).stderr
    assert "line 1: it is not JSON" in cli("apply", "in/bad.jpg", "-o", "out", code=2).stderr
    assert "UTF-8" in cli("apply", "in/y.png", "-o", "out", code=2).stderr
    assert not Path("out").exists()


def test_a_plan_of_paid_jobs_within_a_budget(cli, sandbox, paint):
    ids = [sandbox.add_parent(paint("parent.png")) for _ in range(3)]
    Path("jobs.csv").write_text("\n".join(["message_id", *ids]))
    _, *lines = plan(cli, "--jobs-file", "jobs.csv", *PAID)
    assert [line["credits"] for line in lines] == [5, 5, 5]
    told = json.loads(
        cli("apply", "plan.jsonl", "-o", "out", "--budget", "12", "--json", code=4).stdout
    )
    assert (told["states"], told["credits"]) == ({"done": 2, "masked": 1}, 10)
    assert sandbox.billed.total() == 2
