"""Results on their way to files: every picture of a job, checked, pasted back, written whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from automask import verify
from automask.errors import ImageError, ProviderError
from automask.images import encode, files
from automask.images.decode import decode
from automask.jobs.kept import Wishes
from automask.providers.base import Job
from automask.types import Bits, Pixels

SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp", b"GIF8": ".gif"}


@dataclass(frozen=True)
class Written:
    """What became of the results of a job.

    Parameters
    ----------
    places : tuple of Path
        Where each lies.
    drifts : tuple of Drift
        How far each left the parent outside the mask; none where the parent is unknown.
    """

    places: tuple[Path, ...]
    drifts: tuple[verify.Drift, ...]


class _Source(NamedTuple):
    """What the results are compared with."""

    parent: Pixels
    mask: Bits


def write(job: Job, pictures: Sequence[bytes], wishes: Wishes, handle: str) -> Written:
    """The results of `job` as files of their own, each decoded once; wishes name them, or `handle`.

    They are written as they came, but for those that are pasted back, which are PNG. Written once
    more, they replace themselves.

    Raises
    ------
    ProviderError
        If one is no picture, or a damaged one.
    OutputError
        If one cannot be written.
    """
    source = _source(job, needed=wishes.paste_back)
    folder, stem = Path(wishes.folder or "."), wishes.stem or re.sub(r"[^\w.-]", "_", handle)[:100]
    places, drifts = [], []
    for number, data in enumerate(pictures, 1):
        result = _decoded(data, number)
        content, suffix = data, _suffix(data)
        if source:
            result = verify.fitted(result, source.parent.shape[:2])
            drifts.append(verify.drift(source.parent, result, source.mask))
            if wishes.paste_back:
                mixed = verify.paste_back(source.parent, result, source.mask)
                content, suffix = encode.encode_picture(mixed, ".png"), ".png"
        places.append(folder / f"{stem}-{number}{suffix}")
        files.write(places[-1], content)
    return Written(tuple(places), tuple(drifts))


def _source(job: Job, *, needed: bool) -> _Source | None:
    """The parent and the mask, where both are known."""
    if not (job.parent and job.mask):
        return None
    try:
        return _Source(decode(job.parent, "").rgb, encode.decode(job.mask))
    except ImageError:  # what was kept is damaged: that must not hold up what was paid
        if needed:
            raise
        return None


def _decoded(data: bytes, number: int) -> Pixels:
    try:
        return decode(data, "").rgb
    except ImageError as error:
        why = str(error)
    raise ProviderError(f"Result {number} is no whole picture: {why}")


def _suffix(data: bytes) -> str:
    return next((suffix for magic, suffix in SUFFIXES.items() if data.startswith(magic)), ".img")
