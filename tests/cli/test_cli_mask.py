import io
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest

HALF = "rect(0, 0, 50%, 100%)"


def names(folder="."):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file())


def test_the_mask_goes_beside_its_image(cli, photo, mask_of):
    result = cli("mask", HALF, photo)
    assert names() == ["photo.mask.png", "photo.png"]
    mask = mask_of("photo.mask.png")
    assert mask.shape == (40, 60)
    assert mask[:, :30].all()
    assert not mask[:, 30:].any()
    assert result.stdout == ""
    assert "photo.mask.png" in result.stderr
    assert "50.0%" in result.stderr


def test_a_colour_is_masked(cli, photo, mask_of):
    cli("mask", 'color("red")', photo, "-o", "m.png")
    wanted = np.zeros((40, 60), bool)
    wanted[10:30, 20:40] = True
    assert np.array_equal(mask_of("m.png"), wanted)


def test_rest_is_the_mask_of_everything_else(cli, photo, mask_of):
    cli("mask", HALF, photo, "-o", "a.png")
    cli("mask", HALF, photo, "-o", "b.png", "--rest")
    assert np.array_equal(mask_of("a.png"), ~mask_of("b.png"))


@pytest.mark.parametrize("first", ["m.png", "m.webp", "M.PNG"])
def test_the_ending_of_the_output_says_the_format(cli, photo, first):
    cli("mask", HALF, photo, "-o", first)
    magic = {".png": b"\x89PNG", ".webp": b"RIFF"}[Path(first).suffix.lower()]
    assert Path(first).read_bytes().startswith(magic)


def test_an_ending_that_is_no_mask_format_is_asked_wrongly(cli, photo):
    for ending in ("jpg", "txt", "json"):
        result = cli("mask", HALF, photo, "-o", f"m.{ending}", code=2)
        assert f"no mask format ends in .{ending}" in result.stderr
    assert names() == ["photo.png"]


def test_every_format_of_the_option_is_written(cli, photo):
    from automask.cli.outputs import FORMATS
    from automask.images import encode

    assert set(FORMATS) == set(encode.FORMATS)
    for name in FORMATS:
        cli("mask", HALF, photo, "--format", name, "-o", f"out/{name}/")
        (made,) = Path("out", name).iterdir()
        assert made.name == f"photo{FORMATS[name]}"
        assert made.stat().st_size


def test_feather_takes_pixels_and_shares_of_the_shorter_side(cli, photo):
    cli("mask", HALF, photo, "-o", "a.png", "--feather", "4px")
    cli("mask", HALF, photo, "-o", "b.png", "--feather", "10%")
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    from PIL import Image as Picture

    with Picture.open("a.png") as soft:
        assert len(set(soft.convert("L").tobytes())) > 2


@pytest.mark.parametrize("length", ["four", "4deg", "-4px", "4furlongs"])
def test_feather_refuses_what_is_no_length(cli, photo, length):
    result = cli("mask", HALF, photo, f"--feather={length}", code=2)
    assert length in result.stderr
    assert names() == ["photo.png"]


def test_preview_and_sidecar_stand_beside_the_mask(cli, photo):
    result = cli("mask", HALF, photo, "--preview", "--sidecar", "--json")
    assert names() == ["photo.mask.png", "photo.mask.png.json", "photo.png", "photo.preview.jpg"]
    told = json.loads(Path("photo.mask.png.json").read_text())
    assert told["rule"] == "rect(0px, 0px, 50%, 100%)"
    assert told["box"] == [0, 0, 30, 40]
    assert len(told["source_sha256"]) == 64
    (entry,) = json.loads(result.stdout)["results"]
    assert (entry["preview"], entry["sidecar"]) == ("photo.preview.jpg", "photo.mask.png.json")


def test_json_is_one_object_with_a_result_for_each_image(cli, photo):
    result = cli("mask", HALF, photo, "missing.png", "-o", "out/", "--json", code=4)
    told = json.loads(result.stdout)
    assert told["rule"] == "rect(0px, 0px, 50%, 100%)"
    good, bad = told["results"]
    assert good == {
        "image": "photo.png",
        "status": "done",
        "output": "out/photo.mask.png",
        "preview": None,
        "sidecar": None,
        "width": 60,
        "height": 40,
        "area": 1200,
        "box": [0, 0, 30, 40],
        "coverage": 0.5,
        "models": [],
        "error": None,
    }
    assert (bad["image"], bad["status"], bad["output"]) == ("missing.png", "failed", None)
    assert bad["error"]


