"""Paid jobs of a batch, against the sandbox: paid once, within the budget, nothing lost."""

import json
import re
from dataclasses import replace

import pytest

import automask
from automask.batch import report
from automask.batch.items import Item, Options
from automask.batch.pay import Cashier
from automask.batch.progress import Patience
from automask.batch.record import Record
from automask.ledger import JobState, Ledger
from automask.providers.imaginepro import ImaginePro

OPTIONS = Options(rule="rect(10%, 20%, 30%, 40%)", provider="imaginepro", prompt="a pond")


@pytest.fixture
def items(sandbox, picture):
    parents = [sandbox.add_parent(picture) for _ in range(5)]
    return [Item(f"set/{n}", message_id=parent) for n, parent in enumerate(parents)]


def results(out):
    home = out / "results"
    return sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file())


def test_each_picture_is_paid_once_and_delivered_in_the_tree(sandbox, tmp_path, items, run_items):
    out = tmp_path / "out"
    progress, rows = run_items(out, items, OPTIONS)
    assert progress.states == {"done": 5}
    assert progress.credits == 25
    assert results(out) == [f"set/{n}-{k}.png" for n in range(5) for k in range(1, 5)]
    assert sandbox.billed == dict.fromkeys((row.job for row in rows.values()), 1)
    assert all(automask.load(p).shape == (60, 90) for p in (out / "results").rglob("*.png"))
    progress, _ = run_items(out, items, OPTIONS)
    assert (progress.unchanged, progress.credits) == (5, 0)
    assert sandbox.billed.total() == 5


def test_the_same_jobs_in_another_folder_are_not_paid_again(sandbox, tmp_path, items, run_items):
    run_items(tmp_path / "one", items, OPTIONS)
    progress, _ = run_items(tmp_path / "two", items, OPTIONS)
    assert progress.states == {"done": 5}
    assert results(tmp_path / "two") == results(tmp_path / "one")
    assert sandbox.billed.total() == 5


def test_a_budget_is_never_passed_and_more_goes_on(sandbox, tmp_path, items, run_items):
    out = tmp_path / "out"
    progress, rows = run_items(out, items, OPTIONS, budget=12)
    assert progress.states == {"done": 2, "masked": 3}
    assert progress.credits == 10
    assert any("budget" in row.reason for row in rows.values())
    progress, _ = run_items(out, items, OPTIONS, budget=15)
    assert progress.states == {"done": 5}
    assert sorted(sandbox.billed.values()) == [1] * 5


def test_what_is_out_of_its_limits_is_never_submitted(sandbox, tmp_path, items, run_items):
    wanted = Options(rule="all", provider="imaginepro", prompt="a pond")
    progress, _ = run_items(tmp_path / "out", items, wanted)
    assert progress.states == {"review": 5}
    assert not sandbox.billed


def test_a_changed_rule_keeps_what_was_paid(sandbox, tmp_path, items, run_items):
    out = tmp_path / "out"
    run_items(out, items[:1], OPTIONS)
    first = {name: (out / "results" / name).read_bytes() for name in results(out)}
    other = Options(rule="rect(0, 0, 20%, 20%)", provider="imaginepro", prompt="a pond")
    run_items(out, items[:1], other)
    assert len(results(out)) == 8
    assert first.items() <= {n: (out / "results" / n).read_bytes() for n in results(out)}.items()


def test_a_grid_is_upscaled_first_and_each_is_paid_once(sandbox, tmp_path, picture, run_items):
    grid = sandbox.add_parent(picture, upscaled=False)
    items = [Item("x", message_id=grid, upscale=2)]
    for _ in range(2):
        progress, _ = run_items(tmp_path / "out", items, OPTIONS)
        assert progress.states == {"done": 1}
    assert len(sandbox.billed) == sandbox.billed.total() == 2


@pytest.mark.parametrize("other", [{"upscale": 3}, {"message_id": "another"}])
def test_a_name_that_comes_to_mean_another_picture_is_masked_anew(
    sandbox, tmp_path, picture, run_items, other
):
    """As where lines of a table change their order, and `~2` with it, or --upscale its number."""
    grid = sandbox.add_parent(picture, upscaled=False)
    if "message_id" in other:
        other["message_id"] = sandbox.add_parent(picture[::-1].copy(), upscaled=False)
    wanted = replace(OPTIONS, rule="bright(lightness=60%)")
    first = Item("x", message_id=grid, upscale=2)
    run_items(tmp_path / "out", [first], wanted)
    run_items(tmp_path / "out", [replace(first, **other)], wanted)
    run_items(tmp_path / "new", [replace(first, **other)], wanted)
    made = [(tmp_path / out / "masks" / "x.png").read_bytes() for out in ("out", "new")]
    assert made[0] == made[1]
    assert sorted(sandbox.billed_alike.values()) == [1] * 4


