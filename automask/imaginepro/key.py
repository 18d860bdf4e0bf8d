"""The API key: from the environment, a file or the system's keyring, and never in any text."""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from automask.errors import SettingsError

KEY_NAME = "IMAGINEPRO_API_KEY"
FILE_NAME = "IMAGINEPRO_API_KEY_FILE"
KEYRING = ("automask", "imaginepro")  # the service and the user name in the system's keyring
HIDDEN = "[key]"
log = logging.getLogger("automask.imaginepro")


class Key:
    """An API key that shows itself to nobody but `reveal`.

    >>> key = Key("sk-0123456789", "here")
    >>> key, str(key), f"{key}"
    (Key([key]), '[key]', '[key]')
    >>> key.redact(b"Bearer sk-0123456789 is wrong")
    b'Bearer [key] is wrong'
    """

    __slots__ = ("_reveal",)

    def __init__(self, text: str, origin: str) -> None:
        text = text.strip()
        if not text:
            raise SettingsError(f"{origin} holds no API key; put the key there, on one line.")
        if not (text.isascii() and text.isprintable() and " " not in text):
            raise SettingsError(
                f"{origin} holds no API key: a key is one word of ASCII characters; copy it anew."
            )
        # In a closure and not in an attribute: tools that print variables print attributes.
        self._reveal: Callable[[], str] = lambda: text

    def reveal(self) -> str:
        """The key itself, for the header of a request and for nothing else."""
        return self._reveal()

    def redact(self, data: bytes) -> bytes:
        """`data` with the key replaced wherever it stands."""
        return data.replace(self._reveal().encode("ascii"), HIDDEN.encode("ascii"))

    def redacted(self, answer: Any) -> Any:
        r"""`answer`, a JSON value, with the key replaced however the service had escaped it.

        >>> Key("sk/0123", "here").redacted({"error": ["sk/0123 is wrong"]})
        {'error': ['[key] is wrong']}
        """
        text = json.dumps(answer, ensure_ascii=False)
        mine = json.dumps(self._reveal())[1:-1]
        return json.loads(text.replace(mine, HIDDEN)) if mine in text else answer

    @property
    def digest(self) -> str:
        """A name for the key from which nobody can compute it back."""
        return hashlib.sha256(b"automask:" + self._reveal().encode("ascii")).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Key({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("An API key is not pickled; each process reads it for itself.")


def find_key() -> Key:
    """The user's key: `IMAGINEPRO_API_KEY`, the file `IMAGINEPRO_API_KEY_FILE`, or the keyring.

    Raises
    ------
    SettingsError
        If there is none, or what is there cannot be a key; no message shows it.
    """
    if text := os.environ.get(KEY_NAME):
        return Key(text, KEY_NAME)
    if path := os.environ.get(FILE_NAME):
        return Key(_read(Path(path).expanduser()), f"The key file {path}")
    if text := _from_keyring():
        return Key(text, "The system's keyring")
    raise SettingsError(
        f"ImaginePro needs an API key: set {KEY_NAME}, or {FILE_NAME} to a file that holds it, or "
        f"run `keyring set {' '.join(KEYRING)}` where the keyring package is installed."
    )


def _read(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            log.warning("the key file %s can be read by others; chmod 600 it", path)
        return path.read_text("utf-8")
    except OSError as error:
        raise SettingsError(
            f"The key file {path} cannot be read: {error.strerror}; check the path and its rights."
        ) from None
    except ValueError:
        raise SettingsError(f"The key file {path} is no text; put the key on one line.") from None


def _from_keyring() -> str:
    try:
        keyring: Any = importlib.import_module("keyring")
        return keyring.get_password(*KEYRING) or ""
    except ModuleNotFoundError:
        return ""
    except Exception as error:  # noqa: BLE001  (a keyring that is locked, absent, broken: no key)
        log.debug("the system's keyring gave no key: %s", type(error).__name__)
        return ""
