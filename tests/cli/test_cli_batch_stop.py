"""A batch that is stopped by Ctrl-C, or watches until then: in processes of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from automask.testing import Sandbox

RULE = 'color("red")'
PAID = ("--provider", "imaginepro", "--prompt", "a pond")
WAIT_S = 30.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")


@pytest.fixture
def start():
    """``start("batch", ...)``: the process; it is killed at the end of the test."""
    begun = []

    def run(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "automask", *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | environment, start_new_session=True,
        )  # fmt: skip
        begun.append(process)
        return process

    yield run
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(condition, what=""):
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"it took too long: {what}")


def masks(out="out"):
    return sorted(p.name for p in Path(out).rglob("masks/**/*.png"))


def end(process, code=130):
    """Ctrl-C, and the two streams when the process has ended by it."""
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=WAIT_S)
    assert process.returncode == code, told[1]
    assert "Traceback" not in told[1]
    return told


def states(cli, out="out"):
    result = cli("status", out, "--json", code=None)
    assert (
        result.exit_code != 1 or "give the folder" in result.stderr or "no run yet" in result.stderr
    )
    return json.loads(result.stdout or "{}").get("states", {})


@pytest.fixture
def many(paint):
    """Pictures enough for a run that takes a while by a rule that does."""
    first = paint("in/000.png", size=(700, 500), square=(100, 100, 300, 300)).read_bytes()
    for number in range(1, 120):
        Path(f"in/{number:03}.png").write_bytes(first)
    return Path("in")


def test_ctrl_c_finishes_what_was_begun_and_the_run_goes_on(start, cli, many):
    process = start("batch", f"{RULE}:grow(9px):hull | sharp", many, "-o", "out", "--jobs", "1")
    until(masks, "the first mask")
    told = end(process)
    assert "Stopping when what was begun is done" in told[1]
    assert "stopped, interrupted; go on with: automask resume out" in told[1]
    found = states(cli)
    assert found["planned"]
    assert found["done"] == len(masks())
    assert not list(Path("out").rglob("*.tmp"))
    assert len(Path("out/report.jsonl").read_text().splitlines()) == 120
    told = json.loads(cli("resume", "out", "--json").stdout)
    assert (told["states"], told["unchanged"]) == ({"done": 120}, found["done"])


@pytest.fixture
def begun(start, paint):
    """A batch that has begun with a picture which comes out of a pipe, and the pipe's other end."""
    paint("in/photo.png")
    paint("in/z.png")
    os.mkfifo("in/pipe.png")
    words = ("in/pipe.png", "in/z.png", "-o", "out", "--jobs", "1")
    process = start("batch", RULE, *words)
    pipe = os.open("in/pipe.png", os.O_WRONLY)  # waits until it is read
    process.send_signal(signal.SIGINT)
    until(lambda: "Stopping when what was begun is done" in process.stderr.readline())
    yield process, pipe
    with suppress(OSError):
        os.close(pipe)


def test_the_first_ctrl_c_waits_for_the_picture_at_hand(begun, cli):
    process, pipe = begun
    time.sleep(0.3)
    assert process.poll() is None
    os.write(pipe, Path("in/photo.png").read_bytes())
    os.close(pipe)
    process.communicate(timeout=WAIT_S)
    assert process.returncode == 130
    assert masks()[0] == "pipe.png.png"


def test_the_second_ctrl_c_stops_at_once(begun, cli):
    process, pipe = begun
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=WAIT_S)  # by itself it would wait for the pipe for ever
    assert process.returncode == 130
    assert states(cli) == {"planned": 2}
    os.close(pipe)
    Path("in/pipe.png").unlink()
    Path("in/photo.png").rename("in/pipe.png")
    cli("resume", "out")
    assert masks() == ["pipe.png.png", "z.png.png"]


def test_a_run_that_was_told_to_ignore_ctrl_c_ignores_it(cli, many):
    script = 'trap "" INT; exec "$@"'
    words = [sys.executable, "-m", "automask", "batch", RULE, "in", "-o", "out"]
    process = subprocess.Popen(["sh", "-c", script, "sh", *words], stderr=subprocess.PIPE)
    until(masks, "the first mask")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=WAIT_S)
    assert process.returncode == 0
    assert states(cli) == {"done": 120}


# --- paid ---------------------------------------------------------------------------------------


@pytest.fixture
def slow(tmp_path, monkeypatch, paint):
    """A stand-in whose jobs take a while, and a table of four of its pictures."""
    with Sandbox(seed=7, time_scale=0.05) as served:
        for name, value in served.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("IMAGINEPRO_LIMITS", "off")
        monkeypatch.setenv("AUTOMASK_LEDGER", str(tmp_path / "record" / "ledger.sqlite3"))
        ids = [served.add_parent(paint("parent.png")) for _ in range(4)]
        Path("jobs.csv").write_text("\n".join(["message_id", *ids]))
        yield served


