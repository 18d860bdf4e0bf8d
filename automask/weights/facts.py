"""What is known of each model: the rows of ``weights.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from automask.errors import ArgumentError


@dataclass(frozen=True)
class Wheel:
    """A package of the index that ships the very bytes of a model; it is not installed.

    Parameters
    ----------
    package, version : str
    member : str
        The file's path in the wheel.
    platform, python : str
        Of all wheels of that version, the one for this platform and this Python: a file of weights
        is the same in each, and every machine takes the same one.
    """

    package: str
    version: str
    member: str
    platform: str = "any"
    python: str = "3.12"


@dataclass(frozen=True)
class Model:
    """A model by its facts.

    Parameters
    ----------
    name : str
        What a rule pins it by: ``face(model="yunet")``.
    family : str
        The module of `automask.networks` that runs it.
    gives : str
        What comes out of it, in words.
    file : str
        The name of its file.
    sha256 : str
        The hash of its file, in hex; "" where this project has not seen the file. Then it comes
        here only when a person asks for it, its hash is written down beside it, and it is used as
        long as it keeps that hash.
    bytes : int
        The size of its file; about that where the hash is not known.
    code_licence, weights_licence : str
        SPDX identifiers.
    addresses : tuple of str
        Where its authors publish the file.
    wheel : Wheel, optional
        The package that ships the file.
    settings : mapping
        What its family has to know of this model: size, mean, head ...
    """

    name: str
    family: str
    gives: str
    file: str
    sha256: str
    bytes: int
    code_licence: str
    weights_licence: str
    addresses: tuple[str, ...] = ()
    wheel: Wheel | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def size(self) -> str:
        """The size of its file for people.

        >>> model("yunet").size
        '0.2 MB'
        """
        return f"{self.bytes / 1e6:.1f} MB" if self.bytes < 1e8 else f"{self.bytes / 1e6:.0f} MB"


@cache
def facts() -> Mapping[str, Model]:
    """Every model by its name."""
    import tomllib
    from importlib import resources

    text = resources.files("automask.weights").joinpath("weights.toml").read_text("utf-8")
    return MappingProxyType({name: _row(name, row) for name, row in tomllib.loads(text).items()})


def _row(name: str, row: dict[str, Any]) -> Model:
    wheel = row.pop("wheel", None)
    addresses = tuple(row.pop("addresses", ()))
    return Model(name, addresses=addresses, wheel=Wheel(**wheel) if wheel else None, **row)


def model(name: str) -> Model:
    """The model called `name`.

    Raises
    ------
    ArgumentError
        If there is none.
    """
    known = facts()
    if name not in known:
        import difflib

        words = {row.file.lower(): row.name for row in known.values()} | {n: n for n in known}
        near = difflib.get_close_matches(name.lower(), words, 1)
        offer = f"did you mean {words[near[0]]!r}?" if near else f"choose from: {', '.join(known)}."
        raise ArgumentError(f"There is no model {name!r}; {offer}")
    return known[name]
