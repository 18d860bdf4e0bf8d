"""Writes boxes down the way a detector's networks do, cell by cell: the opposite of the decoders.

A thing is (x0, y0, x1, y1, class, score), in pixels of the network's square.
"""

import math

import numpy as np

SURELY_NOT = 0.001


def nanodet_outputs(things, strides, bins, shape=(416, 416)):
    """The scores and distances of every grid, in the order of the grids."""
    tables = []
    for stride in strides:
        rows, cells = (math.ceil(side_px / stride) for side_px in shape)
        scores = np.full((1, rows * cells, 80), SURELY_NOT, np.float32)
        distances = np.zeros((1, rows * cells, 4 * bins), np.float32)
        for x0, y0, x1, y1, number, score in things:
            if stride == finest_that_reaches(x0, y0, x1, y1, strides, bins):
                column, row = int((x0 + x1) / 2 / stride), int((y0 + y1) / 2 / stride)
                x, y = column * stride + stride / 2, row * stride + stride / 2
                scores[0, row * cells + column, number] = score
                reach = [x - x0, y - y0, x1 - x, y1 - y]
                distances[0, row * cells + column] = np.concatenate(
                    [between_bins(length / stride, bins) for length in reach]
                )
        tables += [scores, distances]
    return tables


def finest_that_reaches(x0, y0, x1, y1, strides, bins):
    longest = max(x1 - x0, y1 - y0) / 2
    return next(stride for stride in strides if longest + stride / 2 < (bins - 1) * stride)


def between_bins(value, bins):
    """Logarithms of a distribution over 0, 1, 2 ... with the mean `value`, on two neighbours."""
    low = int(value)
    logarithms = np.full(bins, -30.0)
    logarithms[low] = math.log(1 - (value - low) + 1e-9)
    if low + 1 < bins:
        logarithms[low + 1] = math.log(value - low + 1e-9)
    return logarithms + 3.0  # a constant changes nothing


def yolox_output(things, side_px=640):
    """The table of all cells of the three grids, of shape (1, 8400, 85)."""
    rows = []
    for stride in (8, 16, 32):
        cells = side_px // stride
        table = np.zeros((cells, cells, 85), np.float32)
        for x0, y0, x1, y1, number, score in things:
            if stride == 16:
                x, y = (x0 + x1) / 2, (y0 + y1) / 2
                cell = table[int(y / stride), int(x / stride)]
                cell[:2] = x / stride - int(x / stride), y / stride - int(y / stride)
                cell[2:4] = math.log((x1 - x0) / stride), math.log((y1 - y0) / stride)
                cell[4], cell[5 + number] = 0.9, score / 0.9
        rows.append(table.reshape(-1, 85))
    return np.concatenate(rows)[None]
