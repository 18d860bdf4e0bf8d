import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

RED, WHITE = (200, 30, 40), (255, 255, 255)  # of the thing, of what is around it
SQUARE = "rect(18px, 8px, 24px, 24px)"  # a little more than the red one


def pixels(source):
    with Picture.open(source) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_the_selected_region_is_repainted(cli, photo):
    result = cli("run", SQUARE, photo, "--prompt", "grass", "--provider", "opencv", "-o", "new.png")
    new = pixels("new.png")
    assert new.shape == (40, 60, 3)
    assert (pixels("photo.png")[20, 30] == RED).all()
    assert abs(new[20, 30] - WHITE).max() < 12
    assert "new.png" in result.stderr
    assert "prompt" in result.stderr  # which this provider says it cannot use
    assert result.stdout == ""


def test_json_tells_of_the_job(cli, photo):
    told = json.loads(cli("run", SQUARE, photo, "-o", "new.png", "--json").stdout)
    assert told["image"] == "photo.png"
    assert told["output"] == "new.png"
    assert told["provider"] == "opencv"
    assert told["rule"] == SQUARE
    assert told["coverage"] == pytest.approx(24 * 24 / 2400)
    assert set(told["drift"]) == {"share", "mean"}
    assert len(told["key"]) == 64


def test_pasting_back_keeps_every_other_pixel(cli, photo):
    cli("run", SQUARE, photo, "-o", "new.png", "--paste-back")
    kept = np.ones((40, 60), bool)
    kept[8:32, 18:42] = False
    assert (pixels("new.png")[kept] == pixels("photo.png")[kept]).all()


def test_stdin_to_stdout(shell, photo):
    done = shell("run", SQUARE, "-", "-o", "-", stdin=photo.read_bytes())
    assert pixels(io.BytesIO(done.stdout)).shape == (40, 60, 3)


def test_nothing_selected_writes_nothing(cli, photo):
    result = cli("run", "none", photo, "-o", "new.png", code=3)
    assert "selects nothing" in result.stderr
    assert result.stderr.count("photo.png") == 1
    assert not Path("new.png").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "new.png", "--provider", "opnecv"], "did you mean 'opencv'"),
        (["-o", "photo.png"], "would be overwritten"),
        (["-o", "folder/"], "is a folder"),
        (["-o", "-", "--json"], "stdout"),
        ([], "--output"),
    ],
)
def test_wrong_arguments(cli, photo, arguments, words):
    before = photo.read_bytes()
    assert words in cli("run", SQUARE, photo, *arguments, code=2).stderr
    assert photo.read_bytes() == before
    assert sorted(p.name for p in Path().iterdir()) == ["photo.png"]


def test_an_ending_that_no_picture_has_leaves_no_file(cli, photo):
    for out in ("new.xyz", "new"):
        assert "choose .png" in cli("run", SQUARE, photo, "-o", out, code=2).stderr
        assert not Path(out).exists()


def test_nothing_is_submitted_for_a_file_that_cannot_hold_the_result(cli, photo, monkeypatch):
    from automask import pipeline

    monkeypatch.setattr(pipeline, "run", lambda *_, **__: pytest.fail("it was submitted"))
    with Picture.open(photo) as picture:
        picture.putalpha(100)
        picture.save("see-through.png")
    cli("run", SQUARE, photo, "-o", "new.xyz", code=2)
    result = cli("run", SQUARE, "see-through.png", "-o", "new.jpg", code=2)
    assert "transparency" in result.stderr
