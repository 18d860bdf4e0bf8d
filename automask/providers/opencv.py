"""Repaint on this machine with OpenCV: free, offline, no model; it removes and never invents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from automask.inpaint import fill
from automask.providers.base import PROVIDERS
from automask.providers.local import Local
from automask.types import Bits, Pixels


@PROVIDERS.register("opencv")
@dataclass(frozen=True)
class OpenCv(Local):
    """Remove what is masked by continuing its surroundings; local, free, ignores the prompt."""

    method: Literal["auto", "telea", "ns", "patch"] = "auto"

    def filled(self, rgb: Pixels, mask: Bits) -> Pixels:
        """`rgb` with what `mask` selects filled by the method."""
        return fill(rgb, mask, self.method)
