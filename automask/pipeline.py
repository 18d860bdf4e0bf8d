"""One image from end to end: load, select, encode, preflight, submit, wait, verify."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from automask import faults, images, preflight, verify
from automask.errors import (
    ImageError,
    NothingSelected,
    PreflightError,
    ProviderError,
    UnreachableError,
)
from automask.images import encode, files
from automask.providers.base import Job, Progress, Provider, State, provider_of
from automask.selection import masked, nothing, read_rule
from automask.selector.syntax import Rule
from automask.types import Image, Mask, Pixels

FIRST_POLL_S = 0.05


@dataclass(frozen=True, eq=False)
class Result:
    """A repainted picture and how it came about.

    Parameters
    ----------
    rgb : uint8 ndarray of shape (H, W, 3)
        The picture, of the source's size and the right way up.
    image : Image
        The source.
    mask : Mask
        What was repainted.
    provider : str
    key : str
        The job's key.
    drift : Drift
        What the provider changed outside the mask, before anything was pasted back.
    notes : tuple of str
        What the user should know.
    seconds : float
        From submit to result.
    """

    rgb: Pixels = field(repr=False)
    image: Image = field(repr=False)
    mask: Mask = field(repr=False)
    provider: str
    key: str
    drift: verify.Drift
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    def save(self, path: str | Path) -> None:
        """Write the picture; the ending of `path` says how (.png .jpg .webp .tif .bmp).

        Transparency of the source is kept where the format has it.

        Raises
        ------
        OutputError
            If it cannot be written; then nothing is.
        """
        files.write(path, encode.encode_picture(self.rgb, Path(path).suffix, self.image.alpha))


def run(
    image: Any,
    rule: Rule | str,
    *,
    prompt: str = "",
    provider: str | Provider = "",
    paste_back: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """The picture with what `rule` selects repainted.

    Parameters
    ----------
    image, rule
        As for `automask.mask`.
    prompt : str
        What to paint there; a provider that cannot use it says so in the notes.
    provider : str or Provider
        Who repaints; the setting ``provider`` when left out ("opencv": local and free).
    paste_back : bool
        Put the source's own pixels back outside the mask, with a soft seam inside it.
    on_progress : callable, optional
        Called with each `Progress` while waiting.

    Raises
    ------
    NothingSelected
        If the rule selects nothing: nothing is submitted.
    PreflightError, ProviderError
        If the job must not be submitted, or failed. And all errors of `automask.mask`.
    """
    tree = read_rule(rule)
    engine = provider if isinstance(provider, Provider) else provider_of(provider)
    _refuse_unrecorded(engine)
    loaded = images.load(image)
    selected = masked(loaded, tree)
    return repainted(
        loaded, selected, engine, prompt=prompt, paste_back=paste_back, on_progress=on_progress
    )


def _refuse_unrecorded(engine: Provider) -> None:
    if engine.paid and not engine.keeps_parents:
        raise PreflightError(
            f"{engine.name} is paid, and jobs that send it a picture cannot be recorded yet; only "
            "what the record of jobs holds is submitted for money."
        )


def repainted(
    loaded: Image,
    selected: Mask,
    engine: Provider,
    *,
    prompt: str = "",
    paste_back: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """`loaded` with what is `selected` in it repainted by `engine`, which costs nothing.

    Parameters and errors are those of `run`.
    """
    _refuse_unrecorded(engine)
    if not selected.array.any():
        why = nothing(selected.rule, loaded.shape)
        raise NothingSelected(f"{loaded.source or 'The image'}: {why}; nothing was repainted.")
    job = _job(engine, loaded, selected, prompt)
    notes = preflight.check(selected.array, job.mask, loaded.shape)
    started = time.perf_counter()
    with faults.blamed(engine):
        notes += faults.answer(engine, engine.check(job), list)
        handle = faults.answer(engine, engine.submit(job), str)
    picture = _wait(engine, handle, on_progress)
    seconds = time.perf_counter() - started
    return _verified(loaded, selected, job, picture, paste_back, notes, seconds)


def _job(engine: Provider, image: Image, selected: Mask, prompt: str) -> Job:
    return Job(
        engine.name,
        encode.encode(selected, "png"),
        prompt,
        parent=encode.encode_picture(image.rgb, ".png"),
    )


def _wait(engine: Provider, handle: str, on_progress: Callable[[Progress], None] | None) -> Pixels:
    progress = _final(engine, handle, on_progress)
    with faults.blamed(engine):
        done = progress.state is State.DONE
        pictures = faults.pictures(engine, engine.pictures(progress) if done else ())
    if not pictures:
        ended = "is done, without a picture" if done else progress.state
        raise ProviderError(
            f"{engine.name} did not deliver: the job {ended}"
            f"{': ' + progress.error if progress.error else ''} (handle {handle})."
        )
    try:
        return images.load(pictures[0]).rgb
    except ImageError as error:
        raise ProviderError(f"{engine.name} delivered something else: {error}") from error


def _final(
    engine: Provider, handle: str, on_progress: Callable[[Progress], None] | None
) -> Progress:
    pause_s = max(FIRST_POLL_S, engine.first_poll_s)
    end = time.monotonic() + engine.deadline_s
    while time.monotonic() < end:
        with suppress(UnreachableError):  # the job goes on, whether it can be seen or not
            with faults.blamed(engine):
                progress = faults.answer(engine, engine.progress(handle), Progress)
            if on_progress:
                on_progress(progress)
            if progress.state.final:
                return progress
        # Spread, so that many who wait do not ask all at once.
        time.sleep(pause_s * random.uniform(1, 1.25))  # noqa: S311
        pause_s = min(2 * pause_s, engine.last_poll_s)
    raise ProviderError(
        f"{engine.name} has not finished after {engine.deadline_s:g} s; the job goes on there, and "
        f"its handle is {handle}."
    )


def _verified(
    image: Image,
    selected: Mask,
    job: Job,
    picture: Pixels,
    paste_back: bool,
    notes: list[str],
    seconds: float,
) -> Result:
    if picture.shape != image.rgb.shape:
        notes.append(
            f"The result came as {picture.shape[1]} x {picture.shape[0]} pixels and was resized "
            "to the source's size."
        )
    picture = verify.fitted(picture, image.shape)
    drift = verify.drift(image.rgb, picture, selected.array)
    if paste_back:
        picture = verify.paste_back(image.rgb, picture, selected.array)
    return Result(picture, image, selected, job.provider, job.key, drift, tuple(notes), seconds)
