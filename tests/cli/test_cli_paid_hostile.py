"""What strangers do to the commands of paid jobs: odd masks, texts, streams and files.

Nothing of it may cost anything, leave a file, or show a traceback.
"""

import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

WHITE = np.zeros((40, 60), np.uint8)
WHITE[10:25, 20:40] = 255
LEFT = {"parent.png", "record"}  # what the fixtures have made
NO_TEXT = os.fsdecode(b"\xff\xfe")


def encoded(array, suffix="png", **how):
    out = io.BytesIO()
    Picture.fromarray(array).save(out, suffix, **how)
    return out.getvalue()


def stacked(*channels):
    return encoded(np.dstack(channels))


@pytest.fixture(autouse=True)
def _free(sandbox, parent):
    """Whatever a test here does costs nothing and leaves no file, but where it says so."""
    yield
    assert not sandbox.billed
    assert {path.name for path in Path().iterdir()} <= LEFT


def submit(cli, parent, *more, data=None, **how):
    mask = encoded(WHITE) if data is None else data
    return cli("submit", "--message-id", parent, "--mask", "-", *more, stdin=mask, **how)


def one_sentence(text):
    lines = text.splitlines()
    assert len([line for line in lines if not line.startswith("Try ")]) == 1, text
    assert lines[0].startswith("automask: ")
    assert "unexpected" not in text
    return lines[0]


