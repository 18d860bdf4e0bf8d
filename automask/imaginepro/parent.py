"""Is this message a picture whose region can be edited? The look at it before anything is paid."""

from __future__ import annotations

import numpy as np

from automask.errors import ImageError, PreflightError
from automask.images import encode
from automask.images.decode import decode
from automask.imaginepro.answers import EDIT, UPSCALES, Message
from automask.imaginepro.client import RefusedError
from automask.imaginepro.masks import size_of
from automask.imaginepro.service import Service


def find(service: Service, message_id: str) -> Message:
    """The message of the parent.

    Raises
    ------
    PreflightError
        If the service does not know it.
    """
    try:
        return service.message(message_id)
    except RefusedError as error:
        if error.status != 404:
            raise
    raise PreflightError(
        f"ImaginePro knows no message {message_id!r}; check the id, or make the parent anew."
    )


def check(parent: Message, *, strict: bool = True) -> list[str]:
    """Notes on a parent that can be edited.

    Parameters
    ----------
    parent : Message
    strict : bool
        Refuse one that does not offer the button; else that is a note (but for a grid).

    Raises
    ------
    PreflightError
        If it is not done, is a grid, or does not offer the button; the message says which it has.
    """
    if parent.failed:
        raise PreflightError(f"The parent {parent.id} failed: {parent.error or 'no reason'}.")
    if not parent.done:
        raise PreflightError(
            f"The parent {parent.id} is {parent.status or 'not done'}; wait until it is DONE."
        )
    if EDIT in (parent.buttons or ()):
        return []
    if parent.is_grid:
        raise PreflightError(
            f"The parent {parent.id} is a grid of several pictures, and only one of them can be "
            "edited: choose it with `automask run RULE --message-id ID --upscale N` (1 to 4)."
        )
    listed = ", ".join(parent.buttons or ()) or "none"
    lack = f"The parent {parent.id} has no button {EDIT!r}; its buttons are: {listed}."
    if strict:
        raise PreflightError(lack)
    return [lack]


def picture(service: Service, parent: Message) -> bytes:
    """The parent's picture, from where the service keeps it.

    Raises
    ------
    PreflightError
        If it has none.
    """
    if not parent.pictures:
        raise PreflightError(f"The parent {parent.id} names no picture to make a mask from.")
    return service.fetch(parent.pictures[0])


def part(service: Service, grid: Message, number: int) -> bytes:
    """Picture `number`, 0 to 3, of a grid; empty where it cannot be told from the others."""
    if len(grid.pictures) == len(UPSCALES):
        return service.fetch(grid.pictures[number])
    if len(grid.pictures) != 1:
        return b""
    whole = decode(service.fetch(grid.pictures[0]), "").rgb
    row = np.array_split(whole, 2)[number // 2]
    quarter = np.array_split(row, 2, axis=1)[number % 2]
    return encode.encode_picture(np.ascontiguousarray(quarter), ".png")


def size(picture: bytes) -> tuple[int, int]:
    """Width and height of the parent's `picture`.

    Raises
    ------
    PreflightError
        If it cannot be measured.
    """
    try:
        return size_of(picture)
    except ImageError as error:
        why = str(error)
    raise PreflightError(f"The parent's picture cannot be used: {why}")
