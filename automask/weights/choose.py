"""The weights that a strategy uses: of the pinned model, or of the first that is to be had."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

from automask.errors import ArgumentError, ModelError
from automask.weights.facts import model
from automask.weights.fetch import fetch, is_offline
from automask.weights.find import Weights, find, folders


def get(name: str) -> Weights:
    """The file of the model `name`, fetched if it is not here.

    Raises
    ------
    ArgumentError
        If there is no such model.
    ModelError
        If it is not here and cannot be fetched: what is missing, how to fetch it, where to put it.
    """
    wanted = model(name)
    return find(wanted) or fetch(wanted)


def choose(names: Sequence[str], pinned: str | None = None, *, of: str = "") -> Weights:
    """The weights that are used: those of `pinned`, or of the first of `names` that is to be had.

    What is on this machine goes before what has to be fetched. Masks and reports record which one
    it was (`Weights.record`).

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
        If none is to be had; the message is about the first and names the others.
    """
    if pinned is not None:
        check_pin(names, pinned, of=of)
        return get(pinned)
    return _here(names) or _fetched(names)


def to_be_had(names: Sequence[str]) -> Weights | None:
    """The weights of the first of `names` that is here or can be fetched; None without any.

    For what a strategy can do without. A fetch that failed is not tried again by this process, as
    long as the folders are the same.
    """
    state = tuple(folders()), is_offline()
    return _here(names) or _fetched_if_possible(tuple(names), state)


def check_pin(names: Sequence[str], pinned: str, *, of: str = "") -> None:
    """Raise `ArgumentError` if `pinned` is not one of `names`, the models that would do."""
    if pinned not in names:
        raise ArgumentError(
            f"{of or 'This'} cannot use the model {pinned!r}; choose from: {', '.join(names)}."
        )


def _here(names: Sequence[str]) -> Weights | None:
    return next((found for name in names if (found := find(model(name)))), None)


@lru_cache(64)
def _fetched_if_possible(names: tuple[str, ...], _state: object) -> Weights | None:
    for name in names:
        with suppress(ModelError):
            return get(name)
    return None


def _fetched(names: Sequence[str]) -> Weights:
    errors: list[ModelError] = []
    for name in names:
        try:
            return get(name)
        except ModelError as error:
            errors.append(error)
    first, *others = names
    instead = f" {' or '.join(others)} would do instead of {first}." if others else ""
    raise ModelError(f"{errors[0]}{instead}")
