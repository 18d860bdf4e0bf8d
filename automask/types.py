"""Image, Box, Region, Mask: what automask computes with, its conventions stated once.

* An image is uint8 RGB of shape (H, W, 3), already the right way up, and is never written to.
* A mask is a bool array of shape (H, W), True = selected. 0/255, BGR and bytes exist at the edges.
* A box is (x0, y0, x1, y1) in pixels, half-open, the origin at the top left.
* A region is the part of a mask inside its own box, with a label, a score and its source.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from automask.errors import ArgumentError
from automask.lazy import cached_property

Pixels: TypeAlias = NDArray[np.uint8]
Bits: TypeAlias = NDArray[np.bool_]
T = TypeVar("T")


class Box(NamedTuple):
    """A rectangle of pixels, half-open: columns x0 to x1 - 1, rows y0 to y1 - 1.

    >>> box = Box(10, 20, 40, 30)
    >>> box.width, box.height, box.area, box.centre
    (30, 10, 300, (25.0, 25.0))
    """

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Columns, in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Rows, in pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> int:
        """Pixels in the box."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box as (x, y)."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def slices(self) -> tuple[slice, slice]:
        """The index of the box in an array of shape (H, W, ...)."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def clipped(self, shape: tuple[int, int]) -> Box:
        """The part of the box inside an image of shape (H, W); of no area if outside."""
        x0, y0 = min(max(self.x0, 0), shape[1]), min(max(self.y0, 0), shape[0])
        x1, y1 = min(max(self.x1, x0), shape[1]), min(max(self.y1, y0), shape[0])
        return Box(x0, y0, x1, y1)

    def padded(self, margin_px: int, shape: tuple[int, int]) -> Box:
        """The box with `margin_px` more on each side, inside an image of shape (H, W)."""
        x0, y0, x1, y1 = self
        return Box(x0 - margin_px, y0 - margin_px, x1 + margin_px, y1 + margin_px).clipped(shape)

    def overlap(self, other: Box) -> Box:
        """The common part of two boxes; of no area where they are apart."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Box(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))


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


class Region:
    """A part of an image: a mask crop and its place, a label, a score and what found it.

    The box is exactly as large as the selected pixels need; a region has at least one.

    Parameters
    ----------
    mask : bool ndarray of shape (box.height, box.width)
    box : Box
        Where the crop lies in the image.
    label : str
        What it is, in words; the name of the strategy when it knows no more.
    score : float
        How sure the source is, 0 to 1.
    source : str
        The strategy that found it.

    Notes
    -----
    Use `Region.of` for a mask that may be larger than its pixels need, or empty, and
    `Region.labelled` for the parts of a label image: those cut their mask when it is asked for,
    and keep that image as `labels` (None for other regions) with their own number as `value`.
    """

    __slots__ = ("_area", "_mask", "box", "label", "labels", "score", "source", "value")

    def __init__(
        self,
        mask: Bits | None,
        box: Box,
        label: str = "",
        score: float = 1.0,
        source: str = "",
        *,
        area: int | None = None,
    ) -> None:
        self._mask = None if mask is None else read_only(mask)
        self.labels: NDArray[Any] | None = None
        self.value = 0
        self._area = area
        self.box = box
        self.label = label
        self.score = score
        self.source = source

    @classmethod
    def of(
        cls,
        mask: Bits,
        offset: tuple[int, int] = (0, 0),
        *,
        label: str = "",
        score: float = 1.0,
        source: str = "",
    ) -> list[Region]:
        """A list with the region of `mask`, trimmed to its pixels; an empty list if it has none.

        Parameters
        ----------
        mask : bool ndarray of shape (h, w)
        offset : (x, y)
            Where the crop's top left pixel lies in the image.
        """
        box = bounding_box(mask)
        if box is None:
            return []
        x, y = offset
        placed = Box(box.x0 + x, box.y0 + y, box.x1 + x, box.y1 + y)
        return [cls(mask[box.slices], placed, label, score, source)]

    @classmethod
    def labelled(
        cls, labels: NDArray[Any], value: int, box: Box, area: int, *, label: str, source: str
    ) -> Region:
        """The region of the pixels of `labels`, of shape (H, W), that equal `value`."""
        region = cls(None, box, label, 1.0, source, area=area)
        region.labels, region.value = labels, value
        return region

    @property
    def mask(self) -> Bits:
        """The selected pixels inside the box: read-only bool of shape (box.height, box.width)."""
        if self._mask is None:
            assert self.labels is not None  # noqa: S101  (one of the two is always there)
            self._mask = read_only(self.labels[self.box.slices] == self.value)
        return self._mask

    @property
    def area(self) -> int:
        """Selected pixels."""
        if self._area is None:
            self._area = int(np.count_nonzero(self.mask))
        return self._area

    @property
    def centroid(self) -> tuple[float, float]:
        """The mean place of the selected pixels as (x, y); pixel centres lie at halves."""
        mask = self.mask
        across, down = mask.sum(0), mask.sum(1)
        x = float(across @ np.arange(mask.shape[1])) / self.area
        y = float(down @ np.arange(mask.shape[0])) / self.area
        return self.box.x0 + x + 0.5, self.box.y0 + y + 0.5

    def reshaped(self, mask: Bits, offset: tuple[int, int]) -> list[Region]:
        """The region with another mask (see `Region.of`): label, score and source stay."""
        return Region.of(mask, offset, label=self.label, score=self.score, source=self.source)

    def __reduce__(self) -> tuple[type[Region], tuple[Any, ...]]:
        return type(self), (self.mask, self.box, self.label, self.score, self.source)

    def __repr__(self) -> str:
        return (
            f"Region({self.label!r}, score={self.score:.3g}, box={tuple(self.box)}, "
            f"area={self.area}, source={self.source!r})"
        )


