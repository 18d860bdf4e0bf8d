"""Repaint on this machine with LaMa: free, offline once its model is here; it removes things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automask import maskops, weights
from automask.errors import PreflightError
from automask.inpaint import widened
from automask.networks import lama
from automask.providers.base import PROVIDERS, Job
from automask.providers.local import Local
from automask.types import Bits, Box, Pixels, Region
from automask.weights import Weights

CONTEXT = 1.0  # of a hole's longer side: how much is seen around it on each side
JOINED_PX = 24  # holes nearer to each other than that are filled together


@PROVIDERS.register("lama")
@dataclass(frozen=True)
class Lama(Local):
    """Remove what is masked by the network LaMa; local, free, ignores the prompt, needs OpenCV 5.

    Each hole is seen in a square of three times its size, at 512 x 512 pixels at the most: what is
    filled into a hole larger than 170 pixels is softer than the picture.

    Notes
    -----
    Suvorov and others: "Resolution-robust large mask inpainting with Fourier convolutions", WACV
    2022.
    """

    model: str | None = None

    def weights(self) -> tuple[Weights, ...]:
        """The network, fetched if it is not here."""
        return (weights.choose(("lama",), self.model, of="lama"),)

    def ready(self) -> None:
        """Nothing, if the network is here and OpenCV can run it.

        Raises
        ------
        PreflightError
            If OpenCV is too old.
        ModelError
            If the network cannot be had.
        """
        import cv2

        if int(cv2.__version__.split(".")[0]) < lama.OPENCV:
            raise PreflightError(
                f"lama needs OpenCV {lama.OPENCV} and this is {cv2.__version__}; install "
                "opencv-python-headless 5, or use --provider opencv."
            )
        self.weights()

    def check(self, job: Job) -> list[str]:
        """As of any local provider; and that it is ready.

        Raises
        ------
        PreflightError
            Also if OpenCV is too old.
        """
        self.ready()
        return super().check(job)

    def filled(self, rgb: Pixels, mask: Bits) -> Pixels:
        """`rgb` with each hole of `mask` filled from the square around it."""
        out, (found,) = rgb.copy(), self.weights()
        hole = widened(mask)
        for box in _squares(hole):
            view = box.slices
            part = np.ascontiguousarray(hole[view])
            out[view][part] = lama.filled(np.ascontiguousarray(out[view]), part, found)[part]
        return out


def _squares(hole: Bits) -> list[Box]:
    """The part of the picture that is seen for each hole; holes that are near share one."""
    height, width = hole.shape
    near: list[Region] = maskops.split(maskops.grow(hole, JOINED_PX / 2))
    boxes = []
    for region in near:
        x0, y0, x1, y1 = region.box
        longer = max(x1 - x0, y1 - y0)
        side = max(round(longer * (1 + 2 * CONTEXT)), lama.SIDE_PX)
        across, down = min(side, width), min(side, height)
        left = min(max((x0 + x1 - across) // 2, 0), width - across)
        top = min(max((y0 + y1 - down) // 2, 0), height - down)
        boxes.append(Box(left, top, left + across, top + down))
    return boxes
