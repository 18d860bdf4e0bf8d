"""The file of a model on this machine: where it is looked for, and that it is the right one."""

from __future__ import annotations

import logging
import os
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from automask.weights.facts import Model
from automask.weights.source import sha256_of

log = logging.getLogger("automask")


@dataclass(frozen=True)
class Weights:
    """The file of a model, which was found to be the right one.

    Parameters
    ----------
    model : Model
    path : Path
    sha256 : str
        The hash of the file, in hex; that of the model when left out.
    """

    model: Model
    path: Path
    sha256: str = ""

    @property
    def record(self) -> str:
        """What masks and reports name it by: "name sha256"."""
        return f"{self.model.name} {self.sha256 or self.model.sha256}"


def named_folders() -> list[Path]:
    """The folders of `AUTOMASK_MODELS`, which are read and never written."""
    named = os.environ.get("AUTOMASK_MODELS", "").split(os.pathsep)
    return [Path(os.path.expanduser(part)) for part in named if part]  # noqa: PTH111  (as settings)


def own_folder() -> Path:
    """Where fetched files are kept: ``models`` in the user's cache."""
    from platformdirs import user_cache_path

    return user_cache_path("automask", appauthor=False) / "models"


def folders() -> list[Path]:
    """Where weights are looked for: the folders of `AUTOMASK_MODELS`, then the user's cache."""
    return [*named_folders(), own_folder()]


def find(wanted: Model) -> Weights | None:
    """The file of `wanted` if it is on this machine and whole; nothing is fetched.

    A file of its name that is another one is said in the log, once, and not used.
    """
    return next((here for folder in folders() if (here := held(wanted, folder))), None)


def held(wanted: Model, folder: Path) -> Weights | None:
    """The file of `wanted` in `folder` if it is there and whole."""
    fault, digest = inspected(wanted, folder)
    if fault:
        _complain(fault)
    return Weights(wanted, folder / wanted.file, digest) if digest and not fault else None


def inspected(wanted: Model, folder: Path) -> tuple[str, str]:
    """What is wrong with the file of `wanted` in `folder`, and its sha256; "" and "" without one.

    A model whose hash is not known here is held to the one that was written down when it was
    fetched; a file that somebody put there by hand is taken at their word.
    """
    path = folder / wanted.file
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe, say, which would be waited for
            return f"{path} is not a file; it is not used.", ""
        digest = _digest(path, found.st_size, found.st_mtime_ns)
        due = wanted.sha256 or noted(path)
    except FileNotFoundError:
        return "", ""
    except NotADirectoryError:
        return f"{folder} is not a folder; no model is looked for in it.", ""
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}; it is not used.", ""
    if not due or digest == due:
        return "", digest
    hashes = f"its sha256 is {digest[:16]}..., not {due[:16]}..."
    return f"{path} is not the model {wanted.name}: {hashes}; it is not used.", digest


def note_place(path: Path) -> Path:
    """Where the sha256 of `path` is written down when it is fetched, as `sha256sum` does."""
    return path.with_name(path.name + ".sha256")


def noted(path: Path) -> str:
    """The sha256 that was written down for `path`; "" where none was."""
    try:
        return note_place(path).read_text("ascii", "replace").split()[0]
    except (FileNotFoundError, IndexError):
        return ""


@lru_cache(256)
def _digest(path: Path, size: int, changed_ns: int) -> str:  # noqa: ARG001  (the cache's key)
    return sha256_of(path)


@lru_cache(256)  # once for each
def _complain(fault: str) -> None:
    log.warning(fault)
