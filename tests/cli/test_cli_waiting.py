"""Waiting for paid jobs: what is shown, Ctrl-C at any moment, connections that break."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from automask.cli import waiting
from automask.ledger import Entry, JobState
from automask.providers.base import Progress, State

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
ASKED = ("submit", "--mask", "mask.png", "--prompt", "a pond")


def entry(ref="a" * 64, state=JobState.RUNNING, **more):
    known = {"provider": "imaginepro", "parent_id": "p", "credits": 5.0, "again": 0, "handle": "h"}
    blank = dict.fromkeys(Entry.__dataclass_fields__)
    return Entry(**{**blank, **known, "action": "", "ref": ref, "state": state, **more})


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def started(sandbox):
    """``started(*arguments)``: a process that runs automask; ended with the test."""
    processes = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "automask", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def until(true, timeout_s=60):
    """Wait for what another process does."""
    end_s = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def calls(sandbox):
    return [request.call for request in sandbox.requests]


def interrupted(process):
    """What a process that got Ctrl-C says on stderr."""
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert out == ""
    return told


# --- Ctrl-C -------------------------------------------------------------------------------------


def test_ctrl_c_during_the_wait_leaves_a_job_that_can_be_waited_for(
    cli, sandbox, parent, mask, started, record
):
    sandbox.faults.queue("running=5")
    process = started(*ASKED, "--message-id", parent, "--wait", "-o", "out")
    until(lambda: calls(sandbox).count("fetch") >= 3)  # the parent, then the job
    told = interrupted(process)
    (job,) = record()
    assert f"The job goes on and is not lost: automask jobs wait {job.ref[:12]}" in told
    assert job.state in ("submitted", "running")
    assert not Path("out").exists()
    assert f"{job.ref[:12]}: done" in cli("jobs", "wait", job.ref[:12]).stderr
    assert len(list(Path("out").iterdir())) == 4
    assert sandbox.billed == {job.ref: 1}


@pytest.mark.parametrize("more", [[], ["--wait"]])
def test_ctrl_c_while_it_is_sent_never_loses_or_repeats_it(
    cli, sandbox, parent, mask, started, record, more
):
    sandbox.faults.queue("slow=1.5")
    process = started(*ASKED, "--message-id", parent, *more)
    until(lambda: sandbox.billed.total() == 1)  # it has arrived, and is not answered yet
    told = interrupted(process)
    (job,) = record()
    assert job.state in ("in_doubt", "submitted", "running")
    command = "reconcile" if job.state == "in_doubt" else "wait"
    assert f"automask jobs {command} {job.ref[:12]}" in told
    assert cli("jobs", "resume").exit_code == 0
    assert len(list(Path().glob("*-?.png"))) == 4
    assert sandbox.billed == {job.ref: 1}


def test_ctrl_c_of_a_wait_for_many_names_the_command_for_all(
    cli, sandbox, parent, mask, started, record
):
    sandbox.faults.queue(*["stuck"] * 5)
    for number in range(5):
        cli(*ASKED[:3], "--message-id", parent, "--prompt", number)
    process = started("jobs", "wait")
    until(lambda: all(entry.state == "running" for entry in record()))
    told = interrupted(process)
    assert "5 jobs go on and are not lost: automask jobs wait\n" in told


def test_ctrl_c_while_the_service_is_silent_says_so_and_the_second_leaves_at_once(
    cli, parent, mask, started, monkeypatch
):
    cli(*ASKED, "--message-id", parent)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("IMAGINEPRO_BASE_URL", address)
        process = started("jobs", "wait")
        with silent.accept()[0] as asking:
            asking.recv(1)
            process.send_signal(signal.SIGINT)
            assert "Ctrl-C once more leaves at once" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "automask jobs wait" in told
    assert "Traceback" not in told


# --- broken connections -------------------------------------------------------------------------


def test_connections_that_drop_during_the_wait_are_survived(cli, sandbox, parent, mask):
    sandbox.faults.queue("ok", "running=3")
    sandbox.faults.add("fetch:lost", "fetch:502", "fetch:reset", share=0.3)
    cli(*ASKED, "--message-id", parent, "--wait", "-o", "out")
    assert len(list(Path("out").iterdir())) == 4
    assert sandbox.billed.total() == 1


def test_a_job_whose_answer_is_lost_is_looked_for(cli, sandbox, parent, mask):
    sandbox.faults.queue("dropped")
    told = cli(*ASKED, "--message-id", parent, "--wait", "-o", "out").stderr
    assert "Looking for it" in told
    assert len(list(Path("out").iterdir())) == 4
    assert sandbox.billed.total() == 1


def test_a_service_that_is_gone_leaves_the_job_to_be_fetched_later(
    cli, sandbox, parent, mask, started, record
):
    sandbox.faults.queue("running=4")
    cli(*ASKED, "--message-id", parent)
    sandbox.faults.add("fetch:lost")
    process = started("jobs", "wait")
    until(lambda: calls(sandbox).count("fetch") >= 6)
    assert process.poll() is None
    sandbox.faults.clear()
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "done -> " in told
    assert sandbox.billed.total() == 1


# --- what is shown ------------------------------------------------------------------------------


def test_nothing_is_said_of_a_short_wait_where_nobody_watches(cli, sandbox, parent, mask):
    told = cli(*ASKED, "--message-id", parent, "--wait").stderr
    assert "asking" not in told
    assert "running" not in told
    assert "\r" not in told
    assert "\033" not in told


def test_a_long_wait_is_told_in_lines(cli, sandbox, parent, mask, monkeypatch):
    monkeypatch.setattr(waiting, "SILENCE_S", 0.05)
    sandbox.faults.queue("running=4")
    told = cli(*ASKED, "--message-id", parent, "--wait").stderr
    assert ": running" in told
    assert "s\n" in told


def test_a_terminal_shows_state_and_percent(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    wait = waiting.Wait()
    with wait.shown():
        wait(entry(), Progress(State.RUNNING, 0.42))
    assert "aaaaaaaaaaaa: running 42%" in screen.getvalue()
    assert screen.getvalue().endswith("\033[1A\033[2K")  # and leaves no trace


def test_the_words_for_one_job_a_chain_and_many():
    wait = waiting.Wait()
    assert wait.text() == "asking the service"
    wait(entry("u" * 64, action="U2"), Progress(State.RUNNING, 0.5))
    assert wait.text() == "upscaling, U2: running 50%"
    wait(entry("u" * 64, action="U2"), Progress(State.DONE, 1.0))
    wait(entry(), Progress(State.QUEUED))
    assert wait.text() == "aaaaaaaaaaaa: queued"
    assert wait.share() == 0
    wait(entry(), Progress(State.DONE, 1.0))
    assert wait.text() == "fetching the results"
    assert wait.share() == 1
    wait(entry(state=JobState.SUBMITTING, owner="4711-c0ffee"), Progress(State.QUEUED))
    assert wait.text() == "aaaaaaaaaaaa: process 4711 is sending it, and has no answer yet"
    many = waiting.Wait([entry(), entry("b" * 64)])
    many(entry(), Progress(State.FAILED))
    many(entry("b" * 64), Progress(State.RUNNING, 0.5))
    assert many.text() == "1 of 2 jobs are over"
    assert many.share() == 0.75


def test_json_on_stdout_stays_json_whatever_is_shown(cli, sandbox, parent, mask, monkeypatch):
    monkeypatch.setattr(waiting, "SILENCE_S", 0.01)
    told = cli(*ASKED, "--message-id", parent, "--wait", "--json").stdout
    assert json.loads(told)["state"] == "done"
