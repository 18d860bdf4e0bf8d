"""``--shard``: a batch in shares, on machines that know nothing of each other."""

import json
from pathlib import Path

import numpy as np
import pytest

from automask.batch import tables
from automask.batch.items import Item
from automask.batch.shards import Shard
from automask.testing import Sandbox
from tests.trees import contents

RULE = 'color("red")'


@pytest.fixture
def tree(paint):
    for number in range(12):
        paint(f"in/{number % 3}/{number}.png")
    Path("in/bad.png").write_text("no picture")
    return "in"


def lines(place):
    return [json.loads(line) for line in Path(place).read_text().splitlines()]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_picture_belongs_to_one_share_and_twins_to_the_same(count):
    items = [Item(f"a/{number}{end}") for number in range(500) for end in (".jpg", ".png")]
    shares = [list(Shard(number + 1, count).of(items)) for number in range(count)]
    assert sorted(i.name for share in shares for i in share) == sorted(i.name for i in items)
    for share in shares:
        assert len(share) > 500 / count
        names = {item.name for item in share}
        assert {name[:-4] + ".jpg" for name in names} | {
            name[:-4] + ".png" for name in names
        } == names


@pytest.mark.parametrize("count", [2, 3, 7])
def test_all_lines_of_one_message_id_belong_to_one_share(count, tmp_path):
    ids = [f"id.{number % 50}/x" for number in range(200)]
    table = tmp_path / "jobs.csv"
    rows = [f"{i},{number % 3},prompt {number % 2}" for number, i in enumerate(ids)]
    table.write_text("\n".join(["message_id,upscale,prompt", *rows]))
    items = tables.items(table, needs_rule=False)
    shares = [[i.message_id for i in Shard(n + 1, count).of(items)] for n in range(count)]
    assert sorted(i for share in shares for i in share) == sorted(ids)
    assert all(share.count(i) == 4 for share in shares for i in share)
    assert sum(map(bool, shares)) == count


def test_machines_with_records_of_their_own_pay_the_same_job_once(cli, tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGINEPRO_LIMITS", "off")
    with Sandbox(seed=4) as served:
        for name, value in served.environment.items():
            monkeypatch.setenv(name, value)
        picture = np.random.default_rng(2).integers(0, 256, (40, 60, 3), np.uint8)
        ids = [served.add_parent(picture) for _ in range(4)]
        Path("jobs.csv").write_text("\n".join(["message_id", *ids, *ids]))
        for number in (1, 2):
            monkeypatch.setenv("AUTOMASK_LEDGER", str(tmp_path / f"{number}" / "ledger.sqlite3"))
            cli(
                "batch", "rect(10%, 20%, 30%, 40%)", "--jobs-file", "jobs.csv", "-o", "out",
                "--provider", "imaginepro", "--prompt", "a pond", "--shard", f"{number}/2",
            )  # fmt: skip
        assert json.loads(cli("status", "out", "--json").stdout)["states"] == {"done": 8}
        assert list(served.billed.values()) == [1] * 4


def test_the_share_of_a_picture_never_changes():
    found = [item.name for item in Shard(1, 3).of(Item(f"{n}.jpg") for n in range(8))]
    assert found == ["0.jpg", "6.jpg"]  # machines of other versions have to agree


def test_all_shares_make_what_one_batch_makes(cli, tree):
    cli("batch", RULE, tree, "-o", "whole", "--layout", "coco", code=4)
    for number in (1, 2, 3):
        cli(
            "batch",
            RULE,
            tree,
            "-o",
            "out",
            "--layout",
            "coco",
            "--shard",
            f"{number}/3",
            code=None,
        )
    assert contents("out/masks") == contents("whole/masks")
    assert not Path("out/report.jsonl").exists()
    parts = [line["name"] for n in (1, 2, 3) for line in lines(f"out/report-{n}-of-3.jsonl")]
    assert sorted(parts) == sorted(line["name"] for line in lines("whole/report.jsonl"))
    told = json.loads(cli("status", "out", "--json", code=4).stdout)
    assert told["states"] == {"done": 12, "failed": 1}
    cli("report", "out")
    assert {line["name"]: line["state"] for line in lines("out/report.jsonl")} == {
        line["name"]: line["state"] for line in lines("whole/report.jsonl")
    }
    found = [json.loads(Path(f"{o}/coco/annotations.json").read_text()) for o in ("out", "whole")]
    assert len(found[0]["images"]) == len(found[1]["images"]) == 12
    assert Path("out/report.html").exists()


def test_a_share_is_gone_on_with_and_is_asked_for_by_name(cli, tree):
    limits = ("--limit", "area=99%..")
    said = cli("batch", RULE, tree, "-o", "out", "--shard", "1/2", *limits, code=4).stderr
    assert "automask retry out --shard 1/2 --review" in said
    cli("batch", RULE, tree, "-o", "out", "--shard", "1/2", code=None)
    told = json.loads(cli("resume", "out", "--shard", "1/2", "--json", code=None).stdout)
    assert told["unchanged"] == told["states"]["done"] > 0
    assert "say which, with --shard" in cli("resume", "out", code=1).stderr
    assert "holds no batch" in cli("resume", "out", "--shard", "2/2", code=1).stderr


def test_a_batch_is_split_in_one_way_only(cli, tree):
    cli("batch", RULE, tree, "-o", "out", "--shard", "1/2", code=None)
    assert "begun in 2 shares" in cli("batch", RULE, tree, "-o", "out", code=1).stderr
    said = cli("batch", RULE, tree, "-o", "out", "--shard", "1/3", code=1).stderr
    assert "begun in 2 shares; give --shard of so many, or give another -o" in said
    cli("batch", RULE, tree, "-o", "whole", code=4)
    assert "as a whole" in cli("batch", RULE, tree, "-o", "whole", "--shard", "1/2", code=1).stderr


def test_the_plan_of_a_share(cli, tree):
    told = [
        json.loads(
            cli(
                "batch", RULE, tree, "-o", "out", "--shard", s, "--dry-run", "--json", code=None
            ).stdout
        )
        for s in ("1/2", "2/2")
    ]
    assert sum(one["pictures"]["do"] for one in told) == 12
    assert not Path("out").exists()


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0"])
def test_what_is_no_share(cli, tree, text):
    said = cli("batch", RULE, tree, "-o", "out", "--shard", text, code=2).stderr
    assert "give a share and their number, such as 2/4" in said
