"""What strangers do: closed streams, full disks, odd names, contradictions, files in the way."""

import json
import os
import shlex
import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from automask.cli import boundary, outputs, talk
from automask.cli.app import app
from automask.errors import OutputError
from automask.providers.base import PROVIDERS

SQUARE = "rect(18px, 8px, 24px, 24px)"
needs_files_in_memory = pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="the system has no files in memory"
)


def warned_about():
    """A whole picture whose last checksum is wrong, of which libpng complains."""
    path = Path("odd.png")
    Picture.new("RGB", (6, 4), "red").save(path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    return path


# --- streams ------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
def test_closed_streams(photo):
    command = f"{shlex.quote(sys.executable)} -m automask"
    script = (
        f"{command} mask all {photo} -o mask.png <&- >&- 2>&- || exit 9\n"
        f"{command} regions all {photo} >&-\n"
    )
    done = subprocess.run(["sh", "-c", script], capture_output=True, timeout=120, check=False)
    assert done.returncode == 1
    said = done.stderr.decode().splitlines()
    assert len(said) == 1
    assert said[0].startswith("automask: The standard output cannot be written: ")
    with Picture.open("mask.png") as written:
        assert written.size == (60, 40)


def test_a_full_disk_behind_stdout_is_said_with_its_name(monkeypatch):
    class Full(StringIO):
        def write(self, _text):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(OutputError, match=r"standard output .* No space left"):
        talk.put("a line")


LIMITED = """
import resource, signal, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
sys.argv = ["automask", "mask", 'color("red")', "photo.png", "-o", "-", "--format", "cutout"]
from automask.cli import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="no such limit there")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_result_that_fits_in_part_only_is_no_result(paint, unbuffered):
    """Without a buffer a write ends in the middle, and says no more than how far it came."""
    noise = np.random.default_rng(3).integers(0, 256, (40, 60, 3), np.uint8)
    Picture.fromarray(noise).save(paint("photo.png"))
    with Path("part.png").open("wb") as part:
        done = subprocess.run(
            [sys.executable, "-c", LIMITED],
            stdout=part, stderr=subprocess.PIPE, timeout=60, check=False,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    said = done.stderr.decode().splitlines()
    assert done.returncode == 1, said
    assert said[-1].endswith("cannot be written: File too large; give -o FILE or make room.")
    assert len(said) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", ["mask all photo.png -o -", "check all", "--help"])
def test_a_full_disk_behind_stdout_is_said_once_and_is_exit_1(photo, words, unbuffered):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "automask", *words.split()],
            stdout=full, stderr=subprocess.PIPE, timeout=60, check=False,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    said = done.stderr.decode()
    assert done.returncode == 1, said
    assert said.count("No space left on device") == 1
    assert "Exception" not in said


def test_work_goes_on_where_nobody_can_read_what_is_said(photo, monkeypatch):
    class Full(StringIO):
        def write(self, _text):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    with pytest.raises(SystemExit) as ended:
        app(["mask", "all", str(photo), "-o", "mask.png"])
    assert ended.value.code == 0
    assert Path("mask.png").exists()


@needs_files_in_memory
def test_what_decoders_print_is_said_with_the_name_of_the_picture(cli, capfd):
    path = warned_about()
    said = cli("mask", "all", path, "-o", "mask.png").stderr.splitlines()
    assert said[0].startswith("automask: odd.png may be damaged: libpng warning")
    assert capfd.readouterr().err == ""
    # Where the picture cannot be read at all, our own sentence is enough.
    whole = path.read_bytes()
    path.write_bytes(whole[:45] + bytes(4) + whole[49:])
    assert len(cli("mask", "all", path, "-o", "new.png", code=1).stderr.splitlines()) == 1
    assert capfd.readouterr().err == ""


@needs_files_in_memory
def test_only_the_main_thread_is_overheard(capfd):
    def other():
        with talk.overheard() as lines:
            os.write(2, b"from a thread\n")
        heard.append(lines)

    heard = []
    with talk.overheard() as lines:
        os.write(2, b"one\ntwo\none\n")
    assert lines == ["one", "two"]
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert heard == [[]]
    assert capfd.readouterr().err == "from a thread\n"


# --- names --------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_a_name_with_a_new_line_or_an_escape_stays_on_its_line(cli, paint):
    paint("two\nlines\033[31m.png")
    said = cli("mask", "all", "two\nlines\033[31m.png", "-o", "masks/").stderr
    assert said.count("\n") == 1
    assert "\033" not in said
    assert (Path("masks") / "two\nlines\033[31m.mask.png").exists()


def test_a_password_is_not_repeated(cli):
    address = "http://me:secret@127.0.0.1:9/a.png"
    result = cli("mask", "all", address, "--json", code=1)
    assert "secret" not in result.output
    assert json.loads(result.stdout)["results"][0]["image"] == "http://127.0.0.1:9/a.png"
    assert result.stderr.count("127.0.0.1") == 1


def test_an_address_that_is_none(cli):
    said = cli("mask", "all", "http://[::1/x", code=1).stderr
    assert "http://[::1/x is not an address" in said
    assert "no kind of address" in cli("mask", "all", "nosuch://a/b.png", code=1).stderr


def test_a_file_that_looks_like_an_option(cli, paint):
    paint("-photo.png")
    said = cli("mask", "all", "-photo.png", code=2).stderr
    assert said.splitlines()[1] == "If the file -photo.png is meant, write ./-photo.png"
    cli("mask", "all", "./-photo.png")
    cli("mask", "all", "--", "-photo.png")


def test_stdin_is_named_once(cli):
    assert cli("mask", "all", "-", stdin=b"", code=1).stderr.lower().count("standard input") == 1
    assert "stdin:" not in cli("regions", "all", "-", stdin=b"", code=1).stderr


def test_the_same_image_keeps_its_first_place():
    assert outputs.once_each(["a.png", "b.png", "./a.png", "b.png"]) == ["a.png", "b.png"]


def test_rights_are_looked_at_one_image_at_a_time(cli, photo, monkeypatch):
    # click would refuse the whole command on the word of os.access.
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    cli("mask", "all", photo, "-o", "mask.png")


def test_a_working_folder_that_is_gone(cli, photo, monkeypatch):
    def gone():
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "getcwd", gone)
    said = cli("mask", "all", photo, code=1).stderr
    assert said == "automask: the working folder does not exist any more; change to another one\n"


def test_too_little_memory_is_no_bug():
    text = "OpenCV(5.0.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate"
    assert boundary.message(Exception(text), "a.png").startswith("a.png: not enough memory")


# --- contradictions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mask", "--json", "--nl"], "give one of them"),
        (["regions", "--json", "--nl"], "give one of them"),
        (["mask", "--format", "rle", "-o", "m.png"], "files that end in .json"),
        (["mask", "--format", "png", "-o", "m.jpg"], "files that end in .png"),
        (["mask", "--format", "webp", "-o", "m.PNG"], "files that end in .webp"),
        (["explain", "-o", ""], "-o is empty"),
        (["explain", "-o", "."], "is a folder"),
        (["run", "-o", "new"], "without an ending"),
        (["run", "-o", "new.gif"], "ends in .gif"),
        (["run", "-o", "photo.png/new.png"], "is a file"),
    ],
)
def test_contradictions_are_told_before_anything_is_done(cli, photo, arguments, words, monkeypatch):
    from automask import pipeline

    monkeypatch.setattr(pipeline, "run", lambda *_, **__: pytest.fail("it was submitted"))
    command, *options = arguments
    code = 1 if "photo.png/new.png" in options else 2
    assert words in cli(command, SQUARE, photo, *options, code=code).stderr
    assert [p.name for p in Path().iterdir()] == ["photo.png"]


@pytest.mark.parametrize(
    ("format_", "name"),
    [("png", "m"), ("base64", "m.data"), ("dataurl", "m.txt"), ("polygons", "m.json")],
)
def test_endings_that_say_nothing_else_are_taken(cli, photo, format_, name):
    cli("mask", "all", photo, "--format", format_, "-o", name)
    assert Path(name).stat().st_size


def test_the_name_of_one_thing_alone(cli):
    assert "`automask strategies show color`" in cli("strategies", "color", code=2).stderr
    assert "`automask plugins show mine`" in cli("plugins", "mine", code=2).stderr


def test_json_may_stand_before_the_word(cli):
    assert cli("filters", "--json", "list").stdout == cli("filters", "list", "--json").stdout
    assert json.loads(cli("filters", "--json", "show", "grow").stdout)["name"] == "grow"


def test_a_mask_of_all_where_nothing_was_selected_says_so(cli, photo):
    said = cli("mask", "none", photo, "-o", "m.png", "--on-empty", "full").stderr
    assert "photo.png: the rule selects nothing, so all of it was selected" in said
    with Picture.open("m.png") as mask:
        assert mask.text["automask:rule"] == "none ?? all"


# --- pictures in harm's way ---------------------------------------------------------------------


@pytest.mark.parametrize("command", ["mask", "explain", "run"])
def test_a_file_that_the_rule_reads_is_not_written_over(cli, photo, command):
    cli("mask", SQUARE, photo, "-o", "drawn.png")
    before = Path("drawn.png").read_bytes()
    rule = 'all - mask("./drawn.png")'
    assert "would be overwritten" in cli(command, rule, photo, "-o", "drawn.png", code=2).stderr
    assert Path("drawn.png").read_bytes() == before


def test_a_result_that_cannot_be_written_is_kept_elsewhere(cli, photo, monkeypatch, tmp_path):
    import tempfile

    from automask.images import files

    write = files.write
    elsewhere = tmp_path / "elsewhere"

    def full(path, data):
        if Path(path).parent != elsewhere:
            raise OutputError("new.png was not written: the disk is full.")
        write(path, data)

    monkeypatch.setattr(files, "write", full)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(elsewhere))
    said = cli("run", SQUARE, photo, "-o", "new.png", code=1).stderr
    (kept,) = elsewhere.iterdir()
    assert f"the disk is full. The picture is kept as {kept}." in said
    with Picture.open(kept) as picture:
        assert picture.size == (60, 40)


def test_a_terminal_is_no_place_for_a_picture_that_is_yet_to_be_made(cli, photo, monkeypatch):
    from automask import pipeline

    monkeypatch.setattr(pipeline, "run", lambda *_, **__: pytest.fail("it was submitted"))
    monkeypatch.setattr(talk, "is_terminal", lambda _stream: True)
    assert "noise" in cli("run", SQUARE, photo, "-o", "-", code=2).stderr


def test_an_unknown_provider_is_said_before_the_picture_is_read(cli):
    said = cli("run", "all", "none.png", "-o", "new.png", "--provider", "x", code=2).stderr
    every = ", ".join(PROVIDERS)
    assert said == f"automask: There is no provider 'x'; choose from: {every}.\n"


def test_the_whole_picture_is_not_repainted_from_nothing(cli, photo):
    said = cli("run", "all", photo, "-o", "new.png", code=1).stderr
    assert said.startswith("automask: photo.png: opencv continues what is around")
    assert not Path("new.png").exists()
