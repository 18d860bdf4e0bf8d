"""`automask account`, and where the key comes from: the environment, a file, the keyring."""

import json
import sys
import types

import pytest

from automask.imaginepro.key import FILE_NAME, KEY_NAME
from automask.testing import Sandbox


def test_a_table_of_what_is_left_and_what_was_spent_from_here(cli, sandbox, parent, mask):
    cli("submit", "--message-id", parent, "--mask", mask)
    rows = dict(line.rsplit(maxsplit=1) for line in cli("account").stdout.splitlines()[1:])
    assert rows["left"] == "9995"
    assert rows["spent from here"] == "5"
    assert rows["type"] == "sandbox"


def test_json(cli, sandbox):
    told = json.loads(cli("account", "--json").stdout)
    assert told["left"] == told["credits"] == 10_000
    assert told["spent_from_here"] == 0
    assert told["expires"].startswith("20")
    assert sandbox.key not in str(told)
    assert not sandbox.billed


def test_what_the_service_does_not_tell_is_said_to_be_missing(cli, sandbox, monkeypatch):
    from automask.imaginepro.service import Service

    told = Service.account

    def bare(self):
        import dataclasses

        return dataclasses.replace(told(self), expires=None, email="")

    monkeypatch.setattr(Service, "account", bare)
    assert "expires          not told" in cli("account").stdout
    assert json.loads(cli("account", "--json").stdout)["expires"] is None


def test_a_provider_without_an_account_and_one_that_is_not_there(cli, sandbox):
    assert "opencv has no account" in cli("account", "--provider", "opencv", code=2).stderr
    assert "There is no provider 'nope'" in cli("account", "--provider", "nope", code=2).stderr
    assert sandbox.requests == []


def test_credits_that_are_used_up_are_told_from_a_wrong_key(cli, parent, mask, monkeypatch, paint):
    asked = ("submit", "--mask", "mask.png", "--message-id")
    with Sandbox(credits=3) as poor:
        for name, value in poor.environment.items():
            monkeypatch.setenv(name, value)
        name = poor.add_parent(paint("p.png"))
        assert "3 credits are left (401); the key is good" in cli(*asked, name, code=1).stderr
        monkeypatch.setenv(KEY_NAME, "wrong")
        for command in ((*asked, name), ("account",)):
            told = cli(*command, code=1).stderr
            assert told == "automask: ImaginePro does not accept the key (401); check it.\n"
        assert not poor.billed


# --- the key ------------------------------------------------------------------------------------


@pytest.fixture
def keyless(sandbox, monkeypatch):
    """A sandbox whose key is not in the environment, and no keyring; gives the key."""
    monkeypatch.delenv(KEY_NAME)
    monkeypatch.setitem(sys.modules, "keyring", None)
    return sandbox.key


def test_no_key(cli, keyless, mask):
    told = cli("account", code=2).stderr
    for way in (KEY_NAME, FILE_NAME, "keyring set automask imaginepro"):
        assert way in told
    assert "needs an API key" in cli("submit", "--message-id", "p", "--mask", mask, code=2).stderr


@pytest.mark.parametrize("text", ["{}", "{}\n", "  {}\r\n\n"])
def test_a_key_file(cli, keyless, tmp_path, monkeypatch, text):
    place = tmp_path / "ein Schlüssel"
    place.write_text(text.format(keyless), "utf-8")
    place.chmod(0o600)
    monkeypatch.setenv(FILE_NAME, str(place))
    result = cli("account")
    assert "left" in result.stdout
    assert result.stderr == ""


def test_a_key_file_that_others_can_read_is_told(cli, keyless, tmp_path, monkeypatch):
    place = tmp_path / "key"
    place.write_text(keyless, "utf-8")
    place.chmod(0o644)
    monkeypatch.setenv(FILE_NAME, str(place))
    assert "can be read by others; chmod 600 it" in cli("account").stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "holds no API key"),
        (b"\n \n", "holds no API key"),
        (b"one\ntwo\n", "one word of ASCII"),
        ("schlüssel".encode(), "one word of ASCII"),
        (b"\xff\xfe\x00", "is no text"),
    ],
)
def test_a_key_file_that_is_none(cli, keyless, tmp_path, monkeypatch, content, words):
    place = tmp_path / "key"
    if content is not None:
        place.write_bytes(content)
        place.chmod(0o600)
    monkeypatch.setenv(FILE_NAME, str(place))
    told = cli("account", code=2).stderr
    assert words in told
    assert len(told.splitlines()) == 1


def test_a_folder_in_place_of_a_key_file(cli, keyless, tmp_path, monkeypatch):
    monkeypatch.setenv(FILE_NAME, str(tmp_path))
    assert "cannot be read" in cli("account", code=2).stderr


def fake_keyring(monkeypatch, get_password):
    ring = types.ModuleType("keyring")
    ring.get_password = get_password
    monkeypatch.setitem(sys.modules, "keyring", ring)


def test_the_systems_keyring(cli, keyless, monkeypatch):
    fake_keyring(monkeypatch, lambda *asked: {("automask", "imaginepro"): keyless}[asked])
    assert "left" in cli("account").stdout


@pytest.mark.parametrize("error", [None, RuntimeError("locked, and the key is k-123")])
def test_a_keyring_that_gives_none(cli, keyless, monkeypatch, error):
    def get_password(*_):
        if error:
            raise error

    fake_keyring(monkeypatch, get_password)
    told = cli("account", code=2).stderr
    assert "needs an API key" in told
    assert "k-123" not in told


@pytest.mark.parametrize("key", ["two words", "schlüssel", "tab\tbed", "x\ny"])
def test_what_cannot_be_a_key_is_not_sent(cli, sandbox, monkeypatch, key):
    monkeypatch.setenv(KEY_NAME, key)
    told = cli("account", code=2).stderr
    assert "one word of ASCII" in told
    assert key not in told
    assert sandbox.requests == []


# --- the address --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "nope", "http://example.org", "https://me:pw@example.org", "https://", "127.0.0.1:80",
        "http://[::1", "https://a:port", "ftp://127.0.0.1", "https://example.org?x=1",
    ],
)  # fmt: skip
def test_the_key_goes_to_no_address_but_https_or_this_machine(
    cli, sandbox, mask, monkeypatch, address
):
    monkeypatch.setenv("IMAGINEPRO_BASE_URL", address)
    asked = ("submit", "--message-id", "p", "--mask", mask)
    for command in (["account"], asked, [*asked, "--dry-run"]):
        told = cli(*command, code=2).stderr
        assert "IMAGINEPRO_BASE_URL" in told
        assert len(told.splitlines()) == 1
        assert "pw" not in told
    assert sandbox.requests == []


def test_an_address_where_nobody_listens(cli, sandbox, monkeypatch):
    from automask.imaginepro import client

    monkeypatch.setattr(client, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setenv("IMAGINEPRO_BASE_URL", "http://127.0.0.1:9")
    told = cli("account", code=1).stderr
    assert "cannot be reached at http://127.0.0.1:9" in told
    assert len(told.splitlines()) == 1
