"""Masks as run lengths in the way of COCO: uncompressed counts, which pycocotools reads.

Source: the COCO API's mask format (github.com/cocodataset/cocoapi): the pixels are counted column
by column, runs of unselected and selected pixels in turn, unselected ones first.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from automask.types import Bits, Box


def encode(mask: Bits) -> bytes:
    """The JSON object {"size": [height, width], "counts": [...]}.

    >>> import numpy as np
    >>> encode(np.array([[0, 1, 1], [0, 0, 1]], bool))
    b'{"size":[2,3],"counts":[2,1,1,2]}'
    """
    flat = np.ascontiguousarray(mask.T).ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    edges = np.concatenate([[0], changes, [flat.size]])
    counts = np.diff(edges).tolist()
    if flat[0]:
        counts.insert(0, 0)
    return json.dumps({"size": list(mask.shape), "counts": counts}, separators=(",", ":")).encode()


def counts(crop: Bits, box: Box, shape: tuple[int, int]) -> list[int]:
    """The run lengths of a mask of `shape` that is `crop` in `box` and empty elsewhere.

    >>> import numpy as np
    >>> counts(np.array([[1, 1]], bool), Box(1, 0, 3, 1), (2, 3))
    [2, 1, 1, 1, 1]
    """
    margin = np.pad(crop, ((1, 1), (0, 0))).view(np.int8)  # so that no run goes on in a column
    change = np.diff(margin, axis=0).T
    starts, ends = (_places(change == sign, box, shape[0]) for sign in (1, -1))
    goes_on = starts[1:] == ends[:-1]  # but it does where the box is as high as the picture
    starts, ends = starts[np.r_[True, ~goes_on]], ends[np.r_[~goes_on, True]]
    edges = np.r_[0, np.column_stack([starts, ends]).ravel(), shape[0] * shape[1]]
    found: list[int] = np.diff(edges).tolist()
    return found if found[-1] else found[:-1]


def _places(change: Bits, box: Box, height: int) -> np.ndarray[Any, Any]:
    """Where columns of a box change, as numbers of pixels down the columns of the picture."""
    x, y = np.nonzero(change)
    return (x + box.x0) * height + y + box.y0


def decode(content: dict[str, Any]) -> Bits:
    """The mask of that object, bool of shape (H, W)."""
    height, width = content["size"]
    counts = np.asarray(content["counts"], np.int64)
    if counts.sum() != height * width or (counts < 0).any():
        raise ValueError(f"its counts do not add up to {height} x {width} pixels")
    values = np.arange(len(counts)) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, counts).reshape(width, height).T)