def test_ctrl_c_while_paid_jobs_are_waited_for(start, cli, slow):
    process = start("batch", RULE, "--jobs-file", "jobs.csv", "-o", "out", *PAID)
    until(lambda: slow.billed.total() == 4, "the submits")
    told = end(process)
    assert "20 credits" in told[1]
    assert "resume out" in told[1]
    found = states(cli)
    assert set(found) <= {"submitted", "running", "done"}
    assert sum(found.values()) == 4
    told = json.loads(cli("resume", "out", "--json").stdout)
    assert told["states"] == {"done": 4}
    assert told["credits"] == 0
    assert set(slow.billed.values()) == {1}
    assert len(list(Path("out/results").rglob("*.png"))) == 16


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.3])
def test_two_ctrl_cs_while_jobs_are_being_sent_bill_nothing_twice(start, cli, slow, after_s):
    process = start("batch", RULE, "--jobs-file", "jobs.csv", "-o", "out", *PAID)
    until(lambda: slow.billed.total(), "the first submit")  # noqa: PLW0108  (new each time)
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=WAIT_S)
    assert process.returncode == 130
    for _ in range(3):  # jobs in doubt are looked for
        if states(cli) != {"done": 4}:
            cli("resume", "out", code=None)
    found = states(cli)
    assert found.keys() <= {"done", "in_doubt"}
    assert sum(found.values()) == 4
    # One that was stopped on its way, and that the service has never seen, stays in doubt.
    assert list(slow.billed.values()) == [1] * found.get("done", 0), found


def test_ctrl_c_while_an_upscale_is_waited_for_fails_nothing(start, cli, slow, paint):
    grid = slow.add_parent(paint("parent.png"), upscaled=False)
    Path("grid.csv").write_text(f"message_id,upscale\n{grid},2\n")
    process = start("batch", RULE, "--jobs-file", "grid.csv", "-o", "out", *PAID)
    until(lambda: slow.billed.total() == 1, "the upscale")
    end(process)
    assert states(cli) == {"planned": 1}
    cli("resume", "out")
    assert states(cli) == {"done": 1}
    assert sorted(slow.billed.values()) == [1, 1]


# --- watching -----------------------------------------------------------------------------------


def test_what_comes_is_done_until_ctrl_c(start, cli, paint):
    paint("in/x.png")
    watch = ("batch", RULE, "in", "-o", "out", "--watch", "--settle", "0.2", "--json")
    process = start(*watch)
    until(lambda: len(masks()) == 1, "what was there")
    paint("elsewhere/y.png")
    Path("elsewhere/y.png").rename("in/y.png")
    paint("in/deep/er/z.png")
    Path("in/bad.png").write_text("no picture")
    os.utime("in/bad.png", (1, 1))
    until(lambda: len(masks()) == 3, "what came")
    before = Path("out/masks/x.png.png").read_bytes()
    paint("in/x.png", square=(0, 0, 60, 30))
    until(lambda: Path("out/masks/x.png.png").read_bytes() != before, "what changed")
    until(lambda: states(cli).get("failed") == 1, "what is no picture")
    told = json.loads(end(process)[0])
    assert told["states"] == {"done": 3, "failed": 1}
    assert told["stopped"] == "interrupted"
    assert len(Path("out/report.jsonl").read_text().splitlines()) == 4
    times = {path: path.stat().st_mtime_ns for path in Path("out").rglob("masks/**/*.png")}
    process = start(*watch)
    until(lambda: "Watching" in process.stderr.readline(), "the start")
    paint("in/later.png")
    until(lambda: len(masks()) == 4, "what came later")
    assert json.loads(end(process)[0])["unchanged"] == 3
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in times.items())


def test_a_watch_repaints_for_free_and_pays_nothing(start, cli, sandbox, paint):
    paint("in/x.png")
    process = start(
        "batch", RULE, "in", "-o", "out", "--watch", "--settle", "0.1", "--provider", "opencv"
    )
    until(lambda: Path("out/results/x.png.png").exists(), "the result")
    end(process)
    assert not sandbox.requests


def test_a_watch_that_was_killed_does_nothing_twice(start, cli, paint):
    paint("in/x.png")
    watch = ("batch", RULE, "in", "-o", "out", "--watch", "--settle", "0.1", "--json")
    process = start(*watch)
    until(lambda: states(cli) == {"done": 1}, "what was there")
    process.kill()
    process.wait()
    written = Path("out/masks/x.png.png").stat().st_mtime_ns
    paint("in/while it was away é.png")
    process = start(*watch)
    until(lambda: len(masks()) == 2, "what came meanwhile")
    assert json.loads(end(process)[0])["unchanged"] == 1
    assert Path("out/masks/x.png.png").stat().st_mtime_ns == written


def test_too_many_failures_end_a_watch(start, paint):
    Path("in").mkdir()
    process = start(
        "batch", RULE, "in", "-o", "out", "--watch", "--settle", "0.05", "--max-failures", "1"
    )
    until(lambda: Path("out/ledger.db").exists(), "the start")
    for number in range(3):
        Path(f"in/{number}.png").write_text("no picture")
        os.utime(f"in/{number}.png", (1, 1))
        time.sleep(0.3)
    _, told = process.communicate(timeout=WAIT_S)
    assert process.returncode == 4
    assert "stopped, 2 of" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([RULE, "gone"], "gone is not there to be watched"),
        ([RULE, "-"], "- cannot be watched"),
        ([RULE, "https://example.org/x.png"], "cannot be watched"),
        ([RULE, "in", "--dry-run"], "does not go with --dry-run"),
        ([RULE, "--jobs-file", "jobs.csv"], "does not go with --jobs-file"),
        ([RULE, "in", "--settle", "0"], "--settle"),
        ([RULE, "out/masks"], "is what the batch in out wrote"),
    ],
)
def test_what_cannot_be_watched(cli, paint, arguments, words):
    paint("in/x.png")
    Path("out/masks").mkdir(parents=True)
    Path("jobs.csv").write_text("image\nin/x.png\n")
    assert words in cli("batch", *arguments, "--watch", "-o", "out", code=2).stderr
    assert not Path("out/ledger.db").exists()
