"""Masks as run lengths in the way of COCO: uncompressed counts, which pycocotools reads.

Source: the COCO API's mask format (github.com/cocodataset/cocoapi): the pixels are counted column
by column, runs of unselected and selected pixels in turn, unselected ones first.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from automask.types import Bits


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


def decode(content: dict[str, Any]) -> Bits:
    """The mask of that object, bool of shape (H, W)."""
    height, width = content["size"]
    counts = np.asarray(content["counts"], np.int64)
    if counts.sum() != height * width or (counts < 0).any():
        raise ValueError(f"its counts do not add up to {height} x {width} pixels")
    values = np.arange(len(counts)) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, counts).reshape(width, height).T)
