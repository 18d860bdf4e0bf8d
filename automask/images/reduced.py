"""Pictures that are read several times smaller, and masks of them at full size.

A pixel of the small picture stands for `scale` x `scale` of the file's; the last ones on the right
and below may reach beyond its border. JPEG is decoded at that size from the start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automask.images.decode import decode
from automask.images.formats import header
from automask.images.orient import as_stored, upright
from automask.types import Bits, Image

SCALES = (1, 2, 4)


@dataclass(frozen=True)
class Reduced:
    """A picture that was made smaller.

    Parameters
    ----------
    image : Image
        Upright, with the digest of the file.
    shape : (H, W)
        Of the whole picture, upright.
    scale : int
        How many times smaller each side is: 2 or 4.
    """

    image: Image
    shape: tuple[int, int]
    scale: int

    def enlarged(self, mask: Bits) -> Bits:
        """A mask of the small picture at full size, its border a smooth line at half.

        Parameters
        ----------
        mask : bool ndarray of the small picture's shape
        """
        import cv2

        turn = self.image.orientation
        small = np.ascontiguousarray(as_stored(mask, turn)).view(np.uint8) * np.uint8(255)
        # Takes the steps off its border; lines and dots of one pixel stay.
        small = np.asarray(cv2.GaussianBlur(small, (3, 3), 0.5), np.uint8)
        size = small.shape[1] * self.scale, small.shape[0] * self.scale
        large = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
        height, width = self.shape if turn < 5 else self.shape[::-1]
        cv2.threshold(large, 127, 1, cv2.THRESH_BINARY, dst=large)
        return upright(large.view(np.bool_)[:height, :width], turn)

    @property
    def blank(self) -> Image:
        """An image of the whole picture's size and facts, all black, which takes no memory."""
        black = np.broadcast_to(np.uint8(0), (*self.shape, 3))
        own = self.image
        return Image(black, None, own.source, own.orientation, own.digest)


def from_bytes(data: bytes, name: str, digest: str, scale: int) -> Reduced:
    """The picture in the bytes of a file, `scale` times smaller; errors as of `load`."""
    found = header(data, name)
    rgb, alpha, turn = decode(data, name, scale)
    shape = (found.height, found.width) if turn < 5 else (found.width, found.height)
    return Reduced(Image(rgb, alpha, name, turn, digest), shape, scale)
