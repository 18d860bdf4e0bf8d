"""A batch that was begun: looked at, gone on with, done again; whatever state its folder is in."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from automask.batch.items import Options
from automask.batch.record import Record

RULE = 'color("red")'


@pytest.fixture
def begun(cli, paint):
    """A batch of four pictures, of which one failed and one, white all over, is in review."""
    for name in ("a/x.png", "y.png"):
        paint(f"in/{name}")
    paint("in/white.png", square=(0, 0, 0, 0))
    Path("in/bad.png").write_text("no picture")
    cli("batch", RULE, "in", "-o", "out", code=4)
    return Path("out")


def states(cli, out="out"):
    return json.loads(cli("status", out, "--json", code=None).stdout)["states"]


def test_status_names_what_went_wrong(cli, begun):
    result = cli("status", "out", code=4)
    assert result.stdout.splitlines() == [
        "state   pictures", "done           2", "failed         1", "review         1",
    ]  # fmt: skip
    assert "review  white.png: The rule selects nothing." in result.stderr
    told = json.loads(cli("status", "out", "--json", code=4).stdout)
    assert told["working"] is False
    assert {row["name"] for row in told["bad"]} == {"bad.png", "white.png"}


def test_status_writes_nothing_and_needs_no_right_to(cli, shell, begun):
    before = sorted(path.name for path in begun.iterdir())
    begun.chmod(0o555)
    for path in begun.iterdir():
        path.chmod(0o444 if path.is_file() else 0o555)
    try:
        cli("status", "out", code=4)
        assert sorted(path.name for path in begun.iterdir()) == before
    finally:
        for path in (begun, *begun.iterdir()):
            path.chmod(0o755)


def test_status_while_another_process_is_at_it(cli, begun):
    with Record(begun) as record:
        record.begin(record.last_run()[1], ())
        told = json.loads(cli("status", "out", "--json", code=4).stdout)
        assert told["working"] is True
        assert "works on it now" in cli("status", "out", code=4).stderr
        for command in (["resume", "out"], ["retry", "out"], ["batch", RULE, "in", "-o", "out"]):
            assert "Another automask works on out" in cli(*command, code=1).stderr


@pytest.mark.parametrize("command", ["status", "resume", "retry", "report"])
def test_a_folder_that_is_no_batch(cli, command):
    Path("empty").mkdir()
    Path("file").touch()
    for word, words in (
        ("empty", "holds no batch"), ("file", "is a file"), ("none", "does not exist"),
    ):  # fmt: skip
        assert words in cli(command, word, code=1).stderr
    assert not list(Path("empty").iterdir())
    assert not Path("none").exists()


@pytest.mark.parametrize("command", ["status", "resume", "retry", "report"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda place: place.write_bytes(b"no database" * 1000), "is damaged or no record"),
        (lambda place: place.write_bytes(b""), "holds no run yet"),
        (lambda place: place.write_bytes(place.read_bytes()[:5000]), "is damaged or no record"),
        (lambda place: _sql(place, "PRAGMA user_version = 99"), "written by a newer automask"),
        (lambda place: _sql(place, "PRAGMA application_id = 5"), "another program's database"),
        (
            lambda place: _sql(place, """UPDATE runs SET options = '{"rule": "all", "new": 1}'"""),
            "begun with other options: there is no option 'new' here",
        ),
    ],
)
def test_a_record_that_cannot_be_used(cli, begun, command, change, words):
    change(begun / "ledger.db")
    before = (begun / "ledger.db").read_bytes()
    if command == "status" and "begun with" in words:
        return  # what was done can be told all the same
    result = cli(command, "out", code=1)
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    if before:
        assert (begun / "ledger.db").read_bytes() == before


def _sql(place, statement):
    with sqlite3.connect(place, isolation_level=None) as db:
        db.execute(statement)
    db.close()


def test_resume_does_what_failed_again_and_nothing_else(cli, begun, paint):
    paint("in/bad.png")
    paint("in/new.png")
    told = json.loads(cli("resume", "out", "--json", code=4).stdout)
    assert told["states"] == {"done": 3, "review": 1}  # new.png was not listed
    assert told["unchanged"] == 3


def test_resume_goes_by_the_record_of_a_list_on_stdin(cli, paint):
    paint("in/x.png")
    paint("in/y.png")
    cli("batch", RULE, "-", "-o", "out", stdin="in/x.png\nin/y.png\nin/z.png\n", code=4)
    Path("out/masks/x.png.png").unlink()
    paint("in/z.png")
    told = json.loads(cli("resume", "out", "--json").stdout)
    assert (told["states"], told["unchanged"]) == ({"done": 3}, 1)


def test_what_is_done_stays_when_its_picture_is_gone(cli, begun):
    mask = begun / "masks" / "y.png.png"
    before = mask.read_bytes()
    Path("in/y.png").unlink()
    result = cli("resume", "out", code=4)
    assert "1 of them cannot be read any more; their results stay" in result.stderr
    assert mask.read_bytes() == before
    assert states(cli) == {"done": 2, "failed": 1, "review": 1}
    mask.unlink()  # now there is nothing to stay
    cli("resume", "out", code=4)
    assert states(cli) == {"done": 1, "failed": 2, "review": 1}
    assert "y.png does not exist" in cli("status", "out", code=4).stderr


def test_a_changed_rule_does_not_delete_what_cannot_be_made_again(cli, begun):
    shutil.move("in", "away")
    Path("in").mkdir()
    cli("batch", 'color("white")', "-", "-o", "out", stdin="in/y.png\n", code=4)
    assert (begun / "masks" / "y.png.png").exists()
    assert states(cli)["failed"] == 2


def stopped_while_listing():
    """A run that is killed before all its inputs are listed, which may take long."""
    with Record(Path("out")) as record:
        record.begin(Options(rule=RULE, sidecar=True), ("in",))


def test_resume_of_a_run_that_has_listed_nothing_is_no_success(cli, paint):
    paint("in/x.png")
    stopped_while_listing()
    told = cli("resume", "out", code=1).stderr
    assert "stopped before its pictures were listed; give the command that began it again" in told
    cli("batch", RULE, "in", "-o", "out", "--sidecar")
    assert states(cli) == {"done": 1}


def test_resume_after_a_run_that_has_listed_nothing_does_what_others_left_and_says_so(cli, begun):
    with Record(begun) as record:
        record.again(["review"], RULE)
    stopped_while_listing()
    told = cli("resume", "out", code=None).stderr
    assert "stopped before its pictures were listed" in told
    assert "With 1 pictures that earlier runs left" in told


def test_resume_takes_over_what_earlier_runs_left(cli, begun, paint):
    _sql(begun / "ledger.db", "UPDATE pictures SET state = 'planned', recipe = ''")
    cli("retry", "out", "--review")  # nothing is: no run begins
    paint("in/other.png")
    cli("batch", RULE, "in/other.png", "-o", "out")
    result = cli("resume", "out", code=4)
    assert "With 4 pictures that earlier runs left." in result.stderr
    assert states(cli) == {"done": 3, "failed": 1, "review": 1}


def told(out="out"):
    lines = Path(out, "report.jsonl").read_text().splitlines()
    return {line["name"]: line for line in map(json.loads, lines)}


def test_each_picture_is_retried_by_the_options_it_was_listed_with(cli, begun, paint):
    cli("batch", "rect(0, 0, 10%, 10%)", "in/y.png", "-o", "out", "--format", "webp")
    paint("in/bad.png")
    cli("retry", "out")
    assert told()["bad.png"]["outputs"] == ["masks/bad.png.png"]
    assert told()["bad.png"]["area"] == told()["a/x.png"]["area"]
    assert told()["bad.png"]["rule"] == told()["a/x.png"]["rule"] == RULE
    assert told()["y.png"]["rule"] == "rect(0px, 0px, 10%, 10%)"


def test_resume_goes_on_with_what_a_run_with_other_options_left(cli, begun):
    _sql(begun / "ledger.db", "UPDATE pictures SET state = 'planned', recipe = ''")
    cli("batch", "rect(0, 0, 10%, 10%)", "in/y.png", "-o", "out")
    assert "It is not finished" in cli("status", "out", code=None).stderr
    result = cli("resume", "out", "--json", code=4)
    assert "With 3 pictures that earlier runs left." in result.stderr
    assert json.loads(result.stdout)["states"] == states(cli)
    assert states(cli) == {"done": 2, "failed": 1, "review": 1}
    assert told()["a/x.png"]["rule"] == RULE
    assert "It is not finished" not in cli("status", "out", code=4).stderr


def test_a_changed_rule_that_was_stopped_is_not_finished_though_all_was_done_before(cli, begun):
    with Record(begun) as record:
        items = [row.item for row in record.rows("done")]
        record.plan(items, record.begin(Options(rule="rect(0px, 0px, 10%, 10%)"), ()))
    assert "It is not finished" in cli("status", "out", code=4).stderr
    cli("resume", "out")
    assert told()["y.png"]["area"] < 0.02 * 60 * 90
    assert "It is not finished" not in cli("status", "out", code=4).stderr


def test_retry_of_review_with_another_rule(cli, begun):
    cli("retry", "out", "--review", "--rule", 'color("white")', "--max-failures", "1", code=4)
    assert states(cli) == {"done": 2, "failed": 1, "review": 1}
    told = cli("status", "out", code=4).stderr
    assert "white.png: The mask covers 100.0% of the picture." in told
    cli("retry", "out", "--review", "--rule", "rect(0, 0, 50%, 50%)")
    assert states(cli) == {"done": 3, "failed": 1}
    assert not list((begun / "review").rglob("*.*"))
    cli("resume", "out")  # as it was retried
    assert states(cli) == {"done": 3, "failed": 1}


def test_a_rule_that_a_picture_was_retried_by_stays_its_own(cli, begun, paint):
    other = "rect(0px, 0px, 50%, 50%)"
    cli("retry", "out", "--review", "--rule", other, "--max-failures", "1")
    again = ("batch", RULE, "in", "-o", "out", "--json")
    found = json.loads(cli(*again, code=4).stdout)
    assert (found["states"], found["unchanged"]) == ({"done": 3, "failed": 1}, 3)
    plan = json.loads(cli(*again, "--dry-run", code=4).stdout)
    assert plan["pictures"] == {"do": 0, "done": 3, "skip": 1}
    assert (told()["white.png"]["rule"], told()["y.png"]["rule"]) == (other, RULE)
    found = json.loads(cli(*again, "--sidecar", code=4).stdout)  # another wish, the same rules
    assert (found["states"], found["unchanged"]) == ({"done": 3, "failed": 1}, 0)
    cli("batch", 'color("white")', "in", "-o", "out", code=4)  # another rule for all
    assert told()["white.png"]["rule"] == 'color("white")'
    assert told()["white.png"]["state"] == "review"


def test_masks_in_review_are_taken_as_they_are_where_a_person_says_so(cli, paint):
    for name in ("a/x.png", "y.png"):
        paint(f"in/{name}")
    paint("in/none.png", square=(0, 0, 0, 0))
    limited = ("batch", RULE, "in", "-o", "out", "--limit", "area=50%..60%", "--json")
    assert json.loads(cli(*limited, code=4).stdout)["states"] == {"review": 3}
    paint("in/y.png", square=(0, 0, 5, 5))  # nobody looked at this one
    cli("retry", "out", "--review", "--accept", code=4)
    assert told()["a/x.png"]["outputs"] == ["masks/a/x.png.png"]
    assert [told()[name]["state"] for name in ("y.png", "none.png")] == ["review", "review"]
    assert not Path("out/review/a/x.png.txt").exists()
    found = json.loads(cli(*limited, code=4).stdout)
    assert (found["states"], found["unchanged"]) == ({"done": 1, "review": 2}, 3)
    paint("in/a/x.png", square=(0, 0, 9, 9))
    assert json.loads(cli(*limited, code=4).stdout)["states"] == {"review": 3}


@pytest.mark.parametrize("more", [[], ["--review", "--failed"], ["--review", "--rule", "all"]])
def test_accept_is_for_review_alone(cli, begun, more):
    assert "--accept is for --review alone" in cli("retry", "out", "--accept", *more, code=2).stderr
    assert states(cli) == {"done": 2, "failed": 1, "review": 1}


def test_retry_of_what_failed(cli, begun, paint):
    cli("retry", "out", code=4)
    paint("in/bad.png")
    cli("retry", "out", "--failed")
    assert states(cli) == {"done": 3, "review": 1}
    assert "no picture is in failed" in cli("retry", "out").stderr


def test_retry_with_a_wrong_rule_changes_nothing(cli, begun):
    result = cli("retry", "out", "--review", "--rule", 'colour("red', code=2)
    assert "^" in result.stderr
    assert states(cli) == {"done": 2, "failed": 1, "review": 1}


def test_retry_of_paid_jobs_in_review_with_another_rule(cli, sandbox, paint):
    """What is in review was never submitted; with a better rule it is, once."""
    ids = [sandbox.add_parent(paint(f"{n}.png", square=(20, 10, 40 + n, 30))) for n in range(2)]
    ids.append(sandbox.add_parent(paint("blue.png", square=(0, 0, 0, 0))))
    Path("jobs.csv").write_text("\n".join(["message_id", *ids]))
    paid = ("--provider", "imaginepro", "--prompt", "a pond")
    cli("batch", RULE, "--jobs-file", "jobs.csv", "-o", "out", *paid, code=4)
    assert states(cli) == {"done": 2, "review": 1}
    assert sandbox.billed.total() == 2
    rule = "rect(10%, 10%, 30%, 30%)"
    cli("retry", "out", "--review", "--rule", rule, "--budget", "4", code=4)
    assert (states(cli), sandbox.billed.total()) == ({"done": 2, "masked": 1}, 2)
    told = json.loads(cli("resume", "out", "--budget", "5", "--json").stdout)
    assert (told["credits"], states(cli)) == (5, {"done": 3})
    cli("resume", "out", "--budget", "0")
    cli("retry", "out", "--review")
    assert sorted(sandbox.billed.values()) == [1, 1, 1]
    cli("batch", RULE, "--jobs-file", "jobs.csv", "-o", "out", *paid)  # as every night
    assert sorted(sandbox.billed.values()) == [1, 1, 1]


def test_a_paid_job_in_review_is_submitted_once_a_person_accepts_its_mask(cli, sandbox, paint):
    ids = [sandbox.add_parent(paint(f"{n}.png", square=(20, 10, 40 + n, 30))) for n in range(2)]
    Path("jobs.csv").write_text("\n".join(["message_id", *ids]))
    paid = ("--provider", "imaginepro", "--prompt", "a pond", "--limit", "area=50%..60%")
    cli("batch", RULE, "--jobs-file", "jobs.csv", "-o", "out", *paid, code=4)
    assert (states(cli), sandbox.billed.total()) == ({"review": 2}, 0)
    cli("retry", "out", "--review", "--accept", "--budget", "5", code=4)
    assert (states(cli), sandbox.billed.total()) == ({"done": 1, "masked": 1}, 1)
    cli("resume", "out")
    assert (states(cli), sandbox.billed.total()) == ({"done": 2}, 2)


def test_failures_in_number_or_share_stop_a_batch_and_it_goes_on(cli, paint):
    photo = paint("photo.png").read_bytes()
    for number in range(60):
        place = Path(f"in/{number:02}.png")
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(photo if number % 4 else b"no picture")
    for limit, words in (("5%", "of"), ("3", "4 of")):
        result = cli("batch", RULE, "in", "-o", f"out{limit}", "--max-failures", limit, code=4)
        assert f"{words} " in result.stderr
        assert "pictures failed; go on with: automask resume" in result.stderr
        assert states(cli, f"out{limit}")["planned"] > 10
        cli("resume", f"out{limit}", "--max-failures", "50%", code=4)
        assert states(cli, f"out{limit}") == {"done": 45, "failed": 15}