BAD_MASKS = {
    "half as high": (encoded(WHITE[:20]), 1, "another shape"),
    "on its side": (encoded(WHITE.T.copy()), 1, "make the mask from the parent's picture"),
    "gray": (encoded(WHITE // 2), 1, "other values than 0 and 255"),
    "of 0 and 1": (encoded(WHITE // 255), 1, "other values than 0 and 255"),
    "red": (stacked(WHITE, WHITE * 0, WHITE * 0), 1, "other values than 0 and 255"),
    "JPEG": (encoded(WHITE, "jpeg", quality=40), 1, "other values than 0 and 255"),
    "a hole": (stacked(*[WHITE * 0] * 3, 255 - WHITE), 1, "is transparent in places"),
    "alpha alone": (stacked(*[WHITE * 0] * 3, WHITE), 1, "is transparent in places"),
    "black": (encoded(WHITE * 0), 3, "black all over"),
    "1 x 1": (encoded(WHITE[10:11, 20:21]), 1, "1 x 1"),
    "empty": (b"", 1, "is empty"),
    "text": (b"hello", 1, "is not an image"),
    "cut off": (encoded(WHITE)[:60], 1, "The standard input"),
}


@pytest.mark.parametrize(("data", "code", "words"), BAD_MASKS.values(), ids=BAD_MASKS)
def test_masks_that_are_none(cli, parent, record, data, code, words):
    told = submit(cli, parent, data=data, code=code).stderr
    assert words in one_sentence(told)
    assert record() == []


@pytest.mark.parametrize(
    "data",
    [
        encoded(WHITE),
        stacked(WHITE, WHITE, WHITE),
        stacked(WHITE, WHITE, WHITE, WHITE * 0 + 255),
        encoded(WHITE > 0),
        encoded(WHITE, "webp", lossless=True),
        encoded(WHITE, "bmp"),
        encoded(WHITE, "tiff"),
    ],
)
def test_the_same_mask_in_any_file_is_the_same_job(cli, parent, data):
    told = json.loads(submit(cli, parent, "--dry-run", data=data).stdout)
    usual = json.loads(submit(cli, parent, "--dry-run").stdout)
    assert told == usual


def test_a_mask_the_wrong_way_round_is_noticed(cli, sandbox, parent, caplog):
    submit(cli, parent, "--budget", "0", data=encoded(255 - WHITE), code=1)
    from automask import preflight

    notes = preflight.check(WHITE == 0, encoded(255 - WHITE), WHITE.shape)
    assert "wrong way round" in str(notes)


@pytest.mark.parametrize("source", ["missing.png", ".", "", NO_TEXT])
def test_files_of_masks_that_are_not_there(cli, parent, source):
    one_sentence(cli("submit", "--message-id", parent, "--mask", source, code=1).stderr)


@pytest.mark.parametrize(
    "name", ["nope", "../../etc/passwd", "a b?c=d&e#f", "é😀", "-1", "x" * 5000, "%2e%2e"]
)
def test_ids_that_the_service_does_not_know(cli, sandbox, parent, name, record):
    for command in (["submit", "--mask", "-"], ["run", "all"]):
        asked = [*command, f"--message-id={name}"]
        told = one_sentence(cli(*asked, stdin=encoded(WHITE), code=1).stderr)
        assert "knows no message" in told or "ImaginePro" in told
    assert {request.call for request in sandbox.requests} <= {"fetch", "", "any", None}
    assert record() == []


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_empty_ids(cli, sandbox, parent, name):
    for command in (["submit", "--mask", "-"], ["run", "all"]):
        told = cli(*command, "--message-id", name, stdin=encoded(WHITE), code=2).stderr
        assert "it is empty" in one_sentence(told)
    assert sandbox.requests == []


def test_a_picture_and_an_id_contradict_each_other(cli, sandbox, parent):
    for asked in (["parent.png", "--message-id", parent], []):
        told = cli("run", "all", *asked, code=2).stderr
        assert "Give IMAGE, or --message-id ID" in one_sentence(told)


def test_bytes_that_are_no_text_are_refused_before_anything_is_sent(cli, sandbox, parent):
    name = ("--message-id", parent)
    for asked in (
        ["submit", "--message-id", NO_TEXT, "--mask", "-"],
        ["submit", *name, "--mask", "-", "--prompt", NO_TEXT],
        ["submit", *name, "--mask", "-", "--webhook", NO_TEXT],
        ["run", "all", *name, "--prompt", NO_TEXT],
        ["jobs", "show", NO_TEXT],
        ["jobs", "wait", NO_TEXT],
        ["jobs", "reconcile", "x", "--handle", NO_TEXT],
    ):
        told = cli(*asked, stdin=encoded(WHITE), code=2).stderr
        assert "no UTF-8 text" in one_sentence(told)
    assert sandbox.requests == []


def test_a_provider_that_keeps_no_pictures(cli, parent):
    for command in (["submit", "--mask", "-"], ["run", "all"]):
        asked = (*command, "--message-id", parent, "--provider")
        told = cli(*asked, "opencv", stdin=encoded(WHITE), code=1).stderr
        assert "opencv keeps no pictures" in one_sentence(told)
        told = cli(*asked, "opencv", "--dry-run", stdin=encoded(WHITE), code=1).stderr
        assert "opencv keeps no pictures" in one_sentence(told)
        assert "did you mean" in cli(*asked, "imagine", stdin=encoded(WHITE), code=2).stderr


@pytest.mark.parametrize("place", ["parent.png", ".", "parent.png/x.sqlite3", os.devnull])
def test_a_record_that_cannot_be_used(cli, sandbox, parent, monkeypatch, place):
    before = Path("parent.png").read_bytes()
    monkeypatch.setenv("AUTOMASK_LEDGER", place)
    one_sentence(submit(cli, parent, code=1).stderr)
    for command in ("list", "wait", "resume", "reconcile"):
        one_sentence(cli("jobs", command, code=1).stderr)
    assert Path("parent.png").read_bytes() == before


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="Linux's own places")
@pytest.mark.parametrize("place", ["/proc/x/l", "/proc/self/mem", "/dev/null", "record"])
def test_a_record_at_a_place_that_can_hold_none_says_what_to_do(cli, sandbox, monkeypatch, place):
    os.mkfifo("record")
    monkeypatch.setenv("AUTOMASK_LEDGER", place)
    assert "in AUTOMASK_LEDGER." in one_sentence(cli("jobs", code=1).stderr)


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
def test_closed_and_full_streams(parent, record):
    program = f"{shlex.quote(sys.executable)} -m automask"

    def bash(script):
        return subprocess.run(
            ["sh", "-c", script], capture_output=True, encoding="utf-8", timeout=60, check=False
        )

    for command, stream in (
        ("account", ">&-"), ("jobs", ">/dev/full"), ("jobs --json", "<&- >&-"), ("jobs path", ">&-")
    ):  # fmt: skip
        done = bash(f"{program} {command} {stream}")
        assert done.returncode == 1, done
        assert "The standard output cannot be written" in one_sentence(done.stderr)
    done = bash(f"{program} jobs --json | head -c 1; {program} account 2>&- | head -c 1")
    assert "Traceback" not in done.stderr
