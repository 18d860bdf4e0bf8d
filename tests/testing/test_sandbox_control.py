"""The sandbox's own calls under /sandbox, and `automask sandbox`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import requests
from click.testing import CliRunner
from PIL import Image as Picture

from automask.cli.app import app
from automask.testing.sandbox import FAULTS
from tests.testing.client import REGION, encoded, mask_text, scene


def test_the_state_is_told_over_http(serve):
    sandbox, client = serve()
    client.edit(sandbox.add_parent(scene()), ref="r", webhookOverride="http://example.com/")
    assert len(sandbox.webhooks) == 2
    state = client.call("GET", "/sandbox").json()
    assert state["billed"] == {"r": 1}
    assert state["charges"][0]["button"] == REGION
    assert state["credits"] == sandbox.store.credits
    assert state["prices"]["imagine"] == 10
    assert "loopback" in state["webhooks"][0]["error"]


def test_parents_are_registered_over_http(serve):
    _, client = serve()
    for query, upscaled in (("", True), ("?upscaled=false", False)):
        path = f"/sandbox/parents{query}"
        answer = client.call("POST", path, data=encoded(scene(), "PNG", optimize=False))
        told = client.told(answer.json()["messageId"])
        assert (REGION in told["buttons"]) is upscaled
    answer = client.call("POST", "/sandbox/parents?faults=no-buttons", data=encoded(scene()))
    assert client.told(answer.json()["messageId"])["buttons"] == []
    assert client.call("POST", "/sandbox/parents", data=b"hello").status_code == 400


def test_faults_are_switched_over_http(serve):
    _, client = serve()
    body = {"add": ["fetch:500"], "queue": ["429=1"]}
    state = client.call("POST", "/sandbox/faults", json=body).json()
    assert state["faults"]["queue"] == ["submit:429=1"]
    assert state["faults"]["on"][0]["fault"] == "fetch:500"
    assert client.imagine().status_code == 429
    assert client.fetch("x").status_code == 500
    client.call("POST", "/sandbox/faults", json={"clear": True})
    assert client.fetch("x").status_code == 404
    for wrong in ({"add": ["nonsense"]}, {"add": 3}, {"queue": [3]}):
        assert client.call("POST", "/sandbox/faults", json=wrong).status_code == 400
    assert client.call("POST", "/sandbox/nonsense", json={}).status_code == 404


def test_large_and_chunked_bodies_are_refused_without_being_read(serve):
    sandbox, client = serve()
    url = f"{sandbox.url}/api/v1/nova/imagine"
    answer = requests.post(url, data=iter([b"{}"]), headers=sandbox.headers, timeout=5)
    assert answer.status_code == 411
    headers = sandbox.headers | {"Content-Length": "99999999999"}
    answer = client.session.post(url, headers=headers, timeout=5)
    assert answer.status_code == 413


# --- the command --------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path):
    """``command(*arguments)``: the running process and what it printed; it is ended afterwards."""
    started = []

    def run(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "automask", "sandbox", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, sys.path))},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        lines = []
        while (line := process.stdout.readline()) != "}\n":
            assert line, process.stderr.read()
            lines.append(line)
        return process, json.loads("".join([*lines, "}"]))

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_interrupted(command, tmp_path, ending):
    Picture.fromarray(scene()).save(tmp_path / "photo.png")
    process, told = command(
        "--parent", "photo.png", "--grid", "photo.png", "--time-scale", "0", "--pictures", "1",
        "--fault", "history:500", "--fault", "cancel:500", "--seed", "4", "--credits", "5",
    )  # fmt: skip
    assert set(told) == {"url", "key", "parents", "grids"}
    headers = {"Authorization": f"Bearer {told['key']}"}
    fetch = f"{told['url']}/api/v1/message/fetch/"
    parent, grid = told["parents"][0], told["grids"][0]
    buttons = [requests.get(fetch + n, headers=headers, timeout=5).json() for n in (parent, grid)]
    assert REGION in buttons[0]["buttons"]
    assert "U1" in buttons[1]["buttons"]
    edit = {"messageId": parent, "button": REGION, "mask": mask_text(), "ref": "x"}
    url = f"{told['url']}/api/v1/nova/button"
    codes = [requests.post(url, json=edit, headers=headers, timeout=5).status_code for _ in "12"]
    assert codes == [200, 401]
    process.send_signal(ending)
    out, error = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out == ""
    assert error == "sandbox: 4 requests, 1 jobs billed, 5 credits\n"


def test_wrong_options_get_one_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("junk.png").write_bytes(b"junk")
    for arguments, code in (
        (["--fault", "nonsense"], 2),
        (["--fault", "slow=x"], 2),
        (["--port", "70000"], 2),
        (["--fault-share", "2"], 2),
        (["--parent", "missing.png"], 1),
        (["--grid", "junk.png"], 1),
    ):
        result = CliRunner().invoke(app, ["sandbox", *arguments])
        assert result.exit_code == code, result.output
        assert result.stderr.count("\n") == 1
        assert result.stderr.startswith("automask: ")
        assert result.stdout == ""


def test_the_faults_are_listed():
    result = CliRunner().invoke(app, ["sandbox", "--list-faults"])
    assert result.exit_code == 0
    for name, kind in FAULTS.items():
        assert f"\n{name}" in result.stdout
        assert kind.about in result.stdout


def test_the_sandbox_does_not_import_the_language_of_rules():
    code = (
        "import sys, automask.testing.sandbox; print('lark' in sys.modules, 'click' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


# --- speed --------------------------------------------------------------------------------------


def test_an_answer_takes_little_of_the_processor(serve):
    """The sandbox must not be what limits a client; its share of a cycle is a millisecond or two.

    The time is that of the threads that answer, so a busy machine does not change it.
    """
    sandbox, client = serve()
    spent = []
    for server in sandbox._servers:
        whole = server.answer

        def timed(asked, whole=whole):
            before = time.thread_time()
            answer = whole(asked)
            spent.append(time.thread_time() - before)
            return answer

        server.answer = timed
    parent, mask = sandbox.add_parent(scene()), mask_text()
    for number in range(40):
        told = client.told(client.edit(parent, mask, ref=str(number)).json()["messageId"])
        client.picture(told["images"][0])
    assert len(spent) == 120
    assert np.median(spent) < 0.003
    assert sum(spent) < 40 * 0.02
