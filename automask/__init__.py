"""Select a region of an image by rule, not by drawing, and have it repainted, hands-free.

>>> import numpy as np
>>> import automask
>>> picture = np.full((40, 60, 3), 255, np.uint8)
>>> picture[10:30, 20:40] = (200, 30, 40)
>>> automask.mask(picture, 'color("red")').box
Box(x0=20, y0=10, x1=40, y1=30)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automask import lazy
from automask.version import __version__ as __version__

if TYPE_CHECKING:
    from automask.errors import (
        ArgumentError,
        AutomaskError,
        ImageError,
        InDoubtError,
        LedgerError,
        ModelError,
        NeedsReview,
        NothingSelected,
        OutputError,
        PluginError,
        PreflightError,
        ProviderError,
        RuleError,
        SettingsError,
        UnfinishedError,
        UnreachableError,
    )
    from automask.images import load
    from automask.pipeline import Result, run
    from automask.selection import explain, mask, regions
    from automask.selector.build import rule
    from automask.selector.explain import Explanation
    from automask.selector.syntax import Rule
    from automask.submission import Submission, submit
    from automask.types import Box, Image, Mask, Region

# Where each public name lives; it is imported when it is first used, so that importing automask
# costs next to nothing.
_HOMES = {
    "automask.errors": (
        "ArgumentError", "AutomaskError", "ImageError", "InDoubtError", "LedgerError", "ModelError",
        "NeedsReview", "NothingSelected", "OutputError", "PluginError", "PreflightError",
        "ProviderError", "RuleError", "SettingsError", "UnfinishedError", "UnreachableError",
    ),
    "automask.images": ("load",),
    "automask.pipeline": ("Result", "run"),
    "automask.selection": ("explain", "mask", "regions"),
    "automask.selector.build": ("rule",),
    "automask.selector.explain": ("Explanation",),
    "automask.selector.syntax": ("Rule",),
    "automask.submission": ("Submission", "submit"),
    "automask.types": ("Box", "Image", "Mask", "Region"),
}  # fmt: skip

__all__ = [
    "ArgumentError",
    "AutomaskError",
    "Box",
    "Explanation",
    "Image",
    "ImageError",
    "InDoubtError",
    "LedgerError",
    "Mask",
    "ModelError",
    "NeedsReview",
    "NothingSelected",
    "OutputError",
    "PluginError",
    "PreflightError",
    "ProviderError",
    "Region",
    "Result",
    "Rule",
    "RuleError",
    "SettingsError",
    "Submission",
    "UnfinishedError",
    "UnreachableError",
    "explain",
    "load",
    "mask",
    "regions",
    "rule",
    "run",
    "submit",
]


def __getattr__(name: str) -> Any:
    return lazy.found(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
