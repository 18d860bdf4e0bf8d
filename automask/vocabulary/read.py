"""The files of the vocabulary."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The content of a file of this folder."""
    return tomllib.loads(resources.files("automask.vocabulary").joinpath(name).read_text("utf-8"))
