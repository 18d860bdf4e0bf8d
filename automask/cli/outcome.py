"""What became of one image, and the exit code of many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

DONE, FAILED, EMPTY, REVIEW = 0, 1, 3, 4
STATUS = {EMPTY: "empty", REVIEW: "review"}


@dataclass(frozen=True)
class Outcome:
    """What became of one image.

    Parameters
    ----------
    image : str
        As it was given, without the password of an address.
    code : int
        The exit code that it would have alone.
    status : str
        "done", "empty" (the rule selected nothing), "review" (a guard of the rule was not met) or
        "failed".
    output, preview, sidecar : str, optional
        The files that were written; "-" for stdout.
    width, height : int, optional
        Of the picture, in pixels, the right way up.
    area : int, optional
        Selected pixels.
    box : tuple of 4 int, optional
        (x0, y0, x1, y1) around the selected pixels, half-open.
    models : tuple of str
        "name sha256" of each model that took part.
    error : str, optional
        Why nothing was written.
    """

    image: str
    code: int = DONE
    status: str = "done"
    output: str | None = None
    preview: str | None = None
    sidecar: str | None = None
    width: int | None = None
    height: int | None = None
    area: int | None = None
    box: tuple[int, int, int, int] | None = None
    models: tuple[str, ...] = ()
    error: str | None = None

    @property
    def coverage(self) -> float | None:
        """The selected share of the picture, 0 to 1."""
        if self.area is None or not self.width or not self.height:
            return None
        return self.area / (self.width * self.height)

    def as_json(self) -> dict[str, Any]:
        """The outcome for programs; without the exit code, which `status` tells."""
        fields = asdict(self)
        del fields["code"]
        return fields | {"coverage": self.coverage}


def common(codes: Iterable[int]) -> int:
    """The exit code that all share; 4 where they differ: finished, with failures."""
    found = set(codes)
    return found.pop() if len(found) == 1 else REVIEW if found else DONE
