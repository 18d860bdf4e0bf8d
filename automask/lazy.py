"""Public names of a package that are imported when they are first used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any


def found(package: str, homes: Mapping[str, tuple[str, ...]], name: str) -> Any:
    """What `package` offers under `name`, kept in the package from then on.

    Parameters
    ----------
    package : str
        The ``__name__`` of the package.
    homes : mapping of str to tuple of str
        The names that each module is the home of.
    name : str

    Raises
    ------
    AttributeError
        If no module is its home.
    """
    for home, names in homes.items():
        if name in names:
            value = getattr(importlib.import_module(home), name)
            setattr(sys.modules[package], name, value)
            return value
    raise AttributeError(f"module {package!r} has no attribute {name!r}")
