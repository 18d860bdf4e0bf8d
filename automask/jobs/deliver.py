"""Results on their way to files: every picture of a job, checked, pasted back, written whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from automask import images, verify
from automask.errors import ImageError
from automask.images import encode, files
from automask.jobs.kept import Wishes
from automask.providers.base import Job

SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp", b"GIF8": ".gif"}


def write(job: Job, pictures: Sequence[bytes], wishes: Wishes, handle: str) -> list[Path]:
    """Where the results of `job` lie now, one file each, named by `handle`.

    They are written as they came, but for those that are pasted back, which are PNG. Written once
    more, they replace themselves.

    Raises
    ------
    OutputError
        If one cannot be written.
    """
    folder = Path(wishes.folder or ".")
    stem = re.sub(r"[^\w.-]", "_", handle)[:100]
    places = []
    for number, data in enumerate(pictures, 1):
        content, suffix = data, _suffix(data)
        if wishes.paste_back and job.parent:
            content, suffix = _pasted(job, data), ".png"
        places.append(folder / f"{stem}-{number}{suffix}")
        files.write(places[-1], content)
    return places


def drifts(job: Job, pictures: Sequence[bytes]) -> list[verify.Drift]:
    """How far each picture left the parent outside the mask; none where the parent is unknown."""
    if not (job.parent and job.mask):
        return []
    try:
        parent, mask = images.load(job.parent).rgb, encode.decode(job.mask)
    except ImageError:  # what was kept is damaged: that must not hold up what was paid
        return []
    fitted = (verify.fitted(images.load(data).rgb, parent.shape[:2]) for data in pictures)
    return [verify.drift(parent, picture, mask) for picture in fitted]


def _pasted(job: Job, data: bytes) -> bytes:
    mask = encode.decode(job.mask)
    picture = verify.fitted(images.load(data).rgb, (mask.shape[0], mask.shape[1]))
    mixed = verify.paste_back(images.load(job.parent).rgb, picture, mask)
    return encode.encode_picture(mixed, ".png")


def _suffix(data: bytes) -> str:
    return next((suffix for magic, suffix in SUFFIXES.items() if data.startswith(magic)), ".img")
