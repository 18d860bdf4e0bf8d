"""Look-up tables over whole images, a strip at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

STRIP_PX = 1 << 18  # numpy makes eight-byte indexes of what it looks up: so many at a time


def look_up(table: NDArray[Any], index: NDArray[Any]) -> NDArray[Any]:
    """The entry of `table` for each element of `index`, of shape (H, W): an array of that shape.

    >>> import numpy as np
    >>> look_up(np.array([False, True]), np.array([[0, 1, 1]])).tolist()
    [[False, True, True]]
    """
    result = np.empty(index.shape, table.dtype)
    rows = max(1, STRIP_PX // max(1, index.shape[1]))
    for top in range(0, index.shape[0], rows):
        result[top : top + rows] = table.take(index[top : top + rows])
    return result
