"""Pure functions on masks: union, split, grow, fill, iou.

Masks are bool arrays of shape (H, W); nothing here writes to what it is given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automask.types import Bits, Box, Region


def union(regions: Sequence[Region], shape: tuple[int, int]) -> Bits:
    """Every pixel that is in one of `regions`, bool of shape (H, W).

    >>> import numpy as np
    >>> region = Region(np.ones((1, 2), bool), Box(1, 0, 3, 1))
    >>> union([region], (2, 4)).astype(int).tolist()
    [[0, 1, 1, 0], [0, 0, 0, 0]]
    """
    result = np.zeros(shape, bool)
    for region in regions:
        result[region.box.slices] |= region.mask
    return result


def split(mask: Bits, *, label: str = "", source: str = "") -> list[Region]:
    """The 8-connected parts of `mask`, in reading order.

    >>> import numpy as np
    >>> mask = np.array([[1, 0, 0, 1, 1], [1, 0, 0, 0, 0]], bool)
    >>> [tuple(part.box) for part in split(mask)]
    [(0, 0, 1, 2), (3, 0, 5, 1)]
    """
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(mask).view(np.uint8), connectivity=8
    )
    labels = _narrowed(labels, len(stats))
    order = np.lexsort((stats[1:, cv2.CC_STAT_LEFT], stats[1:, cv2.CC_STAT_TOP])) + 1
    return [
        Region.labelled(labels, i, Box(x, y, x + w, y + h), area, label=label, source=source)
        for i, (x, y, w, h, area) in zip(order.tolist(), stats[order].tolist(), strict=True)
    ]


def _narrowed(labels: NDArray[np.int32], count: int) -> NDArray[np.int32] | NDArray[np.uint16]:
    """Labels in two bytes where they fit: a label image is kept as long as its regions are."""
    return labels.astype(np.uint16) if count < 65536 else labels


def iou(a: Bits, b: Bits) -> float:
    """Intersection over union of two masks of one shape; 1.0 when both are empty.

    >>> import numpy as np
    >>> iou(np.array([[1, 1, 0]], bool), np.array([[0, 1, 1]], bool))
    0.3333333333333333
    """
    either = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / either if either else 1.0
