"""A mask as the service wants it: bare base64, 8 bits, exactly 0 and 255, white is repainted."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import numpy as np

from automask.errors import ImageError, PreflightError
from automask.images import encode
from automask.images.formats import header
from automask.lazy import cached_property
from automask.types import Bits

Kind: TypeAlias = Literal["webp", "png"]
SHOWN = 24  # characters of the base64 that a dry run shows
# What Midjourney itself advises for a region: a hint, nothing is refused for it.
ADVISED_SHARE = (0.20, 0.50)


@dataclass(frozen=True)
class Sent:
    """A mask ready to be sent.

    Parameters
    ----------
    data : bytes
        The encoded picture.
    kind : str
        "webp" or "png".
    width, height : int
        In pixels.
    coverage : float
        The share that is repainted, 0 to 1.
    """

    data: bytes = field(repr=False)
    kind: Kind
    width: int
    height: int
    coverage: float

    @cached_property
    def text(self) -> str:
        """Bare base64, without a prefix."""
        return base64.b64encode(self.data).decode("ascii")

    @property
    def shortened(self) -> str:
        """The beginning of `text` and how long it is, for people."""
        text = self.text
        return f"{text[:SHOWN]}... ({len(text)} characters)" if len(text) > SHOWN else text

    @property
    def sha256(self) -> str:
        """The hash of `data`, in hex."""
        return hashlib.sha256(self.data).hexdigest()

    def facts(self) -> dict[str, Any]:
        """What a dry run says of it."""
        return {
            "format": self.kind,
            "width": self.width,
            "height": self.height,
            "bytes": len(self.data),
            "coverage": round(self.coverage, 6),
            "sha256": self.sha256,
        }

    def notes(self) -> list[str]:
        """What the user may want to know of the mask."""
        low, high = ADVISED_SHARE
        if low <= self.coverage <= high:
            return []
        note = f"The mask covers {self.coverage:.1%}; Midjourney advises regions of about"
        return [f"{note} {low:.0%} to {high:.0%} of the picture."]


@lru_cache(maxsize=16)  # the check, the dry run and the submit of one job want the same
def prepared(mask: bytes, kind: Kind) -> Sent:
    """The mask of a job, encoded for the service and read back to be sure.

    Parameters
    ----------
    mask : bytes
        A PNG with two values: 0 keeps, 255 repaints.
    kind : "webp" or "png"
        Lossless WebP is smaller; PNG for a service that takes nothing else, or over 16383 pixels.

    Raises
    ------
    PreflightError
        If the mask cannot be read, selects nothing, or does not survive the encoding.
    """
    try:
        bits = encode.decode(mask)
    except ImageError as error:
        raise PreflightError(f"The mask cannot be used: {error}") from None
    if not bits.any():
        raise PreflightError("The mask selects nothing, so there is nothing to repaint.")
    data = _encoded(bits, kind)
    if not np.array_equal(encode.decode(data), bits):
        raise PreflightError("The encoded mask does not read back as it was made; not submitted.")
    share = int(np.count_nonzero(bits)) / bits.size
    return Sent(data, kind, bits.shape[1], bits.shape[0], share)


def _encoded(bits: Bits, kind: Kind) -> bytes:
    if kind == "webp":
        return encode.FORMATS["webp"].write(bits, {})
    # Not encode's own "png", which has 1 bit a pixel.
    return encode.encode_pixels(bits.view(np.uint8) * 255, ".png")


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height of the picture file `picture`, the right way up.

    Raises
    ------
    ImageError
        If it is no picture.
    """
    found = header(picture, "")
    turned = found.orientation >= 5
    return (found.height, found.width) if turned else (found.width, found.height)


def check_size(mask: tuple[int, int], parent: tuple[int, int]) -> None:
    """Refuse a mask whose (width, height) is not the parent's.

    Raises
    ------
    PreflightError
        The message tells a mask of another shape from one that only has to be scaled.
    """
    if mask == parent:
        return
    sizes = f"The mask is {mask[0]} x {mask[1]} pixels and the parent {parent[0]} x {parent[1]}"
    scale = parent[1] / mask[1]
    if abs(mask[0] * scale - parent[0]) > max(scale, 1):  # a pixel of the coarser one: rounding
        raise PreflightError(f"{sizes}: another shape; make the mask from the parent's picture.")
    raise PreflightError(f"{sizes}: scale it to exactly that, or make it from that very picture.")