def test_lines_are_one_object_each(cli, photo):
    result = cli("mask", HALF, photo, "missing.png", "-o", "out/", "--nl", code=4)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["status"] for line in lines] == ["done", "failed"]


# --- stdin and stdout ---------------------------------------------------------------------------


def test_stdin_to_stdout(shell, photo, mask_of):
    done = shell("mask", HALF, "-", stdin=photo.read_bytes())
    assert mask_of(io.BytesIO(done.stdout)).sum() == 1200
    assert names() == ["photo.png"]


def test_a_file_to_stdout(shell, photo):
    done = shell("mask", HALF, photo, "-o", "-", "--format", "dataurl")
    assert done.stdout.startswith(b"data:image/png;base64,")


@pytest.mark.parametrize("also", ["--json", "--nl", "--preview", "--sidecar"])
def test_stdout_takes_one_thing(cli, photo, also):
    result = cli("mask", HALF, photo, "-o", "-", also, code=2)
    assert "stdout" in result.stderr


def test_a_picture_is_not_written_to_a_terminal(cli, photo, monkeypatch):
    from automask.cli import talk

    monkeypatch.setattr(talk, "is_terminal", lambda _stream: True)
    result = cli("mask", HALF, photo, "-o", "-", code=2)
    assert "give -o FILE" in result.stderr
    assert result.stdout == ""
    assert cli("mask", HALF, photo, "-o", "-", "--format", "base64").stdout.isascii()


# --- nothing selected ---------------------------------------------------------------------------


def test_nothing_selected_fails_without_a_file(cli, photo):
    result = cli("mask", "none", photo, code=3)
    assert "photo.png: the rule selects nothing" in result.stderr
    assert names() == ["photo.png"]


@pytest.mark.parametrize("command", ["mask", "regions", "explain"])
def test_a_point_outside_of_the_picture_is_said(cli, photo, command):
    told = cli(command, "point(9999px, 5px):grow(3px)", photo, code=3).stderr
    assert "photo.png: the rule selects nothing: point(9999px, 5px) lies outside of the " in told


def test_nothing_selected_may_be_skipped(cli, photo):
    result = cli("mask", "none", photo, "--on-empty", "skip", "--json")
    assert "photo.png: the rule selects nothing" in result.stderr
    assert json.loads(result.stdout)["results"][0]["status"] == "empty"
    assert names() == ["photo.png"]


def test_nothing_selected_may_be_everything(cli, photo, mask_of):
    cli("mask", "none", photo, "--on-empty", "full", "-o", "m.png")
    assert mask_of("m.png").all()


# --- many images --------------------------------------------------------------------------------


def test_one_bad_image_does_not_stop_the_others(cli, photo):
    Path("junk.png").write_bytes(b"not a picture")
    Path("empty.png").touch()
    result = cli("mask", HALF, "junk.png", photo, "empty.png", "-o", "out/", code=4)
    assert names("out") == ["photo.mask.png"]
    for name in ("junk.png", "empty.png"):
        assert result.stderr.count(name) == 1
    assert result.stderr.count("automask: ") == 2


def test_the_exit_code_is_the_one_that_all_share(cli, photo, paint):
    wide = paint("wide.png", (90, 40))
    left = "rect(70px, 0, 10px, 10px)"  # outside the narrow picture
    cli("mask", HALF, photo, wide, "-o", "out/")
    cli("mask", HALF, "missing.png", "gone.png", "-o", "out/", code=1)
    cli("mask", "none", photo, wide, "-o", "out/", code=3)
    cli("mask", left, photo, wide, "-o", "out/", code=4)
    cli("mask", left, photo, wide, "-o", "out/", "--on-empty", "skip")
    cli("mask", "none", photo, "missing.png", "-o", "out/", code=4)


def test_folders_are_kept_so_that_names_do_not_meet(cli, paint):
    for path in ("in/a/x.png", "in/b/x.png", "in/b/deep/x.png"):
        paint(path)
    cli("mask", HALF, "in/a/x.png", "in/b/x.png", "in/b/deep/x.png", "-o", "out/")
    assert names("out") == ["a/x.mask.png", "b/deep/x.mask.png", "b/x.mask.png"]


