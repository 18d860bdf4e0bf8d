"""A message of the service: a job from its acceptance to its pictures, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from automask.testing.sandbox.faults import Fault
from automask.testing.sandbox.pictures import Picture

REGION, CANCEL = "Vary (Region)", "Cancel Job"
UPSCALES = ("U1", "U2", "U3", "U4")
GRID_BUTTONS = (*UPSCALES, "🔄", "V1", "V2", "V3", "V4")
ENLARGE = ("Upscale (Subtle)", "Upscale (Creative)")
SINGLE_BUTTONS = (*ENLARGE, "Vary (Subtle)", "Vary (Strong)", REGION, "Zoom Out 2x")
ORIGINAL_LIFE_S = 24 * 3600.0
ODD_FETCHES = 2  # how long an unknown status is shown


@dataclass
class Message:
    """A job. Times are seconds since 1970.

    Parameters
    ----------
    id, prompt, ref, parent : str
        Its name, the words, what the client calls it, the message it came from.
    button : str
        What was pressed; "" for a generated picture.
    pictures : tuple of Picture
        One, or four of a grid.
    created, starts, ends : float
    faults : list of Fault
        What is wrong with it, of the stages "job" and "hook".
    webhook : str
        Where its progress is posted; may be empty.
    """

    id: str
    pictures: tuple[Picture, ...]
    created: float
    starts: float
    ends: float
    button: str = ""
    prompt: str = ""
    ref: str = ""
    parent: str = ""
    webhook: str = ""
    faults: list[Fault] = field(default_factory=list)
    fetches: int = 0
    cancelled: float | None = None

    @property
    def upscaled(self) -> bool:
        """Whether it is one picture, so that a region of it can be edited."""
        return len(self.pictures) == 1

    def status(self, now: float, faults: Sequence[Fault] | None = None) -> str:
        """QUEUED, PROCESSING, DONE or FAIL; with `faults` as in `view`."""
        names = {fault.name for fault in (self.active() if faults is None else faults)}
        if self.cancelled is not None:
            return "FAIL"
        if now < self.ends or names & {"stuck", "running", "unknown-status", "string-progress"}:
            return "QUEUED" if now < self.starts else "PROCESSING"
        return "FAIL" if names & {"fail", "fail-bare"} else "DONE"

    def active(self) -> list[Fault]:
        """The faults of the job that show at this number of fetches."""
        return [f for f in self.faults if f.when == "job" and self.fetches <= _lasts(f)]

    def buttons(self, now: float, faults: Sequence[Fault]) -> list[str]:
        """What may be pressed."""
        status = self.status(now, faults)
        if status == "FAIL" or any(fault.name == "no-buttons" for fault in faults):
            return []
        if status != "DONE":
            return [CANCEL]
        return list(SINGLE_BUTTONS if self.upscaled else GRID_BUTTONS)


def _lasts(fault: Fault) -> float:
    """For how many fetches a fault shows."""
    if fault.name == "unknown-status":
        return ODD_FETCHES
    return fault.number if fault.name in ("404", "running", "string-progress") else float("inf")


def view(message: Message, now: float, results_url: str, faults: Sequence[Fault]) -> dict[str, Any]:
    """The message as the service tells it, at the time `now`, with `faults` in force."""
    status = message.status(now, faults)
    names = {fault.name: fault for fault in faults}
    if status == "FAIL" and "fail-bare" in names:
        return {"status": "FAIL", "error": _error(message)}
    told = {
        "messageId": message.id,
        "prompt": message.prompt,
        "status": status,
        "progress": _progress(message, now, status),
        "buttons": message.buttons(now, faults),
        "ref": message.ref,
        "createdAt": stamp(message.created),
        # Both ways to write UTC occur.
        "updatedAt": stamp(_updated(message, now)).replace("Z", "+00:00"),
    }
    if message.parent:
        told["originatingMessageId"] = message.parent
    if status == "FAIL":
        told["error"] = _error(message)
    elif status == "DONE" and "no-result" not in names:
        told |= _results(message, now, results_url, "no-images" not in names)
    if "unknown-status" in names and status == "PROCESSING":
        told["status"] = names["unknown-status"].value
    if "string-progress" in names:
        told["progress"] = f"{told['progress']}%"
    return told


def _results(message: Message, now: float, url: str, with_images: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"uri": f"{url}/results/{message.id}.png"}
    if now < message.ends + ORIGINAL_LIFE_S:
        told["originalUrl"] = f"{url}/original/{message.id}.png"
    if with_images and not message.upscaled:
        places = range(len(message.pictures))
        told["images"] = [f"{url}/results/{message.id}_{n}.png" for n in places]
    return told


def _progress(message: Message, now: float, status: str) -> int:
    if status == "DONE":
        return 100
    length = message.ends - message.starts
    if length <= 0:  # only a fault keeps it from being done
        return 0 if status == "QUEUED" else 45
    return min(99, max(0, int(100 * (now - message.starts) / length)))


def _updated(message: Message, now: float) -> float:
    return min(now, message.ends) if message.cancelled is None else message.cancelled


def _error(message: Message) -> str:
    if message.cancelled is not None:
        return "The job was cancelled"
    return "The job failed: the prompt was refused by moderation"


def stamp(seconds: float) -> str:
    """A time as the service writes it: ISO 8601 in UTC, milliseconds, Z.

    >>> stamp(0.25)
    '1970-01-01T00:00:00.250Z'
    """
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