def test_an_upscale_is_within_the_budget(sandbox, tmp_path, picture, run_items):
    grid = sandbox.add_parent(picture, upscaled=False)
    items = [Item("x", message_id=grid, upscale=2)]
    progress, rows = run_items(tmp_path / "out", items, OPTIONS, budget=4)
    assert progress.states == {"failed": 1}
    assert "the budget is 4" in rows["x"].reason
    assert not sandbox.billed
    progress, _ = run_items(tmp_path / "out", items, OPTIONS, budget=10)
    assert progress.states == {"done": 1}


def test_lines_of_one_grid_wait_for_its_upscale_which_is_paid_once(
    sandbox, tmp_path, picture, run_items
):
    grid = sandbox.add_parent(picture, upscaled=False)
    sandbox.faults.queue("slow=0.5")
    rules = [f"rect({n}0%, 20%, 30%, 40%)" for n in range(3)]
    items = [Item(rule, message_id=grid, rule=rule, upscale=2) for rule in rules]
    progress, rows = run_items(tmp_path / "out", items, OPTIONS)
    assert progress.states == {"done": 3}, [row.reason for row in rows.values()]
    assert len(sandbox.billed) == sandbox.billed.total() == 4


def test_one_that_another_process_goes_on_sending_is_left_for_the_next_run(
    sandbox, tmp_path, items, run_items, monkeypatch
):
    monkeypatch.setattr(ImaginePro, "deadline_s", 0.3)
    monkeypatch.setattr(ImaginePro, "last_poll_s", 0.05)
    out = tmp_path / "out"
    run_items(out, items[:1], OPTIONS, budget=0)
    with Ledger() as other:
        (entry,) = other.jobs()
        other.claim(entry.ref)
        progress, rows = run_items(out, items[:1], OPTIONS)
        assert progress.states == {"masked": 1}
        assert "is being submitted by process" in rows["set/0"].reason
        other.move(entry.ref, JobState.MASKED)
    progress, _ = run_items(out, items[:1], OPTIONS)
    assert progress.states == {"done": 1}
    assert sandbox.billed == {entry.ref: 1}


def test_a_picture_that_cannot_be_had_fails_alone(sandbox, tmp_path, items, run_items):
    items = [*items[:2], Item("gone", message_id="nothing")]
    progress, rows = run_items(tmp_path / "out", items, OPTIONS)
    assert progress.states == {"done": 2, "failed": 1}
    assert "knows no message 'nothing'" in rows["gone"].reason


def test_a_lost_answer_is_in_doubt_named_and_found_again(sandbox, tmp_path, items, run_items):
    out = tmp_path / "out"
    sandbox.faults.queue("dropped")
    progress, rows = run_items(out, items, OPTIONS)
    assert progress.states == {"done": 4, "in_doubt": 1}
    doubtful = next(row for row in rows.values() if row.state == "in_doubt")
    assert "may have been taken" in doubtful.reason
    progress, _ = run_items(out, items, OPTIONS)
    assert progress.states == {"done": 5}
    assert sorted(sandbox.billed.values()) == [1] * 5


def test_a_run_that_is_stopped_before_it_pays_goes_on(sandbox, tmp_path, items, run_items):
    out = tmp_path / "out"
    progress, _ = run_items(out, items, OPTIONS, stop=lambda run, _: run.stop("interrupted"))
    assert progress.stopped
    assert not sandbox.billed
    progress, _ = run_items(out, items, OPTIONS)
    assert progress.states == {"done": 5}
    with Ledger() as ledger:
        assert ledger.counts() == {JobState.DONE: 5}


def test_a_photo_cannot_be_given_to_a_service_that_takes_ids(sandbox, tmp_path, run_items):
    place = tmp_path / "photo.png"
    place.write_bytes(b"no picture is needed")
    _, rows = run_items(tmp_path / "out", [Item("photo.png", str(place))], OPTIONS)
    assert rows["photo.png"].state == "failed"
    assert "message id" in rows["photo.png"].reason
    assert not sandbox.requests


