"""What holds for every command: laziness, errors, exit codes, silence of tracebacks."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from automask import __version__
from automask.cli import talk
from automask.cli.app import COMMANDS, app

HEAVY = ("cv2", "numpy", "PIL", "rich", "requests", "lark")


def commands():
    context = app.make_context("automask", [], resilient_parsing=True)
    return {name: app.get_command(context, name) for name in COMMANDS}


# --- laziness -----------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--help", "-h", "--version", "nonsense"])
def test_help_and_version_import_nothing_heavy(option):
    script = (
        "import sys\n"
        f"sys.argv = ['automask', {option!r}]\n"
        "from automask.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        f"print('loaded:', [m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert "loaded: []" in done.stdout


def test_a_ctrl_c_while_the_process_leaves_changes_nothing():
    script = (
        "import atexit, os, signal, sys\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGINT)\n"
        "sys.argv = ['automask', '--version']\n"
        "from automask.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("automask ")
    assert done.stderr == ""


def test_the_table_of_commands_agrees_with_their_own_help():
    for name, command in commands().items():
        first = " ".join(command.help.split("\n\n")[0].split())
        assert COMMANDS[name][1] == first
        assert command.name == name


def test_help_lists_every_command_and_the_exit_codes(cli):
    shown = cli("--help").stdout
    for name in COMMANDS:
        assert f"\n  {name} " in shown
    for code in (0, 1, 2, 3, 4, 130):
        assert f"\n    {code} " in shown


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_command_has_help_that_fits_80_columns(cli, name):
    shown = cli(*filter(None, [name]), "--help").stdout
    assert shown.startswith(f"Usage: automask {name}")
    assert max(map(len, shown.splitlines())) <= 80


def test_every_option_has_help():
    for command in commands().values():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (command.name, parameter.name)


def test_version(cli):
    assert cli("--version").stdout == f"automask {__version__}\n"


def test_the_module_is_the_program(shell):
    assert shell("--version").stdout.decode().strip() == f"automask {__version__}"


# --- wrong arguments ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["msk", "all", "x.png"], "did you mean 'mask'"),
        (["all", "x.png"], "automask mask RULE IMAGE"),
        (["mask"], "Missing argument 'RULE'"),
        (["mask", "all"], "Missing argument 'IMAGE...'"),
        (["mask", "all", "x.png", "--fether", "4px"], "--feather"),
        (["mask", "all", "x.png", "--format", "jpg"], "'png'"),
        (["mask", "all", "x.png", "--on-empty", "explode"], "'fail'"),
        (["mask", "", "x.png"], "The rule is empty"),
        (["regions", "all", "x.png", "y.png"], "y.png"),
        (["check"], "Missing argument 'RULE'"),
        (["check", "all", "none"], "none"),
        (["explain", "all"], "Missing argument 'IMAGE'"),
        (["run", "all", "x.png"], "--output"),
    ],
)
def test_wrong_arguments_get_one_clear_sentence(cli, arguments, words):
    result = cli(*arguments, code=2)
    assert result.stdout == ""
    assert words in result.stderr
    first, *more = result.stderr.splitlines()
    assert first.startswith("automask: ")
    assert len(more) <= 1


def test_no_arguments_shows_the_help(cli):
    assert "Commands:" in cli(code=2).stderr


# --- no tracebacks, ever ------------------------------------------------------------------------

SILLY = [
    ["mask", "all", "."],
    ["mask", "all", ".."],
    ["mask", "all", "/"],
    ["mask", "all", ""],
    ["mask", "all", "no such file.png"],
    ["mask", "all", "junk.png", "junk.png"],
    ["mask", "all", "zero.png", "--json"],
    ["mask", "all", "photo.png", "-o", ""],
    ["mask", "all", "photo.png", "-o", "."],
    ["mask", "all", "photo.png", "-o", "photo.png/"],
    ["mask", "all", "photo.png", "-o", "nowhere/deep/m.png"],
    ["mask", "all", "photo.png", "-o", "/proc/m.png"],
    ["mask", "all", "photo.png", "-o", "x" * 300 + ".png"],
    ["mask", "all", "x" * 5000],
    ["mask", "all", "http://"],
    ["mask", "all", "http://127.0.0.1:9/x.png"],
    ["mask", "all", "ftp://127.0.0.1/x.png"],
    ["mask", "all", "photo.png", "--feather", "1e9px"],
    ["mask", "all", "photo.png", "--feather", "999999%"],
    ["mask", "all", "photo.png", "--format", "webp", "--feather", "4px"],
    ["mask", "rect(0,0,999999999999,1)", "photo.png", "-o", "m.png"],
    ["mask", "(" * 500 + "all" + ")" * 500, "photo.png"],
    ["mask", "!" * 500 + "all", "photo.png"],
    ["mask", "all" + ":largest" * 500, "photo.png"],
    ["mask", "\x00", "photo.png"],
    ["mask", "\udcff", "photo.png"],
    ["mask", "😀", "photo.png"],
    ["mask", "face", "photo.png"],
    ["mask", '"red car"', "photo.png"],
    ["mask", "@nothing", "photo.png"],
    ["mask", "-", "photo.png"],
    ["mask", "all", "-"],
    ["regions", "all", "junk.png"],
    ["regions", "all[999999999999999999999]", "photo.png"],
    ["explain", "all", "junk.png", "-o", "sheet.png"],
    ["explain", "all", "photo.png", "-o", "sheet"],
    ["explain", "all", "photo.png", "-o", "nowhere/sheet.png"],
    ["run", "all", "photo.png", "-o", "nowhere/new.png"],
    ["run", "all", "junk.png", "-o", "new.png"],
    ["run", "all", "photo.png", "-o", "new"],
    ["check", "\udcff\n\t"],
    ["check", "a" * 100_000],
    ["strategies", "show", ""],
    ["plugins", "show", "\udcff"],
    ["--nonsense"],
    ["mask", "--", "--", "--"],
    [""],
]


@pytest.mark.parametrize("arguments", SILLY, ids=lambda a: ascii(" ".join(a))[:40])
def test_silly_questions_get_plain_answers(photo, arguments):
    from click.testing import CliRunner

    Path("junk.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    Path("zero.png").touch()
    before = photo.read_bytes()
    result = CliRunner().invoke(app, arguments, input=b"")
    assert "Traceback" not in result.stderr
    assert "unexpected" not in result.stderr
    assert result.exit_code in (0, 1, 2, 3)
    if result.exit_code:
        assert result.stderr.startswith("automask: ")
    assert photo.read_bytes() == before
    left = {p.name for p in Path().rglob("*") if p.is_file()} - {
        "photo.png",
        "junk.png",
        "zero.png",
    }
    assert result.exit_code == 0 or not left


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_results_and_what_is_said_of_them_keep_their_order_in_one_file(unbuffered):
    done = subprocess.run(
        [sys.executable, "-m", "automask", "check", "all"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=True,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    assert done.stdout == "all\nbatch --scale: 1/2 or 1/4\n"


def test_a_bug_is_one_line_and_the_traceback_is_for_those_who_ask(cli, photo, monkeypatch):
    from click.testing import CliRunner

    from automask.selector.evaluate import Evaluation

    def broken(*_, **__):
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(Evaluation, "pixels", broken)
    monkeypatch.setattr(Evaluation, "regions", broken)
    for command in ("mask", "regions"):
        said = cli(command, "all", photo, code=1).stderr
        assert said.startswith("automask: photo.png: unexpected ZeroDivisionError: by zero")
        assert "AUTOMASK_DEBUG=1" in said
        assert said.count("\n") == 1
        loud = CliRunner().invoke(app, [command, "all", str(photo)], env={"AUTOMASK_DEBUG": "1"})
        assert "Traceback" in loud.stderr
        assert loud.exit_code == 1


def test_a_needed_review_exits_4(cli, photo, monkeypatch):
    from automask import pipeline, selection
    from automask.errors import NeedsReview

    def doubtful(*_, **__):
        raise NeedsReview("2 regions where 1 was expected")

    monkeypatch.setattr(selection, "mask", doubtful)
    monkeypatch.setattr(pipeline, "run", doubtful)
    result = cli("mask", "all", photo, "--json", code=4)
    assert "photo.png: 2 regions" in result.stderr
    assert json.loads(result.stdout)["results"][0]["status"] == "review"
    assert "photo.png: 2 regions" in cli("run", "all", photo, "-o", "n.png", code=4).stderr


# --- signals, colours, completion ---------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_exits_130_and_leaves_only_what_is_done(photo):
    command = [sys.executable, "-m", "automask", "mask", "all", str(photo), "-", "-o", "out/"]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([*command, "--nl"], **pipes) as process:
        process.stdout.readline()  # the first picture is done; the second never comes
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read().decode()
        assert process.wait(60) == 130
    assert said.splitlines()[-1] == "automask: interrupted"
    assert "Traceback" not in said
    assert [p.name for p in Path("out").iterdir()] == ["photo.mask.png"]


def test_colours_only_where_a_terminal_wants_them(cli, monkeypatch):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert "\033[" not in cli("check", "", code=2).stderr
    monkeypatch.setattr(talk, "is_terminal", lambda _stream: True)
    assert cli("check", "", code=2).stderr.startswith("\033[31mautomask:\033[0m ")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in cli("check", "", code=2).stderr
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\033[" not in cli("check", "", code=2).stderr


def test_progress_stays_off_stdout(cli, photo, paint, monkeypatch):
    monkeypatch.setattr(talk, "is_terminal", lambda stream: stream is sys.stderr)
    paint("other.png")
    result = cli("mask", "all", photo, "other.png", "-o", "out/", "--nl")
    assert len([json.loads(line) for line in result.stdout.splitlines()]) == 2


def test_library_warnings_are_said_plainly(cli, monkeypatch):
    import logging

    monkeypatch.setattr(
        "automask.cli.talk.put", lambda _text: logging.getLogger("automask").warning("left out")
    )
    assert "automask: left out\n" in cli("check", "all").stderr


@pytest.mark.parametrize(
    ("words", "wanted"),
    [("automask ma", "mask"), ("automask mask --fe", "--feather"), ("automask mask gri", "grid")],
)
def test_completion(shell, words, wanted):
    done = shell(
        _AUTOMASK_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" "))
    )
    assert f"plain,{wanted}" in done.stdout.decode()
