"""Image, Box, Region, Mask: what automask computes with, its conventions stated once.

* An image is uint8 RGB of shape (H, W, 3), already the right way up, and is never written to.
* A mask is a bool array of shape (H, W), True = selected. 0/255, BGR and bytes exist at the edges.
* A box is (x0, y0, x1, y1) in pixels, half-open, the origin at the top left.
* A region is the part of a mask inside its own box, with a label, a score and its source.
"""

from automask.types.arrays import Bits, Pixels, read_only
from automask.types.box import Box, bounding_box
from automask.types.image import Image
from automask.types.mask import Mask
from automask.types.region import Region, reading_order

__all__ = [
    "Bits",
    "Box",
    "Image",
    "Mask",
    "Pixels",
    "Region",
    "bounding_box",
    "read_only",
    "reading_order",
]
