"""The last look at a job before it is submitted: is this mask what anybody wants repainted."""

from __future__ import annotations

import numpy as np

from automask.errors import PreflightError
from automask.images import encode
from automask.types import Bits

COMMON_SHARE = (0.01, 0.90)  # outside it a mask is more often a slip than a wish
BORDER_SHARE = 0.5


def check(mask: Bits, encoded: bytes, shape: tuple[int, int]) -> list[str]:
    """Notes on a mask that is about to be submitted.

    Parameters
    ----------
    mask : bool ndarray of shape (H, W)
        What was selected.
    encoded : bytes
        The same mask as it will be sent.
    shape : (H, W)
        The parent image's.

    Raises
    ------
    PreflightError
        If nothing is selected, the size is not the parent's, or the encoded mask is another one.
    """
    if mask.shape != shape:
        raise PreflightError(
            f"The mask is {mask.shape[1]} x {mask.shape[0]} pixels and the picture "
            f"{shape[1]} x {shape[0]}; make the mask from this very picture."
        )
    if not mask.any():
        raise PreflightError("The mask selects nothing, so there is nothing to repaint.")
    if not np.array_equal(encode.decode(encoded), mask):
        raise PreflightError("The encoded mask does not read back as it was made; not submitted.")
    return _notes(mask)


def _notes(mask: Bits) -> list[str]:
    share = np.count_nonzero(mask) / mask.size
    if share == 1:
        return ["The mask selects the whole picture."]
    notes = []
    if not COMMON_SHARE[0] <= share <= COMMON_SHARE[1]:
        notes.append(f"The mask covers {share:.2%} of the picture; usual are 1% to 90%.")
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if rim.mean() > BORDER_SHARE:
        notes.append("The mask covers most of the picture's border; is it the wrong way round?")
    return notes