def test_free_repainting_needs_no_ledger_of_jobs(tmp_path, picture, run_items):
    from automask.images import encode

    place = tmp_path / "photo.png"
    place.write_bytes(encode.encode_picture(picture, ".png"))
    wanted = Options(rule="rect(10%, 20%, 30%, 40%)", provider="opencv")
    progress, rows = run_items(tmp_path / "out", [Item("photo.png", str(place))], wanted)
    assert progress.states == {"done": 1}
    made = automask.load(tmp_path / "out" / "results" / "photo.png.png")
    assert (made.rgb != picture).any()
    assert rows["photo.png"].job == ""


def test_a_report_counts_what_was_paid_and_shows_the_pictures(sandbox, tmp_path, items, run_items):
    out = tmp_path / "out"
    progress, _ = run_items(out, items, OPTIONS, budget=12)
    with Record(out, writing=False) as record:
        report.write(record, out, OPTIONS)
    told = [json.loads(line) for line in (out / "report.jsonl").read_text().splitlines()]
    assert sum(line.get("credits", 0) for line in told) == progress.credits == 10
    assert {line["state"]: line.get("credits") for line in told} == {"done": 5, "masked": None}
    text = (out / "report.html").read_text("utf-8")
    tiles = json.loads(re.search(r'id="tiles">([^<]*)<', text)[1])
    assert [sum(map(bool, tile)) for tile in tiles.values()].count(3) == 2  # those with results
    assert all(tile[0] and tile[1] for tile in tiles.values())


def test_a_changed_rule_that_is_paid_later_keeps_what_was_paid_before(
    sandbox, tmp_path, items, run_items
):
    out = tmp_path / "out"
    run_items(out, items[:1], OPTIONS)
    first = {name: (out / "results" / name).read_bytes() for name in results(out)}
    other = replace(OPTIONS, rule="rect(0, 0, 20%, 20%)")
    progress, _ = run_items(out, items[:1], other, budget=0)
    assert progress.states == {"masked": 1}
    progress, _ = run_items(out, items[:1], other)
    assert progress.states == {"done": 1}
    assert len(results(out)) == 8
    assert first.items() <= {n: (out / "results" / n).read_bytes() for n in results(out)}.items()


class Killed(BaseException):
    """Nothing after it is done, as after a kill."""


@pytest.fixture
def run_killed(run_items, monkeypatch):
    """A run that is killed when a job is over, before its row is written."""

    def killed(*_):
        raise Killed

    def go(*asked):
        with monkeypatch.context() as patched:
            patched.setattr(Cashier, "_keep", killed)
            with pytest.raises(Killed):
                run_items(*asked)

    return go


def test_what_was_paid_by_a_run_that_was_killed_is_not_overwritten_by_another_rule(
    sandbox, tmp_path, items, run_items, run_killed
):
    out = tmp_path / "out"
    run_killed(out, items[:1], OPTIONS)
    first = {name: (out / "results" / name).read_bytes() for name in results(out)}
    assert len(first) == 4
    progress, _ = run_items(out, items[:1], replace(OPTIONS, rule="rect(0, 0, 20%, 20%)"))
    assert progress.states == {"done": 1}
    assert len(results(out)) == 8
    assert first.items() <= {n: (out / "results" / n).read_bytes() for n in results(out)}.items()


def test_a_job_that_was_done_before_is_not_done_here_until_its_results_are(
    sandbox, tmp_path, items, run_items, run_killed
):
    run_items(tmp_path / "one", items, OPTIONS)
    run_killed(tmp_path / "two", items, OPTIONS)
    assert not results(tmp_path / "two")
    progress, _ = run_items(tmp_path / "two", items, OPTIONS)
    assert progress.states == {"done": 5}
    assert results(tmp_path / "two") == results(tmp_path / "one")
    assert sandbox.billed.total() == 5


def test_rows_with_the_very_same_job_are_paid_once_and_each_has_its_results(
    sandbox, tmp_path, picture, run_items
):
    parent = sandbox.add_parent(picture)
    items = [Item(name, message_id=parent) for name in ("set/1", "set/10", "set/1-10")]
    progress, rows = run_items(tmp_path / "out", items, OPTIONS)
    assert progress.states == {"done": 3}
    assert sandbox.billed.total() == 1
    wanted = [f"{name}-{k}.png" for name in rows for k in range(1, 5)]
    assert results(tmp_path / "out") == sorted(wanted)
    for name, row in rows.items():
        own = [place for place, _ in row.outputs if place.startswith("results/")]
        assert own == [f"results/{name}-{k}.png" for k in range(1, 5)]