def test_equal_stems_keep_their_whole_names_also_one_by_one(cli, paint):
    paint("x.png")
    paint("x.bmp")
    paint("y.png")
    cli("mask", HALF, "x.png", "x.bmp", "y.png")
    wanted = ["x.bmp.mask.png", "x.png.mask.png", "y.mask.png"]
    assert [n for n in names() if ".mask." in n] == wanted
    cli("mask", HALF, "x.bmp", "-o", "out/")
    assert names("out") == ["x.bmp.mask.png"]


def test_an_image_given_twice_is_masked_once(cli, photo):
    result = cli("mask", HALF, photo, "./photo.png", photo.absolute(), "--json")
    assert len(json.loads(result.stdout)["results"]) == 1


def test_one_file_cannot_take_several_masks(cli, photo, paint):
    paint("other.png")
    for out in ("m.png", "-"):
        result = cli("mask", HALF, photo, "other.png", "-o", out, code=2)
        assert "give a folder" in result.stderr


def test_addresses_that_share_a_name_are_refused_before_anything_is_fetched(cli):
    result = cli("mask", HALF, "http://a.invalid/x.jpg", "http://b.invalid/x.png", code=2)
    assert "would both be written to x.mask.png" in result.stderr


# --- never over an image ------------------------------------------------------------------------


def test_an_image_is_never_overwritten(cli, photo):
    before = photo.read_bytes()
    os.link(photo, "twin.png")
    for out in ("photo.png", "./photo.png", photo.absolute(), "twin.png"):
        assert "would be overwritten" in cli("mask", HALF, photo, "-o", out, code=2).stderr
    assert photo.read_bytes() == before


def test_masks_of_an_earlier_run_are_not_masked_over(cli, photo):
    cli("mask", HALF, photo)
    before = Path("photo.mask.png").read_bytes()
    result = cli("mask", "all", *sorted(Path().glob("*.png")), code=2)
    assert "photo.mask.png is read by this command" in result.stderr
    assert Path("photo.mask.png").read_bytes() == before


def test_a_preview_does_not_replace_an_image(cli, photo, paint):
    other = paint("photo.preview.jpg")
    before = other.read_bytes()
    result = cli("mask", HALF, photo, other, "--preview", code=4)
    assert "would be overwritten" in result.stderr
    assert other.read_bytes() == before


def test_an_older_mask_is_replaced(cli, photo, mask_of):
    cli("mask", HALF, photo, "-o", "m.png")
    cli("mask", "all", photo, "-o", "m.png")
    assert mask_of("m.png").all()


# --- odd places ---------------------------------------------------------------------------------


def test_names_with_spaces_and_letters_of_any_script(shell, paint):
    paint("mes photos/été 猫.png")
    done = shell("mask", HALF, "mes photos/été 猫.png", "--json")
    assert Path("mes photos/été 猫.mask.png").is_file()
    assert json.loads(done.stdout)["results"][0]["output"] == "mes photos/été 猫.mask.png"
    assert "été 猫.mask.png" in done.stderr.decode()


def test_names_that_are_no_unicode_at_all(shell, photo):
    odd = os.fsdecode(b"photo-\xff.png")
    photo.rename(odd)
    for extra in ([], ["--json"], ["--nl"]):
        shell("mask", HALF, odd, *extra)
    assert Path(os.fsdecode(b"photo-\xff.mask.png")).is_file()
    shell("mask", HALF, os.fsdecode(b"missing-\xff.png"), code=1)


def test_a_name_that_begins_with_a_dash(cli, paint):
    paint("-x.png")
    cli("mask", HALF, "--", "-x.png")
    assert Path("-x.mask.png").is_file()


def test_a_folder_is_no_image_and_its_junk_is_named(cli, photo):
    Path("folder").mkdir()
    Path("notes.txt").write_text("hello")
    result = cli("mask", HALF, "folder", "notes.txt", photo, code=4)
    assert result.stderr.count("automask: ") == 2
    assert "folder" in result.stderr
    assert "notes.txt" in result.stderr


def test_an_output_that_cannot_be_made_is_one_line(cli, photo):
    Path("file").write_text("in the way")
    result = cli("mask", HALF, photo, "-o", "file/m.png", code=1)
    assert result.stderr.count("\n") == 1
    result = cli("mask", HALF, photo, "-o", "file/deep/", code=1)
    assert result.stderr.count("\n") == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_that_may_not_be_written(cli, photo):
    Path("locked").mkdir()
    Path("locked").chmod(stat.S_IRUSR | stat.S_IXUSR)
    result = cli("mask", HALF, photo, "-o", "locked/", code=1)
    assert "locked" in result.stderr
    assert result.stderr.count("\n") == 1
