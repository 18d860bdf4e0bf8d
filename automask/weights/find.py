"""The file of a model on this machine, and the one that a strategy takes of several."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from automask.errors import ArgumentError, ModelError
from automask.weights.facts import Model, model


@dataclass(frozen=True)
class Weights:
    """The file of a model, which was found to be the right one.

    Parameters
    ----------
    model : Model
    path : Path
    """

    model: Model
    path: Path

    @property
    def record(self) -> str:
        """What masks and reports name it by: "name sha256"."""
        return f"{self.model.name} {self.model.sha256}"


def folders() -> list[Path]:
    """Where weights are looked for: the folders of `AUTOMASK_MODELS`, then the user's cache."""
    from platformdirs import user_cache_path

    named = [part for part in os.environ.get("AUTOMASK_MODELS", "").split(os.pathsep) if part]
    own = user_cache_path("automask", appauthor=False) / "models"
    return [*(Path(part).expanduser() for part in named), own]


def find(wanted: Model) -> Weights | None:
    """The file of `wanted` if it is on this machine and whole; nothing is fetched."""
    for folder in folders():
        path = folder / wanted.file
        if path.is_file() and _digest(path, *_stamp(path)) == wanted.sha256:
            return Weights(wanted, path)
    return None


def get(name: str) -> Weights:
    """The file of the model `name`, fetched if it is not here.

    Raises
    ------
    ArgumentError
        If there is no such model.
    ModelError
        If it is not here and cannot be fetched.
    """
    wanted = model(name)
    found = find(wanted)
    if found is None:
        raise ModelError(
            f"The model {name} ({wanted.file}) is missing.\n"
            f"Fetch it: automask models pull {name}\n"
            f"Or put the file by hand into {folders()[-1]}, or a folder named in AUTOMASK_MODELS."
        )
    return found


def choose(names: Sequence[str], pinned: str | None = None, *, of: str = "") -> Weights:
    """The weights that are used: those of `pinned`, or of the first of `names` that is to be had.

    What is on this machine goes before what has to be fetched.

    Parameters
    ----------
    names : sequence of str
        The models that would do, the best first.
    pinned : str, optional
        The one that the user wants.
    of : str
        Who asks, for the message: the name of a strategy.

    Raises
    ------
    ArgumentError
        If the pinned one is not among them.
    ModelError
        If none is to be had.
    """
    if pinned is not None:
        if pinned not in names:
            raise ArgumentError(
                f"{of or 'This'} cannot use the model {pinned!r}; choose from: {', '.join(names)}."
            )
        return get(pinned)
    here = next((found for name in names if (found := find(model(name)))), None)
    return here or _fetched(names)


def _fetched(names: Sequence[str]) -> Weights:
    errors: list[ModelError] = []
    for name in names:
        try:
            return get(name)
        except ModelError as error:
            errors.append(error)
    raise errors[0]


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@lru_cache(256)
def _digest(path: Path, size: int, changed_ns: int) -> str:  # noqa: ARG001  (the cache's key)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
