"""The key is in nothing that is written: neither stream, no file, no log, whatever goes wrong."""

import base64
import json
import logging
from urllib.parse import quote

import pytest

from automask.cli import listening
from automask.imaginepro import client
from automask.imaginepro.service import Service
from tests.loopback import DROP, Loopback

SQUARE = "rect(20px, 10px, 20px, 15px)"
KEY = 'sk-/0123+456"789\\abcdef='  # with all that JSON and addresses write in other ways
BUTTON, FETCH, ACCOUNT, IMAGES = (
    "/api/v1/nova/button",
    "/api/v1/message/fetch/",
    "/api/v1/subscription/account-info",
    "/api/v1/nova/images",
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder that all files are written below, with a log at DEBUG of every library."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("AUTOMASK_DEBUG", "1")
    monkeypatch.setattr(client, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(client, "FIRST_BUSY_PAUSE_S", 0.001)
    log = logging.FileHandler(tmp_path / "debug.log", encoding="utf-8")
    root = logging.getLogger()
    loggers = [root, logging.getLogger("automask")]
    before = [(logger, logger.level, logger.propagate, logger.handlers) for logger in loggers]
    monkeypatch.setattr(listening, "listen", lambda: None)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.handlers = [log]
        logger.propagate = False
    yield tmp_path
    for logger, level, propagate, handlers in before:
        logger.setLevel(level)
        logger.propagate, logger.handlers = propagate, handlers
    log.close()


@pytest.fixture
def told(cli):
    """``told(*arguments)``: runs a command, which may fail, and adds what it says to ``told.all``.

    An unexpected error with its traceback is wanted here.
    """
    from click.testing import CliRunner

    from automask.cli.app import app

    def run(*arguments, stdin=None):
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
        run.all.append(f"{arguments}\n{result.output}{result.exception!r}")
        return result

    run.all = []
    return run


def leaks(home, texts, key):
    """Where the key is, in any of the ways in which it can be written."""
    ways = {key, json.dumps(key)[1:-1], quote(key), quote(key, safe=""), repr(key)[1:-1]}
    ways.add(base64.b64encode(key.encode()).decode().rstrip("="))
    files = [path for path in home.rglob("*") if path.is_file()]
    found = [path for path in files if any(way.encode() in path.read_bytes() for way in ways)]
    return found + [text for text in texts if any(way in text for way in ways)]


def everything(told, parent):
    """The commands that ask the service, as they come in a day's work."""
    asked = ("submit", "--message-id", parent, "--mask", "mask.png", "--prompt")
    told(*asked, "a", "--dry-run")
    told(*asked, "a", "--json", "--webhook", "https://example.org/hook")
    told(*asked, "b", "--budget", "1")
    told(*asked, "c", "--wait", "-o", "out", "--json", "--paste-back")
    told("run", SQUARE, "--message-id", parent, "--prompt", "d", "--dry-run")
    told("run", SQUARE, "--message-id", parent, "--prompt", "d", "--upscale", "2")
    told("account")
    told("account", "--json")
    told("jobs", "reconcile", "--json")
    told("jobs", "list", "--json")
    told("jobs")
    for row in json.loads(told("jobs", "--json").stdout):
        told("jobs", "show", row["ref"])
        told("jobs", "reconcile", row["ref"], "--handle", "nonsense")
        told("jobs", "cancel", row["ref"])
        told("jobs", "wait", row["ref"], "--json")
    told("jobs", "backup", "backup.sqlite3")
    told("providers", "show", "imaginepro")


FAULTS = ["400", "401-key", "401-credits", "402", "403", "413", "500", "502", "success-false"]
FAULTS += ["lost", "dropped", "reset", "500-accepted", "empty", "success-word", "not-a-picture"]
FAULTS += ["unknown-status", "string-progress=1", "fail", "fail-bare", "no-result", "no-images"]


def test_with_every_fault_of_the_sandbox(home, told, sandbox, parent, mask):
    for number, fault in enumerate(["ok", *FAULTS]):
        sandbox.faults.queue(*[fault] * 2) if fault != "not-a-picture" else sandbox.faults.add(
            fault
        )
        told("submit", "--message-id", parent, "--mask", "mask.png", "--prompt", number)
        told("run", SQUARE, "--message-id", parent, "--prompt", number, "--json")
        sandbox.faults.clear()
    everything(told, parent)
    assert {request.with_key for request in sandbox.requests if request.call != "download"} == {
        True
    }
    assert not leaks(home, told.all, sandbox.key)
    assert "in_doubt" in str(told.all)


ECHO = {"message": f"the key {KEY} is bad", "error": KEY}
PHP = json.dumps(ECHO).replace("/", "\\/").encode()  # as PHP writes JSON
WIDE = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
DONE = {"status": "DONE", "messageId": KEY, "uri": f"http://127.0.0.1:9/{KEY}", "prompt": KEY}


@pytest.mark.parametrize(
    "answers",
    [
        {"/": [(400, ECHO)]},
        {"/": [(401, PHP)]},
        {"/": [(403, f'{{"message": "{WIDE}", "{WIDE}": 1}}'.encode())]},
        {"/": [(500, ECHO)]},
        {"/": [(502, f"<html>{KEY}</html>".encode())]},
        {"/": [(200, {"success": False} | ECHO)]},
        {"/": [(302, b"", {"Location": f"http://127.0.0.1:9/{KEY}"})]},
        {"/": [(429, ECHO, {"Retry-After": "600"})]},
        {"/": [(200, ECHO, {"X-Key": KEY})]},
        {"/": [DROP]},
        {FETCH: [(200, {"status": "FAIL", "error": KEY})], "/": [(200, {})]},
        {FETCH: [(200, {"status": KEY, "buttons": [KEY]})], "/": [(200, ECHO)]},
        {FETCH: [(200, DONE)], BUTTON: [(200, {"success": 1, "messageId": KEY})], "/": [(200, {})]},
        {FETCH: [(200, DONE | {"buttons": ["Vary (Region)"]})], "/": [(200, {"images": [DONE]})]},
        {ACCOUNT: [(200, {"type": KEY, "email": KEY, "credits": KEY})], "/": [(401, PHP)]},
    ],
)  # fmt: skip
def test_with_a_service_that_says_the_key_itself(home, told, mask, monkeypatch, answers):
    service = Loopback((200, {}))
    service.by_path = answers
    try:
        for name, value in {"BASE_URL": service.url, "API_KEY": KEY, "LIMITS": "off"}.items():
            monkeypatch.setenv(f"IMAGINEPRO_{name}", value)
        everything(told, "m-1")
    finally:
        service.close()
    assert any(KEY in heard[2].get("Authorization", "") for heard in service.requests)
    assert not leaks(home, told.all, KEY)


def test_in_the_traceback_of_an_error_that_nobody_thought_of(
    home, told, sandbox, parent, mask, monkeypatch
):
    def broken(self, *_):
        raise RuntimeError(f"a bug in {self!r}, {self.client.key}, {vars(self.client)}")

    for name in ("account", "history", "message"):
        with monkeypatch.context() as patch:
            patch.setattr(Service, name, broken)
            everything(told, parent)
    assert any("Traceback" in text for text in told.all)
    assert "POST" in (home / "debug.log").read_text()
    assert not leaks(home, told.all, sandbox.key)


def test_from_a_file_and_with_the_limits_on(home, told, sandbox, monkeypatch, tmp_path):
    (outside := tmp_path.with_name(f"{tmp_path.name}-key")).write_text(sandbox.key, "utf-8")
    monkeypatch.delenv("IMAGINEPRO_API_KEY")
    monkeypatch.delenv("IMAGINEPRO_LIMITS")
    monkeypatch.setenv("IMAGINEPRO_API_KEY_FILE", str(outside))
    assert told("account").exit_code == 0
    assert list(home.rglob("imaginepro-turns.sqlite*"))
    assert not leaks(home, told.all, sandbox.key)


def test_in_a_process_of_its_own(home, shell, sandbox, parent, mask):
    sandbox.faults.queue("400", "dropped", "ok")
    asked = ("submit", "--message-id", parent, "--mask", mask, "--wait", "--prompt")
    texts = []
    for number in range(3):
        done = shell(*asked, number, code=None)
        texts += [done.stdout.decode(), done.stderr.decode()]
    assert "400" in str(texts)
    assert "it may have been taken" in str(texts)
    assert not leaks(home, texts, sandbox.key)


def test_the_search_can_fail(home):
    logging.getLogger("automask").debug("%s", KEY)
    assert leaks(home, [], KEY)
    assert leaks(home, [f"say {quote(KEY)}"], KEY)
