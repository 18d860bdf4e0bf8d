"""A stage for filters: drawings as regions, lists of regions in place of rules."""

import numpy as np

from automask.types import Image, Region
from tests.maskops import brute


class Stage:
    """A scene whose rules are lists of regions."""

    def __init__(self, height, width, rgb=None):
        self.image = Image(np.zeros((height, width, 3), np.uint8) if rgb is None else rgb)
        self.asked = 0

    def regions(self, rule):
        self.asked += 1
        return rule

    def pixels(self, rule):
        self.asked += 1
        return whole(rule, self.image.shape)


def whole(regions, shape):
    """The pixels of `regions`, painted one by one."""
    result = np.zeros(shape, bool)
    for region in regions:
        result[region.box.slices] |= region.mask
    return result


def scene(text):
    """The stage that a drawing sets, and a region for each letter in it, in alphabetical order.

    The label of a region is its letter; "." is empty.
    """
    rows = text.split()
    letters = sorted(set("".join(rows)) - {"."})
    plane = np.array([list(row) for row in rows])
    found = [part for letter in letters for part in Region.of(plane == letter, label=letter)]
    return Stage(*plane.shape), found


def kept(step, text):
    """The letters of the regions that a filter keeps of a drawing, in its order."""
    stage, regions = scene(text)
    return "".join(region.label for region in step.apply(regions, stage))


def changed(step, text):
    """The drawing of what a filter makes of all that is # in another."""
    mask = brute.art(text)
    stage = Stage(*mask.shape)
    return brute.drawn(whole(step.apply(Region.of(mask), stage), mask.shape))


def drawing(text):
    return text.split()


def a_box(x, y, width=1, height=1, **told):
    """A filled rectangle as a region."""
    return Region.of(np.ones((height, width), bool), (x, y), **told)[0]
