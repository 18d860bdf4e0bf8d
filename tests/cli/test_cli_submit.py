"""`submit` and `run --message-id`: every option, against the sandbox; what is paid is counted."""

import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

SQUARE = "rect(20px, 10px, 20px, 15px)"  # what the file of the fixture `mask` has in white


def pixels(source):
    with Picture.open(source) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def submit(cli, parent, *more, **how):
    return cli("submit", "--message-id", parent, "--mask", "mask.png", *more, **how)


def run(cli, parent, *more, **how):
    return cli("run", SQUARE, "--message-id", parent, *more, **how)


def results(folder="."):
    return sorted(Path(folder).glob("*-[1-4].png"))


# --- submit -------------------------------------------------------------------------------------


def test_without_wait_it_says_how_to_fetch_the_results(cli, sandbox, parent, mask, record):
    result = submit(cli, parent, "--prompt", "a pond")
    (entry,) = record()
    assert result.stdout == ""
    assert f"{entry.handle}: submitted; 5 credits" in result.stderr
    assert f"automask jobs wait {entry.ref[:12]}" in result.stderr
    assert sandbox.billed == {entry.ref: 1}
    assert not results()


def test_with_wait_all_pictures_lie_in_the_folder(cli, sandbox, parent, mask):
    result = submit(cli, parent, "--prompt", "a pond", "--wait", "-o", "neue Bilder é")
    assert len(results("neue Bilder é")) == 4
    assert all(pixels(place).shape == (40, 60, 3) for place in results("neue Bilder é"))
    assert result.stderr.count(f"{parent} -> ") == 4
    assert "of the kept pixels changed" in result.stderr
    assert sandbox.billed.total() == 1
    assert not results()


def test_the_results_lie_in_the_working_folder_when_nothing_is_said(cli, parent, mask):
    submit(cli, parent, "--wait")
    assert len(results()) == 4


def test_json_tells_of_the_job(cli, sandbox, parent, mask):
    told = json.loads(submit(cli, parent, "--prompt", "a pond", "--wait", "--json").stdout)
    assert told["state"] == "done"
    assert told["parent_id"] == parent
    assert told["prompt"] == "a pond"
    assert told["coverage"] == 0.125
    assert told["credits"] == 5
    assert told["paid_now"] is True
    assert [Path(place).name for place in told["results"]] == [p.name for p in results()]
    assert len(told["drift"]) == 4
    assert set(told["drift"][0]) == {"share", "mean"}
    assert not {"id", "owner"} & set(told)


def test_the_dry_run_prints_what_would_be_sent_and_sends_nothing(cli, sandbox, mask, record):
    told = json.loads(
        submit(cli, "p-1", "--prompt", "a pond", "--webhook", "https://a.b/c", "--dry-run").stdout
    )
    body = told["json"]
    assert told["url"] == f"{sandbox.url}/api/v1/nova/button"
    assert told["method"] == "POST"
    assert told["credits"] == 5
    assert {name: body[name] for name in body if name not in ("mask", "ref")} == {
        "messageId": "p-1",
        "button": "Vary (Region)",
        "prompt": "a pond",
        "webhookOverride": "https://a.b/c",
        "timeout": 900,
    }
    assert body["mask"].endswith(" characters)")
    assert len(body["mask"]) < 60
    assert told["mask"]["format"] == "webp"
    assert (told["mask"]["width"], told["mask"]["height"]) == (60, 40)
    assert told["mask"]["coverage"] == 0.125
    assert sandbox.requests == []
    assert record() == []