@dataclass(frozen=True, eq=False)
class Mask:
    """What a rule selected in one image.

    Parameters
    ----------
    array : bool ndarray of shape (H, W)
        True = selected; read-only.
    rule : str
        The rule in canonical form.
    models : tuple of str
        "name sha256" of each model that took part.
    source : str
        Where the image came from.
    source_sha256 : str
        The hash of the image's bytes, in hex.
    orientation : int
        The EXIF orientation of the source file, applied before masking.
    """

    array: Bits
    rule: str = ""
    models: tuple[str, ...] = ()
    source: str = ""
    source_sha256: str = ""
    orientation: int = 1

    def __post_init__(self) -> None:
        if self.array.ndim != 2 or self.array.dtype != np.bool_:
            raise ArgumentError(
                f"A mask array is bool of shape (H, W), not {self.array.dtype} of shape "
                f"{self.array.shape}; compare it with a threshold first."
            )
        object.__setattr__(self, "array", read_only(self.array))

    def __reduce__(self) -> tuple[type[Mask], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, part.name) for part in fields(self))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        array = self.array if dtype is None else self.array.astype(dtype)
        return array.copy() if copy else array

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.array.shape[0], self.array.shape[1]

    @cached_property
    def area(self) -> int:
        """Selected pixels."""
        return int(np.count_nonzero(self.array))

    @property
    def coverage(self) -> float:
        """The selected share of the image, 0 to 1."""
        return self.area / self.array.size

    @cached_property
    def box(self) -> Box | None:
        """The box of the selected pixels, None when there are none."""
        return bounding_box(self.array)


def bounding_box(mask: Bits) -> Box | None:
    """The smallest box around the True pixels of `mask`, bool of shape (H, W); None if empty.

    >>> import numpy as np
    >>> mask = np.zeros((4, 7), bool); mask[1:3, 2:6] = True
    >>> bounding_box(mask)
    Box(x0=2, y0=1, x1=6, y1=3)
    """
    import cv2

    if not mask.size:
        return None
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(mask).view(np.uint8))
    return Box(x, y, x + width, y + height) if width and height else None


def reading_order(regions: Sequence[Region]) -> list[Region]:
    """`regions` by the top of the box, then its left, then the higher score."""
    return sorted(regions, key=lambda r: (r.box.y0, r.box.x0, -r.score))


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """`array`, or a view of it that cannot be written to."""
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array