def test_what_is_done_and_cannot_be_fetched_is_fetched_by_the_next_run(
    sandbox, tmp_path, items, run_items
):
    out = tmp_path / "out"
    run_items(out, items[:2], OPTIONS, budget=0)
    sandbox.faults.add("download:not-a-picture")
    progress, rows = run_items(out, items[:2], OPTIONS)
    assert progress.states == {"running": 2}
    assert all("cannot be fetched" in row.reason for row in rows.values())
    sandbox.faults.clear()
    progress, _ = run_items(out, items[:2], OPTIONS)
    assert progress.states == {"done": 2}
    assert len(results(out)) == 8
    assert sorted(sandbox.billed.values()) == [1, 1]


def test_results_that_were_lost_and_cannot_be_fetched_again_stay_open(
    sandbox, tmp_path, items, run_items
):
    out = tmp_path / "out"
    run_items(out, items[:1], OPTIONS)
    for place in (out / "results").rglob("*.png"):
        place.unlink()
    sandbox.faults.add("download:not-a-picture")
    progress, _ = run_items(out, items[:1], OPTIONS)
    assert progress.states == {"running": 1}
    sandbox.faults.clear()
    progress, _ = run_items(out, items[:1], OPTIONS)
    assert progress.states == {"done": 1}
    assert len(results(out)) == 4
    assert sandbox.billed.total() == 1


def test_a_parent_that_vanishes_before_it_is_paid_fails_alone(sandbox, tmp_path, items, run_items):
    out = tmp_path / "out"

    def remove(run, now):
        if now.over == 3:
            for place in (out / "parents" / "set").glob("1~*.png"):
                place.unlink()

    progress, rows = run_items(out, items[:3], OPTIONS, stop=remove)
    assert progress.states == {"done": 2, "failed": 1}
    assert "/1~" in rows["set/1"].reason
    progress, _ = run_items(out, items[:3], OPTIONS)
    assert progress.states == {"done": 3}
    assert sorted(sandbox.billed.values()) == [1] * 3


def test_failures_of_paid_jobs_stop_a_run_that_has_no_patience(
    sandbox, tmp_path, items, run_items, monkeypatch
):
    monkeypatch.setattr("automask.batch.pay.AT_ONCE", 2)
    sandbox.faults.add("400")
    progress, _ = run_items(tmp_path / "out", items, OPTIONS, patience=Patience(1))
    assert 2 <= progress.states["failed"] <= 3  # one may have been on its way
    assert progress.states["masked"] == 5 - progress.states["failed"]
    assert progress.stopped == "2 of 5 pictures failed"
    assert not sandbox.billed


def test_one_that_takes_long_holds_up_no_other(sandbox, tmp_path, items, run_items, monkeypatch):
    monkeypatch.setattr("automask.batch.pay.AT_ONCE", 2)
    monkeypatch.setattr(ImaginePro, "deadline_s", 1.0)
    sandbox.faults.queue("stuck")
    progress, rows = run_items(tmp_path / "out", items, OPTIONS)
    assert progress.states == {"done": 4, "running": 1}
    assert [row.reason for row in rows.values() if "goes on at imaginepro" in row.reason]
    assert sorted(sandbox.billed.values()) == [1] * 5


def test_what_is_on_is_bounded(sandbox, tmp_path, items, run_items, monkeypatch):
    monkeypatch.setattr("automask.batch.pay.AT_ONCE", 2)
    over, placed = [], []
    plain, kept = Cashier._placed, Cashier._keep

    def place(self, desk, row, search):
        placed.append((len(placed) - len(over), row.item.name))
        return plain(self, desk, row, search)

    def keep(self, row, *more):
        over.append(row.item.name)
        kept(self, row, *more)

    monkeypatch.setattr(Cashier, "_placed", place)
    monkeypatch.setattr(Cashier, "_keep", keep)
    progress, _ = run_items(tmp_path / "out", items, OPTIONS)
    assert progress.states == {"done": 5}
    assert max(on for on, _ in placed) == 1  # beside the one that is placed
    assert sorted(over) == sorted(name for _, name in placed) == [f"set/{n}" for n in range(5)]
