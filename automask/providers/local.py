"""What providers on this machine have in common: done at once, free, no prompt."""

from __future__ import annotations

import threading
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from automask.errors import PreflightError, ProviderError
from automask.inpaint import widened
from automask.providers.base import Job, Progress, Provider, State
from automask.types import Bits, Pixels


@dataclass(frozen=True)
class Local(Provider):
    """A provider that fills what is masked on this machine, as soon as it is asked."""

    uses_prompt: ClassVar[bool] = False

    _done: dict[str, Progress] = field(
        default_factory=dict, init=False, repr=False, compare=False, kw_only=True
    )
    _lock: Any = field(
        default_factory=threading.Lock, init=False, repr=False, compare=False, kw_only=True
    )

    @abstractmethod
    def filled(self, rgb: Pixels, mask: Bits) -> Pixels:
        """`rgb` with what `mask` selects filled; all else as it was, but for a rim of 2 px.

        Parameters
        ----------
        rgb : uint8 ndarray of shape (H, W, 3)
        mask : bool ndarray of shape (H, W)
        """

    def check(self, job: Job) -> list[str]:
        """Refuse a mask of everything, and say that a prompt has no effect here.

        Raises
        ------
        PreflightError
            If the mask leaves nothing that could be continued into it.
        """
        if widened(self._mask(job)).all():
            raise PreflightError(
                f"{self.name} continues what is around the mask into it, and this mask leaves next "
                "to nothing; select less."
            )
        if not job.prompt:
            return []
        return [f"{self.name} only removes what is masked; it does not use the prompt."]

    def submit(self, job: Job) -> str:
        """Repaint at once; the handle is the job's key."""
        picture = self._repainted(job)
        with self._lock:
            self._done[job.key] = Progress(State.DONE, 1.0, (picture,))
        return job.key

    def progress(self, handle: str) -> Progress:
        """The result, which is given out once."""
        with self._lock:
            progress = self._done.pop(handle, None)
        if progress is None:
            raise ProviderError(
                f"{self.name} knows no job {handle}; its results live until fetched."
            )
        return progress

    def _repainted(self, job: Job) -> bytes:
        import cv2

        rgb, mask = self._decoded(job.parent, cv2.IMREAD_COLOR_RGB), self._mask(job)
        if mask.shape != rgb.shape[:2]:
            raise ProviderError(
                f"The mask is {mask.shape[1]} x {mask.shape[0]} pixels, the picture "
                f"{rgb.shape[1]} x {rgb.shape[0]}; they must agree."
            )
        made = cv2.cvtColor(self.filled(rgb, mask), cv2.COLOR_RGB2BGR)
        ok, data = cv2.imencode(".png", made)
        if not ok:
            raise ProviderError("OpenCV could not encode the repainted picture.")
        return bytes(data)

    def _mask(self, job: Job) -> Bits:
        import cv2

        return self._decoded(job.mask, cv2.IMREAD_GRAYSCALE) > 127

    def _decoded(self, data: bytes, how: int) -> Pixels:
        import cv2
        import numpy as np

        picture: Pixels | None = cv2.imdecode(np.frombuffer(data, np.uint8), how)
        if picture is None:
            raise ProviderError(f"{self.name} was given a picture or mask that it cannot decode.")
        return picture
