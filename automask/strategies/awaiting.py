"""Names of the language whose models are not part of this version.

Rules that use them parse, print and are checked, so that a rule written today stays a rule; only
evaluating one fails, with a sentence that says what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from automask.errors import ModelError
from automask.kinds import Share
from automask.strategies.base import Strategy
from automask.types import Image, Region


@dataclass(frozen=True)
class Awaiting(Strategy):
    """A strategy that needs a model which this version cannot run yet."""

    def find(self, image: Image) -> list[Region]:  # noqa: ARG002
        """Raise `ModelError`, which says what is missing and what works instead."""
        raise ModelError(
            f"{self.name} needs {self.needs}, which this version of automask does not have yet; "
            "use a strategy that works without a model (`automask strategies` lists them) or a "
            "plugin."
        )


@dataclass(frozen=True)
class _Detector(Awaiting):
    score: Share | None = None
    model: str | None = None
