import json

import pytest


def test_a_table_with_a_row_for_each_region(cli, photo):
    head, *rows = cli("regions", "grid(3, 2)", photo).stdout.splitlines()
    assert head.split() == ["#", "label", "score", "box", "area", "share", "centre"]
    assert len(rows) == 6
    assert rows[1].split() == ["1", "grid", "1.00", "20,0,40,20", "400", "16.7%", "30.0,10.0"]


def test_json_has_the_picture_and_its_regions(cli, photo):
    told = json.loads(cli("regions", "grid(3, 2)[4]", photo, "--json").stdout)
    (region,) = told.pop("regions")
    assert told == {
        "image": "photo.png",
        "rule": "grid(3, 2)[4]",
        "width": 60,
        "height": 40,
        "models": [],
    }
    assert region == {
        "index": 0,
        "label": "grid",
        "score": 1.0,
        "box": [20, 20, 40, 40],
        "area": 400,
        "share": 0.166667,
        "centre": [30.0, 30.0],
        "source": "grid",
    }


def test_lines_are_a_region_each(cli, photo):
    lines = cli("regions", "grid(3, 2)", photo, "--nl").stdout.splitlines()
    assert [json.loads(line)["index"] for line in lines] == list(range(6))


@pytest.mark.parametrize(("option", "wanted"), [("--json", []), ("--nl", None), (None, None)])
def test_nothing_selected_is_said_and_exits_3(cli, photo, option, wanted):
    result = cli("regions", "none", photo, *filter(None, [option]), code=3)
    assert "photo.png: the rule selects nothing" in result.stderr
    if wanted is None:
        assert result.stdout == ""
    else:
        assert json.loads(result.stdout)["regions"] == wanted


def test_stdin(cli, photo):
    result = cli("regions", "all", "-", stdin=photo.read_bytes())
    assert "0,0,60,40" in result.stdout


def test_a_reader_that_leaves_ends_it_quietly(photo):
    import subprocess
    import sys

    command = [sys.executable, "-m", "automask", "regions", "grid(200, 150)", str(photo), "--nl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(60) == 141
    assert said == b""


@pytest.mark.weights
def test_json_names_the_models(cli, photo, weights_of, monkeypatch):
    held = weights_of("u2netp")
    monkeypatch.setenv("AUTOMASK_MODELS", str(held.path.parent))
    told = json.loads(cli("regions", "subject ^ all", photo, "--json").stdout)
    assert told["models"] == [held.record]
