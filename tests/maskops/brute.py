"""What masks should become, written down so plainly that it needs no test of its own."""

from collections import deque

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

FOUR = [(0, 1), (0, -1), (1, 0), (-1, 0)]
EIGHT = [*FOUR, (1, 1), (1, -1), (-1, 1), (-1, -1)]


def masks(most=(13, 17), least=(1, 1)):
    """Random masks, hardly ever square, from sparse to full."""
    shapes = st.tuples(st.integers(least[0], most[0]), st.integers(least[1], most[1]))
    dense = shapes.flatmap(lambda shape: arrays(bool, shape))
    blocks = dense.map(lambda m: m.repeat(3, 0).repeat(2, 1)[: most[0], : most[1]])
    return dense | blocks


def art(text):
    """The mask that a drawing shows: # is selected."""
    return np.array([[c == "#" for c in line] for line in text.split()])


def drawn(mask):
    """The drawing of a mask."""
    return ["".join(".#"[int(v)] for v in row) for row in mask]


def near(mask, radius_px):
    """Every pixel whose centre is at most so far from that of a pixel of `mask`."""
    ys, xs = np.nonzero(mask)
    down, across = np.indices(mask.shape)
    result = np.zeros(mask.shape, bool)
    for y, x in zip(ys, xs, strict=True):
        result |= (down - y) ** 2 + (across - x) ** 2 <= radius_px**2
    return result


def parts(mask, steps):
    """The connected parts of a mask, each a list of (y, x)."""
    left = {(int(y), int(x)) for y, x in zip(*np.nonzero(mask), strict=True)}
    found = []
    while left:
        queue, part = deque([min(left)]), []
        left.remove(queue[0])
        while queue:
            y, x = queue.popleft()
            part.append((y, x))
            for dy, dx in steps:
                if (y + dy, x + dx) in left:
                    left.remove((y + dy, x + dx))
                    queue.append((y + dy, x + dx))
        found.append(part)
    return found


def hull(mask):
    """Every pixel that no line through two pixels of `mask` separates from all of them."""
    points = np.argwhere(mask)
    down, across = np.indices(mask.shape)
    low, high = points.min(0), points.max(0)
    inside = (down >= low[0]) & (down <= high[0]) & (across >= low[1]) & (across <= high[1])
    for a in points:
        for b in points:
            (dy, dx) = b - a
            sides = dx * (points[:, 0] - a[0]) - dy * (points[:, 1] - a[1])
            if (sides >= 0).all():
                inside &= dx * (down - a[0]) - dy * (across - a[1]) >= 0
    return inside
