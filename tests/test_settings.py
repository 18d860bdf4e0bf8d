from pathlib import Path

import pytest

from automask import settings
from automask.errors import SettingsError


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOMASK_SETTINGS", raising=False)
    monkeypatch.delenv("AUTOMASK_PROVIDER", raising=False)
    monkeypatch.setattr(settings, "_user_folder", lambda: tmp_path / "user")


def test_defaults_where_there_is_no_file():
    assert settings.load() == settings.Settings("opencv", {}, ())


def test_the_nearest_file_upwards_is_read():
    Path("automask.toml").write_text('[rules]\nlogo = "all"\n', "utf-8")
    inner = Path("a/b")
    inner.mkdir(parents=True)
    assert settings.load(inner).rules == {"logo": "all"}


def test_the_project_file_beats_the_users_and_the_environment_beats_both(monkeypatch):
    Path("user").mkdir()
    Path("user/automask.toml").write_text(
        'provider = "theirs"\n[rules]\nlogo = "none"\nsky = "all"\n', "utf-8"
    )
    Path("automask.toml").write_text('[rules]\nlogo = "all"\n', "utf-8")
    loaded = settings.load()
    assert loaded.rules == {"logo": "all", "sky": "all"}
    assert loaded.provider == "theirs"
    monkeypatch.setenv("AUTOMASK_PROVIDER", "opencv")
    assert settings.load().provider == "opencv"


def test_one_file_can_be_named_instead(monkeypatch, tmp_path):
    Path("automask.toml").write_text('[rules]\nlogo = "all"\n', "utf-8")
    chosen = tmp_path / "other.toml"
    chosen.write_text('[rules]\nlogo = "none"\n', "utf-8")
    monkeypatch.setenv("AUTOMASK_SETTINGS", str(chosen))
    assert settings.load().rules == {"logo": "none"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rule = 1", "did you mean 'rules'"),
        ("rules = 3", "must be a table"),
        ("[rules]\nlogo = 3", "must be a text"),
        ('[rules]\n"a b" = "all"', "cannot name a rule"),
        ("[rules", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(text, said):
    Path("automask.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=r"automask\.toml") as caught:
        settings.load()
    assert said in str(caught.value)


def test_a_named_file_that_is_missing_is_an_error(monkeypatch):
    monkeypatch.setenv("AUTOMASK_SETTINGS", "nowhere.toml")
    with pytest.raises(SettingsError, match=r"nowhere\.toml cannot be read"):
        settings.load()


def test_a_folder_that_cannot_be_looked_into_holds_no_settings(monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refused)
    assert settings.load() == settings.Settings()


@pytest.mark.parametrize("name", ["~no-such-user/x.toml", "nowhere.toml", "."])
def test_a_chosen_file_that_is_none(monkeypatch, name):
    monkeypatch.setenv("AUTOMASK_SETTINGS", name)
    with pytest.raises(SettingsError, match=r"cannot be read|is not a file"):
        settings.load()
