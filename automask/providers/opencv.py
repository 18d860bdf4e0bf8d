"""Repaint on this machine with OpenCV: free, offline, no model; it removes and never invents."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from automask.errors import PreflightError, ProviderError
from automask.inpaint import fill, widened
from automask.providers.base import PROVIDERS, Job, Progress, Provider, State
from automask.types import Pixels


@PROVIDERS.register("opencv")
@dataclass(frozen=True)
class OpenCv(Provider):
    """Remove what is masked by continuing its surroundings; local, free, ignores the prompt."""

    uses_prompt: ClassVar[bool] = False

    method: Literal["auto", "telea", "ns", "patch"] = "auto"
    _done: dict[str, Progress] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: Any = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def check(self, job: Job) -> list[str]:
        """Refuse a mask of everything, and say that a prompt has no effect here.

        Raises
        ------
        PreflightError
            If the mask leaves nothing that could be continued into it.
        """
        if widened(_mask(job) > 127).all():
            raise PreflightError(
                "opencv continues what is around the mask into it, and this mask leaves next to "
                "nothing; select less."
            )
        if not job.prompt:
            return []
        return ["opencv only removes what is masked; it does not use the prompt."]

    def submit(self, job: Job) -> str:
        """Repaint at once; the handle is the job's key."""
        picture = _repainted(job, self.method)
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


def _repainted(job: Job, method: str) -> bytes:
    import cv2

    picture = _decoded(job.parent, cv2.IMREAD_COLOR)
    mask = _mask(job)
    if mask.shape != picture.shape[:2]:
        raise ProviderError(
            f"The mask is {mask.shape[1]} x {mask.shape[0]} pixels, the picture "
            f"{picture.shape[1]} x {picture.shape[0]}; they must agree."
        )
    ok, data = cv2.imencode(".png", fill(picture, mask > 127, method))
    if not ok:
        raise ProviderError("OpenCV could not encode the repainted picture.")
    return bytes(data)


def _mask(job: Job) -> Pixels:
    import cv2

    return _decoded(job.mask, cv2.IMREAD_GRAYSCALE)


def _decoded(data: bytes, how: int) -> Pixels:
    import cv2
    import numpy as np

    picture: Pixels | None = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    if picture is None:
        raise ProviderError("opencv was given a picture or mask that it cannot decode.")
    return picture
