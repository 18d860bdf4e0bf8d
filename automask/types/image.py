"""One picture in memory."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from automask.errors import ArgumentError
from automask.types.arrays import Pixels, read_only

T = TypeVar("T")


@dataclass(eq=False)
class Image:
    """One picture in memory: uint8 RGB of shape (H, W, 3), read-only.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
    alpha : uint8 ndarray of shape (H, W), optional
        255 = opaque.
    source : str
        Where it came from: a path, an address, "-", or "" for an array.
    orientation : int
        The EXIF orientation (1 to 8) that was applied to get `rgb`.
    digest : str
        sha256 of the file's bytes, in hex; computed from the pixels when it is not given.
    """

    rgb: Pixels
    alpha: Pixels | None = None
    source: str = ""
    orientation: int = 1
    digest: str = ""
    _memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        if self.rgb.ndim != 3 or self.rgb.shape[2] != 3 or self.rgb.dtype != np.uint8:
            raise ArgumentError(
                f"An image array is uint8 RGB of shape (H, W, 3), not {self.rgb.dtype} of shape "
                f"{self.rgb.shape}; convert it first."
            )
        if not self.rgb.size:
            raise ArgumentError(f"An image array of shape {self.rgb.shape} has no pixels.")
        alpha = self.alpha
        if alpha is not None and (alpha.dtype != np.uint8 or alpha.shape != self.shape):
            raise ArgumentError(
                f"The alpha of an image of shape {self.shape} is uint8 of that shape, not "
                f"{alpha.dtype} of shape {alpha.shape}."
            )
        self.rgb = read_only(self.rgb)
        self.alpha = None if alpha is None else read_only(alpha)

    def __reduce__(self) -> tuple[type[Image], tuple[Any, ...]]:
        """What a copy in another process has: the picture, and not what was derived from it."""
        return type(self), (self.rgb, self.alpha, self.source, self.orientation, self.digest)

    @property
    def height(self) -> int:
        """Rows, in pixels."""
        return int(self.rgb.shape[0])

    @property
    def width(self) -> int:
        """Columns, in pixels."""
        return int(self.rgb.shape[1])

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.rgb.shape[0], self.rgb.shape[1]

    @property
    def shorter(self) -> int:
        """The shorter side in pixels: what a "%" of a length is of."""
        return min(self.shape)

    @property
    def gray(self) -> Pixels:
        """The luma of BT.601, uint8 of shape (H, W)."""
        return self._converted("COLOR_RGB2GRAY")

    @property
    def lab(self) -> Pixels:
        """CIELAB (D65) in OpenCV's 8 bits: L * 255 / 100, a + 128, b + 128; shape (H, W, 3)."""
        return self._converted("COLOR_RGB2LAB")

    @property
    def sha256(self) -> str:
        """The hash that stands for this picture in records, in hex."""
        if not self.digest:
            shape = repr(self.rgb.shape).encode()
            self.digest = hashlib.sha256(shape + np.ascontiguousarray(self.rgb).data).hexdigest()
        return self.digest

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What `compute` gave the first time it was asked for under `key` on this image."""
        with self._lock:
            if key not in self._memo:
                self._memo[key] = compute()
            result: T = self._memo[key]
            return result

    def reduced(self, long_side_px: int) -> Pixels:
        """RGB whose longer side is at most `long_side_px`, averaged; the image's own if smaller."""
        return self.once(("reduced", long_side_px), lambda: self._reduce(long_side_px))

    def _reduce(self, long_side_px: int) -> Pixels:
        import cv2

        scale = long_side_px / max(self.shape)
        if scale >= 1:
            return self.rgb
        size = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        return read_only(cv2.resize(self.rgb, size, interpolation=cv2.INTER_AREA))

    def _converted(self, code: str) -> Pixels:
        import cv2

        return self.once(code, lambda: read_only(cv2.cvtColor(self.rgb, getattr(cv2, code))))
