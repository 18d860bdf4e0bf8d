import os
import pickle
import sys
import types

import pytest

from automask.errors import SettingsError
from automask.imaginepro.key import Key, find_key

SECRET = "sk-abcdef0123456789"  # noqa: S105  (of nobody)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in ("IMAGINEPRO_API_KEY", "IMAGINEPRO_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)


def keyring_of(monkeypatch, answer):
    def get_password(service, user):
        assert (service, user) == ("automask", "imaginepro")
        return answer()

    module = types.SimpleNamespace(get_password=get_password)
    monkeypatch.setitem(sys.modules, "keyring", module)


def test_the_environment_beats_the_file_beats_the_keyring(monkeypatch, tmp_path):
    file = tmp_path / "key"
    file.write_text("from-file\n", "utf-8")
    file.chmod(0o600)
    keyring_of(monkeypatch, lambda: "from-keyring")
    assert find_key().reveal() == "from-keyring"
    monkeypatch.setenv("IMAGINEPRO_API_KEY_FILE", str(file))
    assert find_key().reveal() == "from-file"
    monkeypatch.setenv("IMAGINEPRO_API_KEY", "from-environment")
    assert find_key().reveal() == "from-environment"


def test_without_a_key_the_three_ways_are_said():
    with pytest.raises(SettingsError) as caught:
        find_key()
    for word in ("IMAGINEPRO_API_KEY,", "IMAGINEPRO_API_KEY_FILE", "keyring set"):
        assert word in str(caught.value)


def test_a_keyring_that_fails_is_no_key(monkeypatch):
    def locked():
        raise RuntimeError("locked " + SECRET)

    keyring_of(monkeypatch, locked)
    with pytest.raises(SettingsError) as caught:
        find_key()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("text", ["two words", "line\nbreak", "käse", "tab\tbed", " "])
def test_what_cannot_be_a_key_is_refused_unseen(monkeypatch, text):
    monkeypatch.setenv("IMAGINEPRO_API_KEY", text)
    with pytest.raises(SettingsError, match="IMAGINEPRO_API_KEY holds no API key") as caught:
        find_key()
    assert text.strip() == "" or text not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"])
def test_a_key_file_that_cannot_be_used_is_named(monkeypatch, tmp_path, content):
    file = tmp_path / "key.txt"
    if content is not None:
        file.write_bytes(content)
        file.chmod(0o600)
    monkeypatch.setenv("IMAGINEPRO_API_KEY_FILE", str(file))
    with pytest.raises(SettingsError, match=r"key\.txt"):
        find_key()


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_a_key_file_that_others_can_read_is_said(monkeypatch, tmp_path, caplog):
    file = tmp_path / "key.txt"
    file.write_text(SECRET, "utf-8")
    file.chmod(0o644)
    monkeypatch.setenv("IMAGINEPRO_API_KEY_FILE", str(file))
    assert find_key().reveal() == SECRET
    assert "can be read by others" in caplog.text
    assert SECRET not in caplog.text


def test_a_key_does_not_show_itself():
    key = Key(SECRET, "the test")
    shown = (repr(key), str(key), f"{key!s:>40}", f"{key}", f"{[key]}", f"{dir(key)}", key.digest)
    assert not any(SECRET in text for text in shown)
    assert not hasattr(key, "__dict__")
    assert key.redact(b"a " + SECRET.encode()) == b"a [key]"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)
