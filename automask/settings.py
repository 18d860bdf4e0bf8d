"""Settings: flags, then the environment, then automask.toml, then the user's file, then defaults.

automask.toml is looked for in the working folder and its parents; the user's file is
``automask.toml`` in the user's configuration folder. `AUTOMASK_SETTINGS` names one file to read
instead of both. The keys::

    provider = "opencv"          # where `automask run` submits

    [rules]                      # named rules: @logo in a rule stands for this text
    logo = 'rect(80%, 85%, 18%, 12%) & bright'

    [providers.imaginepro]       # arguments of a provider: `automask providers show NAME`
    mask_format = "png"
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from automask.errors import SettingsError

FILE = "automask.toml"


@dataclass(frozen=True)
class Settings:
    """What the user has set.

    Parameters
    ----------
    provider : str
        The provider that repaints where none is named.
    rules : mapping of str to str
        The texts of the named rules.
    providers : mapping of str to mapping
        The arguments of each provider that is set up, by name.
    files : tuple of Path
        The files that were read, the strongest first.
    """

    provider: str = "opencv"
    rules: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def load(folder: Path | None = None) -> Settings:
    """The settings that hold in `folder`, the working folder by default.

    Raises
    ------
    SettingsError
        If a settings file cannot be read, or holds something unknown; the message names the file.
    """
    files = _files(folder)
    tables = [_checked(path) for path in files]
    rules: dict[str, str] = {}
    providers: dict[str, dict[str, Any]] = {}
    provider = Settings.provider
    for table in reversed(tables):
        rules |= table.get("rules", {})
        for name, arguments in table.get("providers", {}).items():
            providers[name] = providers.get(name, {}) | arguments
        provider = table.get("provider", provider)
    provider = os.environ.get("AUTOMASK_PROVIDER") or provider
    return Settings(provider, rules, tuple(files), providers)


def _files(folder: Path | None) -> list[Path]:
    if chosen := os.environ.get("AUTOMASK_SETTINGS"):
        return [Path(os.path.expanduser(chosen))]  # noqa: PTH111  (Path raises for ~nobody)
    here = (folder or Path.cwd()).absolute()
    near = next((p / FILE for p in (here, *here.parents) if _is_file(p / FILE)), None)
    own = _user_folder() / FILE
    return [path for path in (near, own if _is_file(own) else None) if path]


def _is_file(path: Path) -> bool:
    """Whether there is a file; not an error, as of Path, in a folder that cannot be looked into."""
    return os.path.isfile(path)  # noqa: PTH113


def _user_folder() -> Path:
    from platformdirs import user_config_path

    return user_config_path("automask", appauthor=False)


def _checked(path: Path) -> dict[str, Any]:
    table = _parsed(path)
    known = {
        "provider": (str, "a text"),
        "rules": (dict, "a table, [rules]"),
        "providers": (dict, "a table, [providers.NAME]"),
    }
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            offer = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
            raise SettingsError(f"{path}: there is no setting {key!r}; {offer}")
        kind, words = known[key]
        if not isinstance(value, kind):
            raise SettingsError(f"{path}: {key} must be {words}, not {value!r}.")
    for name, text in table.get("rules", {}).items():
        _check_rule(path, name, text)
    for name, arguments in table.get("providers", {}).items():
        if not isinstance(arguments, dict):
            raise SettingsError(f"{path}: write the arguments of {name} as [providers.{name}].")
    return table


def _parsed(path: Path) -> dict[str, Any]:
    if os.path.exists(path) and not _is_file(path):  # noqa: PTH110  (as in `_is_file`)
        raise SettingsError(f"{path} is not a file; give the name of one that holds settings.")
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}; check the path and its rights."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from None


def _check_rule(path: Path, name: str, text: Any) -> None:
    if not isinstance(text, str):
        raise SettingsError(f"{path}: the rule {name!r} must be a text, not {text!r}.")
    if not name.replace("_", "a").isalnum() or not name[0].isalpha():
        raise SettingsError(
            f"{path}: {name!r} cannot name a rule; use letters, digits and _, a letter first."
        )
