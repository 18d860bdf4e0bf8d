"""What tests of plugins and of clients need: the contracts to inherit, and a stand-in service.

`StrategyContract`, `FilterContract` and `ProviderContract` are inherited by a plugin's tests (see
`automask.testing.contracts` and `.providers`); `pictures`, `check_regions` and `check_pixels` are
for tests of your own.
`Sandbox` serves the paid API on this machine (see `automask.testing.sandbox`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automask import lazy

if TYPE_CHECKING:
    from automask.testing.contracts import (
        PICTURE_FILES,
        SOURCES,
        DescribedContract,
        FilterContract,
        StrategyContract,
    )
    from automask.testing.images import pictures
    from automask.testing.providers import ProviderContract
    from automask.testing.regions import check_pixels, check_regions, same_regions
    from automask.testing.sandbox import Sandbox

# Imported when first used: whoever runs the sandbox needs no rule language, and the other way.
_HOMES = {
    "automask.testing.contracts": (
        "PICTURE_FILES", "SOURCES", "DescribedContract", "FilterContract", "StrategyContract",
    ),
    "automask.testing.images": ("pictures",),
    "automask.testing.providers": ("ProviderContract",),
    "automask.testing.regions": ("check_pixels", "check_regions", "same_regions"),
    "automask.testing.sandbox": ("Sandbox",),
}  # fmt: skip

__all__ = [
    "PICTURE_FILES",
    "SOURCES",
    "DescribedContract",
    "FilterContract",
    "ProviderContract",
    "Sandbox",
    "StrategyContract",
    "check_pixels",
    "check_regions",
    "pictures",
    "same_regions",
]


def __getattr__(name: str) -> Any:
    return lazy.found(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
