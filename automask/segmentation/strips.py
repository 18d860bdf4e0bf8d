"""A picture in strips of rows: work that needs many bytes a pixel stays small and in the cache."""

from __future__ import annotations

from collections.abc import Iterator

ROWS = 256


def strips(height: int, margin: int) -> Iterator[tuple[slice, slice, slice]]:
    """The rows of each strip, those with `margin` more around them, and the first in the second.

    >>> next(strips(1000, 5))
    (slice(0, 256, None), slice(0, 261, None), slice(0, 256, None))
    >>> [(rows.start, wider.start, inner.start) for rows, wider, inner in strips(600, 5)]
    [(0, 0, 0), (256, 251, 5), (512, 507, 5)]
    """
    for top in range(0, height, ROWS):
        bottom = min(top + ROWS, height)
        start = max(top - margin, 0)
        wider = slice(start, min(bottom + margin, height))
        yield slice(top, bottom), wider, slice(top - start, bottom - start)
