"""Between regions and masks: union, split, crops with room around them, overlap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from automask.maskops.tables import look_up
from automask.types import Bits, Box, Region, bounding_box

PAINT_PX = 5000  # painting one region takes as long as looking up so many pixels


def union(regions: Sequence[Region], shape: tuple[int, int]) -> Bits:
    """Every pixel that is in one of `regions`, bool of shape (H, W).

    >>> import numpy as np
    >>> region = Region(np.ones((1, 2), bool), Box(1, 0, 3, 1))
    >>> union([region], (2, 4)).astype(int).tolist()
    [[0, 1, 1, 0], [0, 0, 0, 0]]
    """
    result = np.zeros(shape, bool)
    for _, together in groupby(regions, key=_label_image):
        _add(list(together), result)
    return result


def _label_image(region: Region) -> int:
    """The identity of the label image that `region` is a part of; 0 if it is none."""
    return 0 if region.labels is None else id(region.labels)


def _add(regions: list[Region], result: Bits) -> None:
    """Add to `result` regions that are all parts of one label image, or none of any."""
    labels, around = regions[0].labels, box_around(regions)
    if labels is None or sum(r.box.area + PAINT_PX for r in regions) < around.area:
        for region in regions:
            result[region.box.slices] |= region.mask
        return
    seen = labels[around.slices]
    table = np.zeros(int(seen.max()) + 1, bool)
    table[[region.value for region in regions]] = True
    result[around.slices] |= look_up(table, seen)


def box_around(regions: Sequence[Region]) -> Box:
    """The smallest box around `regions`; of no area where there are none."""
    if not regions:
        return Box(0, 0, 0, 0)
    x0, y0, x1, y1 = zip(*(region.box for region in regions), strict=True)
    return Box(min(x0), min(y0), max(x1), max(y1))


def split(mask: Bits, *, label: str = "", source: str = "") -> list[Region]:
    """The 8-connected parts of `mask`, in reading order.

    >>> import numpy as np
    >>> mask = np.array([[1, 0, 0, 1, 1], [1, 0, 0, 0, 0]], bool)
    >>> [tuple(part.box) for part in split(mask)]
    [(0, 0, 1, 2), (3, 0, 5, 1)]
    """
    import cv2

    if not mask.size:  # OpenCV would end the process
        return []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(mask).view(np.uint8), connectivity=8
    )
    labels = _narrowed(labels, len(stats))
    order = np.lexsort((stats[1:, cv2.CC_STAT_LEFT], stats[1:, cv2.CC_STAT_TOP])) + 1
    return [
        Region.labelled(labels, i, Box(x, y, x + w, y + h), area, label=label, source=source)
        for i, (x, y, w, h, area) in zip(order.tolist(), stats[order].tolist(), strict=True)
    ]


def count(mask: Bits, box: Box | None = None) -> int:
    """How many 8-connected parts `mask` has: at most a seventh of the time of `split`.

    Who knows its bounding `box` gives it.

    >>> import numpy as np
    >>> count(np.array([[1, 0, 0, 1, 1], [1, 0, 0, 0, 0]], bool))
    2
    """
    import cv2

    box = box or bounding_box(mask)  # a tenth of the time of labelling all, and then not all is
    if box is None:
        return 0
    seen = np.ascontiguousarray(mask[box.slices]).view(np.uint8)
    if not seen.size:  # OpenCV would end the process
        return 0
    return cv2.connectedComponents(seen, connectivity=8)[0] - 1


def _narrowed(labels: NDArray[np.int32], count: int) -> NDArray[np.int32] | NDArray[np.uint16]:
    """Labels in two bytes where they fit: a label image is kept as long as its regions are."""
    return labels.astype(np.uint16) if count < 65536 else labels


def padded(region: Region, margin_px: int, shape: tuple[int, int]) -> tuple[Bits, tuple[int, int]]:
    """The mask of `region` with room around it, and the place of its top left pixel as (x, y).

    Parameters
    ----------
    region : Region
    margin_px : int
        Pixels on each side; fewer where the image, of shape (H, W), ends before.
    shape : (H, W)

    >>> import numpy as np
    >>> region = Region(np.ones((1, 2), bool), Box(1, 0, 3, 1))
    >>> mask, place = padded(region, 1, (2, 9))
    >>> mask.astype(int).tolist(), place
    ([[0, 1, 1, 0], [0, 0, 0, 0]], (0, 0))
    """
    box = region.box
    outer = box.padded(margin_px, shape)
    result = np.zeros((outer.height, outer.width), bool)
    y, x = box.y0 - outer.y0, box.x0 - outer.x0
    result[y : y + box.height, x : x + box.width] = region.mask
    return result, (outer.x0, outer.y0)


def is_share(part_px: int, whole_px: int, share: float) -> bool:
    """Whether `part_px` is at least a `share` of `whole_px`, and at least one.

    >>> is_share(7, 100, 0.07), is_share(0, 100, 0.0)
    (True, False)
    """
    # 0.07 * 100 is a little over 7 in binary.
    return part_px > 0 and part_px >= share * whole_px * (1 - 1e-12)


def lying_in(regions: Sequence[Region], pixels: Bits, share: float) -> list[Region]:
    """The regions with at least a `share` of their pixels, and at least one, among `pixels`.

    Parameters
    ----------
    regions : sequence of Region
    pixels : bool ndarray of shape (H, W)
    share : float
        0 to 1.

    >>> import numpy as np
    >>> region = Region(np.ones((1, 2), bool), Box(1, 0, 3, 1))
    >>> [len(lying_in([region], np.array([[0, 0, 1, 1]], bool), s)) for s in (0.5, 0.6)]
    [1, 0]
    """

    def is_in(region: Region) -> bool:
        common = np.count_nonzero(region.mask & pixels[region.box.slices])
        return is_share(int(common), region.area, share)

    return [region for region in regions if is_in(region)]


def shared_px(a: Region, b: Region) -> int:
    """How many pixels two regions have in common."""
    common = a.box.overlap(b.box)
    if not common.area:
        return 0
    masks = [
        r.mask[
            common.y0 - r.box.y0 : common.y1 - r.box.y0, common.x0 - r.box.x0 : common.x1 - r.box.x0
        ]
        for r in (a, b)
    ]
    return int(np.count_nonzero(masks[0] & masks[1]))


def meeting(box: Box, boxes: NDArray[np.int64]) -> list[int]:
    """Which of `boxes`, of shape (n, 4), have a pixel in common with `box`."""
    x0, y0, x1, y1 = boxes.T
    meets = (x0 < box.x1) & (box.x0 < x1) & (y0 < box.y1) & (box.y0 < y1)
    found: list[int] = np.flatnonzero(meets).tolist()
    return found


def iou(a: Bits, b: Bits) -> float:
    """Intersection over union of two masks of one shape; 1.0 when both are empty.

    >>> import numpy as np
    >>> iou(np.array([[1, 1, 0]], bool), np.array([[0, 1, 1]], bool))
    0.3333333333333333
    """
    either = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / either if either else 1.0
