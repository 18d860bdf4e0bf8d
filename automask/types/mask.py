"""What a rule selected in one image."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automask.errors import ArgumentError
from automask.lazy import cached_property
from automask.types.arrays import Bits, read_only
from automask.types.box import Box, bounding_box


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
