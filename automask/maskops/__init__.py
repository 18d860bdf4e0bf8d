"""Pure functions on masks: union, split, grow, fill, hull, measures.

Masks are bool arrays of shape (H, W); nothing here writes to what it is given. A function that
looks around a pixel says how much room a crop needs for it; `padded` gives that room.
"""

from __future__ import annotations

from automask.maskops.measures import (
    circularity,
    distances_px,
    hull,
    oval,
    perimeter_px,
    solidity,
)
from automask.maskops.morphology import close, grow, open_, outline, shrink
from automask.maskops.parts import despeckle, fill, swept
from automask.maskops.regions import (
    box_around,
    count,
    iou,
    is_share,
    lying_in,
    meeting,
    padded,
    shared_px,
    split,
    union,
)
from automask.maskops.smooth import smooth

__all__ = [
    "box_around",
    "circularity",
    "close",
    "count",
    "despeckle",
    "distances_px",
    "fill",
    "grow",
    "hull",
    "iou",
    "is_share",
    "lying_in",
    "meeting",
    "open_",
    "outline",
    "oval",
    "padded",
    "perimeter_px",
    "shared_px",
    "shrink",
    "smooth",
    "solidity",
    "split",
    "swept",
    "union",
]
