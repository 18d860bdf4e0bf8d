"""The pictures of the sandbox: each is a recipe, drawn when somebody downloads it."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automask.testing.sandbox import repaint
from automask.types import Bits, Pixels

KEPT_BYTES = 128_000_000  # of drawn and encoded pictures; what is dropped is drawn again


@dataclass(frozen=True)
class Picture:
    """A picture to be drawn.

    Parameters
    ----------
    key : str
        The same key, the same pixels.
    size : (W, H)
    draw : callable
        Gives uint8 RGB of shape (H, W, 3); is handed the studio, which has the pictures before.
    """

    key: str
    size: tuple[int, int]
    draw: Callable[[Studio], Pixels] = field(repr=False, compare=False)


@dataclass
class Studio:
    """Draws and encodes pictures, and keeps the last of them; safe for several threads."""

    kept_bytes: int = KEPT_BYTES
    kept: OrderedDict[str, Any] = field(default_factory=OrderedDict, repr=False)
    held_bytes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def pixels(self, picture: Picture) -> Pixels:
        """The picture, uint8 RGB of shape (H, W, 3)."""
        drawn: Pixels = self.once(f"pixels {picture.key}", lambda: picture.draw(self))
        return drawn

    def png(self, picture: Picture) -> bytes:
        """The picture as the bytes of a PNG."""
        made: bytes = self.once(f"png {picture.key}", lambda: repaint.png(self.pixels(picture)))
        return made

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, kept for the next who asks; two at a time may both make it."""
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
                return self.kept[key]
        made = make()
        with self.lock:
            if key not in self.kept:
                self.kept[key] = made
                self.held_bytes += _bytes(made)
            while self.held_bytes > self.kept_bytes and len(self.kept) > 1:
                self.held_bytes -= _bytes(self.kept.popitem(last=False)[1])
        return made


def _bytes(value: Any) -> int:
    return int(value.nbytes) if isinstance(value, np.ndarray) else len(value)


def given(rgb: Pixels) -> Picture:
    """A picture that somebody brought."""
    height, width = rgb.shape[:2]
    return Picture(f"given({_digest(rgb.tobytes())})", (width, height), lambda _: rgb)


def imagined(prompt: str, variant: int, size: tuple[int, int]) -> Picture:
    """A picture that the sandbox makes up; the same words and number, the same picture."""
    key = _digest(f"{size} {variant} {prompt}".encode())
    return Picture(f"imagined({key})", size, lambda _: repaint.imagined(key, size))


def varied(source: Picture, variant: int) -> Picture:
    """`source` under a light of another colour."""
    key = f"varied({source.key},{variant})"

    def draw(studio: Studio) -> Pixels:
        rgb = studio.pixels(source)
        everywhere = np.ones(rgb.shape[:2], np.bool_)
        return repaint.tinted(rgb, everywhere, repaint.colour(key), 0.15)

    return Picture(key, source.size, draw)


def repainted(source: Picture, mask: Bits, prompt: str, variant: int) -> Picture:
    """`source` with what `mask` selects repainted: filled from around it, and visibly tinted."""
    hole = _digest(np.packbits(mask).tobytes())
    key = f"repainted({source.key},{hole},{_digest(prompt.encode())},{variant})"

    def draw(studio: Studio) -> Pixels:
        rgb = studio.pixels(source)
        filled = studio.once(f"filled({source.key},{hole})", lambda: repaint.filled(rgb, mask))
        return repaint.tinted(filled, mask, repaint.colour(f"{prompt} {variant}"))

    return Picture(key, source.size, draw)


def grid(parts: tuple[Picture, ...]) -> Picture:
    """Four pictures in two rows of two; one picture alone is itself."""
    if len(parts) == 1:
        return parts[0]
    width, height = parts[0].size

    def draw(studio: Studio) -> Pixels:
        a, b, c, d = (studio.pixels(part) for part in parts)
        return np.concatenate([np.concatenate([a, b], axis=1), np.concatenate([c, d], axis=1)])

    return Picture(f"grid({','.join(p.key for p in parts)})", (2 * width, 2 * height), draw)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]