def test_the_dry_run_is_what_is_sent(cli, sandbox, parent, mask):
    planned = json.loads(submit(cli, parent, "--prompt", "a pond", "--dry-run").stdout)
    submit(cli, parent, "--prompt", "a pond")
    sent = next(request.body for request in sandbox.requests if request.call == "submit")
    data = base64.b64decode(sent["mask"])
    assert planned["mask"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert planned["mask"]["bytes"] == len(data)
    assert {**planned["json"], "mask": sent["mask"]} == sent
    assert planned["json"]["mask"].startswith(sent["mask"][:20])


def test_the_dry_run_needs_no_key(cli, mask, monkeypatch):
    monkeypatch.delenv("IMAGINEPRO_API_KEY", raising=False)
    told = json.loads(submit(cli, "p-1", "--dry-run").stdout)
    assert told["url"] == "https://api.imaginepro.ai/api/v1/nova/button"


def test_the_same_job_is_paid_once_and_again_only_when_that_is_said(cli, sandbox, parent, mask):
    submit(cli, parent, "--wait")
    told = submit(cli, parent, "--wait", "-o", "elsewhere").stderr
    assert "nothing was paid again" in told
    assert len(results("elsewhere")) == 4
    assert sandbox.billed.total() == 1
    assert "5 credits" in submit(cli, parent, "--again").stderr
    assert sorted(sandbox.billed.values()) == [1, 1]


def test_a_job_that_runs_is_joined_not_paid(cli, sandbox, parent, mask):
    submit(cli, parent)
    assert "submitted before: nothing was paid again" in submit(cli, parent, "--wait").stderr
    assert len(results()) == 4
    assert sandbox.billed.total() == 1


def test_a_budget_refuses_before_anything_is_sent(cli, sandbox, parent, mask, record):
    told = submit(cli, parent, "--budget", "4.5", code=1).stderr
    assert f"Job {record()[0].ref[:12]} costs 5 credits" in told
    assert "budget is 4.5" in told
    assert not sandbox.billed
    submit(cli, parent, "--budget", "5")
    assert sandbox.billed.total() == 1


@pytest.mark.parametrize("budget", ["nan", "-1", "inf", "", "five", "1e999"])
def test_a_budget_that_is_no_number_of_credits_is_refused(cli, sandbox, parent, mask, budget):
    for command in (["submit", "--mask", "mask.png"], ["run", SQUARE]):
        told = cli(*command, "--message-id", parent, "--budget", budget, code=2).stderr
        assert "no number of credits" in told
    assert "no number" in cli("jobs", "resume", "--budget", budget, code=2).stderr
    assert sandbox.requests == []


def test_a_webhook_is_handed_on(cli, sandbox, parent, mask):
    submit(cli, parent, "--webhook", "http://127.0.0.1:9/hook")
    sent = next(request.body for request in sandbox.requests if request.call == "submit")
    assert sent["webhookOverride"] == "http://127.0.0.1:9/hook"


@pytest.mark.parametrize(
    "url",
    ["nope", "ftp://a.b/c", "http://", "https://a b", "https://[::1", "https://a:x/", "a.b/c"],
)
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_webhook_that_is_no_address_is_refused(cli, sandbox, parent, mask, url, more, record):
    assert "The webhook cannot be" in submit(cli, parent, "--webhook", url, *more, code=2).stderr
    assert not sandbox.billed
    assert record() == []


def test_pasting_back_keeps_the_parents_own_pixels(cli, parent, mask):
    submit(cli, parent, "--wait", "--paste-back")
    kept = np.ones((40, 60), bool)
    kept[10:25, 20:40] = False
    for place in results():
        assert (pixels(place)[kept] == pixels("parent.png")[kept]).all()
        assert (pixels(place)[~kept] != pixels("parent.png")[~kept]).any()


def test_a_mask_from_stdin(cli, sandbox, parent, mask, record):
    cli("submit", "--message-id", parent, "--mask", "-", stdin=mask.read_bytes())
    mask.unlink()
    assert record()[0].coverage == 0.125


def test_prompts_of_any_kind_arrive_as_they_are(cli, sandbox, parent, mask):
    for prompt in ("two\nlines 😀 \\ \"'", "ü" * 10_000, "--again"):
        submit(cli, parent, "--prompt", prompt)
        assert sandbox.requests[-1].body["prompt"] == prompt
    assert all(len(line) < 200 for line in cli("jobs").stdout.splitlines())


# --- run --message-id ---------------------------------------------------------------------------


def test_the_rule_is_applied_to_the_parents_own_picture(cli, sandbox, parent, record):
    run(cli, parent, "--prompt", "a pond", "--wait", "-o", "out")
    assert len(results("out")) == 4
    (entry,) = record()
    assert entry.rule == SQUARE
    assert entry.coverage == 0.125
    assert sandbox.billed == {entry.ref: 1}


def test_the_rules_dry_run_looks_at_the_picture_and_sends_nothing(cli, sandbox, parent, record):
    told = json.loads(run(cli, parent, "--prompt", "a pond", "--dry-run").stdout)
    assert (told["mask"]["width"], told["mask"]["height"]) == (60, 40)
    assert told["mask"]["coverage"] == 0.125
    assert told["json"]["messageId"] == parent
    assert {request.call for request in sandbox.requests} == {"fetch", "download"}
    assert record() == []


def test_a_grid_says_so_and_offers_the_upscale(cli, sandbox, grid, mask):
    for asked in (run(cli, grid, code=1), submit(cli, grid, code=1)):
        assert "is a grid" in asked.stderr
        assert "--upscale N" in asked.stderr
    assert not sandbox.billed


def test_a_grid_is_upscaled_once_and_its_picture_edited(cli, sandbox, grid, record):
    run(cli, grid, "--upscale", "3", "--prompt", "a pond", "--wait")
    upscale, edit = record()
    assert (upscale.action, upscale.parent_id, upscale.state) == ("U3", grid, "done")
    assert (edit.parent_id, edit.state) == (upscale.handle, "done")
    assert len(results()) == 4
    run(cli, grid, "--upscale", "3", "--prompt", "a lake", "--wait")
    assert sandbox.billed.total() == 3


def test_the_budget_counts_the_upscale_and_the_edit(cli, sandbox, grid):
    told = run(cli, grid, "--upscale", "1", "--budget", "9", code=1).stderr
    assert "cost 10 credits" in told
    assert not sandbox.billed
    run(cli, grid, "--upscale", "1", "--budget", "10")
    assert sandbox.billed.total() == 2


def test_the_dry_run_of_a_grid_shows_its_upscale(cli, sandbox, grid):
    told = json.loads(run(cli, grid, "--upscale", "2", "--dry-run").stdout)
    assert told["json"]["button"] == "U2"
    assert told["credits"] == 5
    assert not sandbox.billed


def test_an_upscale_of_what_is_no_grid_is_left_out(cli, sandbox, parent):
    run(cli, parent, "--upscale", "2", "--wait")
    assert sandbox.billed.total() == 1


@pytest.mark.parametrize("faults", [[], ["no-images"]])
def test_a_rule_that_selects_nothing_in_the_grids_picture_is_not_upscaled_for(
    cli, sandbox, paint, record, faults
):
    grid = sandbox.add_parent(paint("p.png"), upscaled=False, faults=faults)
    told = cli("run", "none", "--message-id", grid, "--upscale", "4", code=3).stderr
    assert "Picture U4" in told
    assert "(60 x 40); nothing was sent" in told
    assert not sandbox.billed
    run(cli, grid, "--upscale", "4", "--wait")
    cli("run", "none", "--message-id", grid, "--upscale", "4", code=3)  # it was paid already
    assert sandbox.billed.total() == 2


@pytest.mark.parametrize("number", ["0", "5", "-1", "two"])
def test_a_grid_has_four_pictures(cli, sandbox, grid, number):
    assert "--upscale" in run(cli, grid, "--upscale", number, code=2).stderr
    assert sandbox.requests == []


def test_a_parent_without_the_button_says_which_there_are(cli, sandbox, mask, paint):
    name = sandbox.add_parent(paint("p.png"), faults=["no-buttons"])
    for asked in (run(cli, name, code=1), submit(cli, name, code=1)):
        assert "has no button 'Vary (Region)'; its buttons are: none" in asked.stderr
    assert not sandbox.billed


def test_a_parent_with_other_buttons_names_them(cli, sandbox, mask, paint):
    name = sandbox.add_parent(paint("p.png"))
    others = ["Vary (Subtle)", "Zoom Out 2x"]
    sandbox.store.messages[name].buttons = lambda *_: others
    for asked in (run(cli, name, code=1), submit(cli, name, code=1)):
        assert "its buttons are: Vary (Subtle), Zoom Out 2x." in asked.stderr
    assert not sandbox.billed


def test_a_rule_that_selects_nothing_sends_nothing(cli, sandbox, parent, record):
    told = cli("run", "none", "--message-id", parent, code=3).stderr
    assert "selects nothing" in told
    assert record() == []


def test_a_photo_of_ones_own_is_explained_and_another_way_offered(cli, sandbox, photo):
    told = cli("run", SQUARE, photo, "--provider", "imaginepro", "-o", "new.png", code=1).stderr
    assert "cannot be given a photo" in told
    assert "--message-id" in told
    assert "--provider opencv" in told
    assert sandbox.requests == []
    assert not Path("new.png").exists()


@pytest.mark.parametrize("option", ["--wait", "--again", "--dry-run", "--budget=5", "--upscale=1"])
def test_options_of_paid_jobs_are_not_for_a_photo(cli, photo, option):
    told = cli("run", SQUARE, photo, "-o", "new.png", option, code=2).stderr
    assert f"{option.split('=')[0]} is for pictures of a service" in told
