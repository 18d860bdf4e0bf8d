"""Repaint on this machine with OpenCV: free, offline, no model; it can remove things, not invent them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from automask.errors import ProviderError
from automask.providers.base import PROVIDERS, Job, Progress, Provider, State

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REPAINTED_RIM_PX = 2  # the thing's own blur and the rings of its JPEG reach this far out
CONTEXT_PX = 24  # how much of the picture around the hole the methods see


@PROVIDERS.register("opencv")
@dataclass(frozen=True)
class OpenCv(Provider):
    """Remove what is masked by growing its surroundings into it; ignores the prompt."""

    uses_prompt: ClassVar[bool] = False

    method: Literal["telea", "ns"] = "telea"
    radius_px: float = 4.0
    _done: dict[str, Progress] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _lock: Any = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def check(self, job: Job) -> list[str]:
        """Say that a prompt has no effect here."""
        if not job.prompt:
            return []
        return ["opencv only removes what is masked; it does not use the prompt."]

    def submit(self, job: Job) -> str:
        """Repaint at once; the handle is the job's key."""
        picture = _repainted(job, self.method, self.radius_px)
        with self._lock:
            self._done[job.key] = Progress(State.DONE, 1.0, (picture,))
        return job.key

    def progress(self, handle: str) -> Progress:
        """The result, which is given out once."""
        with self._lock:
            progress = self._done.pop(handle, None)
        if progress is None:
            raise ProviderError(f"opencv knows no job {handle}; its results live until fetched.")
        return progress


def _repainted(job: Job, method: str, radius_px: float) -> bytes:
    import cv2

    picture, mask = _decoded(job.parent), _decoded(job.mask)
    if mask.ndim == 3:
        mask = mask[..., 0]
    if mask.shape != picture.shape[:2]:
        raise ProviderError(
            f"The mask is {mask.shape[1]} x {mask.shape[0]} pixels, the picture "
            f"{picture.shape[1]} x {picture.shape[0]}; they must agree."
        )
    ok, data = cv2.imencode(".png", inpaint(picture, mask > 127, method, radius_px))
    if not ok:
        raise ProviderError("OpenCV could not encode the repainted picture.")
    return bytes(data)


def _decoded(data: bytes) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ProviderError("opencv was given a picture or mask that it cannot decode.")
    return np.asarray(picture)


def inpaint(
    picture: NDArray[np.uint8], mask: NDArray[np.bool_], method: str, radius_px: float
) -> NDArray[np.uint8]:
    """`picture`, uint8 of shape (H, W, 3), with its surroundings grown into `mask`, bool (H, W)."""
    import cv2
    import numpy as np

    flag = {"telea": cv2.INPAINT_TELEA, "ns": cv2.INPAINT_NS}[method]
    size = 2 * REPAINTED_RIM_PX + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    hole = cv2.dilate(mask.view(np.uint8), disk)
    x, y, w, h = cv2.boundingRect(hole)
    rows = slice(max(y - CONTEXT_PX, 0), y + h + CONTEXT_PX)
    columns = slice(max(x - CONTEXT_PX, 0), x + w + CONTEXT_PX)
    out = picture.copy()
    out[rows, columns] = cv2.inpaint(
        np.ascontiguousarray(picture[rows, columns]),
        np.ascontiguousarray(hole[rows, columns]),
        radius_px,
        flag,
    )
    return out
