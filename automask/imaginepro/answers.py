"""The service's answers as typed values: every field may be missing, of another type, or odd.

Source: docs.imaginepro.ai (the message, the history, the account) and the vendor's public SDKs for
what it leaves out: progress as a text, two names of the parent.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from automask.imaginepro.bodies import one_line, useful_text

EDIT = "Vary (Region)"
UPSCALES = ("U1", "U2", "U3", "U4")
CANCEL = "Cancel Job"
WAITING = ("QUEUED", "SUBMITTED", "PENDING")
log = logging.getLogger("automask.imaginepro")
_seen: set[str] = set()


@dataclass(frozen=True)
class Message:
    """A job as the service tells of it, in answers and in webhooks.

    Parameters
    ----------
    id : str
    status : str
        In capitals; DONE and FAIL end a job, every other word means that it goes on.
    share : float, optional
        How much is done, 0 to 1.
    pictures : tuple of str
        The addresses of the results.
    buttons : tuple of str, optional
        What may be pressed next; None when the message does not say.
    prompt, ref, parent_id, error : str
        "" when the message does not say.
    created, updated : datetime, optional
        With their time zone.
    """

    id: str
    status: str
    share: float | None = None
    pictures: tuple[str, ...] = field(default=(), repr=False)
    buttons: tuple[str, ...] | None = None
    prompt: str = ""
    ref: str = ""
    parent_id: str = ""
    error: str = ""
    created: datetime | None = None
    updated: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether the job ended well."""
        return self.status == "DONE"

    @property
    def failed(self) -> bool:
        """Whether the job ended badly."""
        return self.status == "FAIL"

    @property
    def is_grid(self) -> bool:
        """Whether it shows several pictures, of which one has to be upscaled first."""
        return any(button in UPSCALES for button in self.buttons or ())


def handle(body: Mapping[str, Any]) -> str:
    """The message id in the answer to a submit; "" when there is none."""
    return _text(body, "messageId")


def message(body: Mapping[str, Any], asked: str = "") -> Message:
    """The message in `body`; `asked` is the id that was asked for, where the body has none."""
    status = _text(body, "status").upper()
    _note_unknown(status)
    failed = status == "FAIL"
    return Message(
        id=_text(body, "messageId", "id") or asked,
        status=status,
        share=_share(body.get("progress")),
        pictures=_pictures(body),
        buttons=_buttons(body.get("buttons")),
        prompt=_text(body, "prompt"),
        ref=_text(body, "ref"),
        parent_id=_text(body, "originatingMessageId", "originalMessageId"),
        error=useful_text(body) if failed else one_line(body.get("error")),
        created=when(body.get("createdAt")),
        updated=when(body.get("updatedAt")),
    )


def _note_unknown(status: str) -> None:
    if status in (*WAITING, "PROCESSING", "DONE", "FAIL") or status in _seen or len(_seen) > 100:
        return
    _seen.add(status)
    log.warning(
        "ImaginePro gave the status %r, which is not documented; the job is taken to go on",
        one_line(status),
    )


def _text(body: Mapping[str, Any], *names: str) -> str:
    found = (body.get(name) for name in names)
    plain = (v for v in found if isinstance(v, (str, int)) and not isinstance(v, bool))
    return next((text for v in plain if (text := str(v).strip())), "")


def _share(value: Any) -> float | None:
    """The share of a progress in percent: 45, "45", "45%", "45.5 %"."""
    try:
        percent = float(str(value).strip().rstrip("%"))
    except ValueError:
        return None
    return min(max(percent / 100, 0.0), 1.0) if math.isfinite(percent) else None


def _pictures(body: Mapping[str, Any]) -> tuple[str, ...]:
    several = body.get("images")
    listed = several if isinstance(several, list) else []
    found = [_address(item) for item in listed] + [""]
    if not any(found):
        found = [_address(body.get("uri")) or _address(body.get("originalUrl"))]
    return tuple(dict.fromkeys(filter(None, found)))


def _address(item: Any) -> str:
    if isinstance(item, Mapping):
        return next((a for n in ("uri", "url", "originalUrl") if (a := _address(item.get(n)))), "")
    return item.strip() if isinstance(item, str) else ""


def _buttons(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    names = (_text(b, "label", "button", "name") if isinstance(b, Mapping) else b for b in value)
    return tuple(name for name in names if isinstance(name, str) and name)


def when(value: Any) -> datetime | None:
    """The moment that `value` writes, with a time zone: "...Z", "...+00:00", or epoch (milli)s."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Picture:
    """One line of the history of the last 24 hours; `id` is a message id."""

    id: str
    type: str = ""
    button: str = ""
    prompt: str = ""
    address: str = field(default="", repr=False)
    created: datetime | None = None


def history(body: Mapping[str, Any]) -> tuple[Picture, ...]:
    """The pictures in an answer of the history; lines without an id are left out."""
    listed = body.get("images")
    lines = (
        [line for line in listed if isinstance(line, Mapping)] if isinstance(listed, list) else []
    )
    found = (
        Picture(
            id=_text(line, "id", "messageId"),
            type=_text(line, "type"),
            button=_text(line, "button"),
            prompt=_text(line, "prompt"),
            address=_address(line),
            created=when(line.get("createdAt")),
        )
        for line in lines
    )
    return tuple(picture for picture in found if picture.id)


@dataclass(frozen=True)
class Account:
    """What the key's account holds; None where the answer does not say."""

    type: str = ""
    quota: float | None = None
    credits: float | None = None
    extra: float | None = None
    expires: datetime | None = None
    email: str = field(default="", repr=False)

    @property
    def left(self) -> float | None:
        """The credits that can be spent, extra ones included."""
        known = [n for n in (self.credits, self.extra) if n is not None]
        return sum(known) if known else None


def account(body: Mapping[str, Any]) -> Account:
    """The account in `body`."""
    return Account(
        type=_text(body, "type"),
        quota=_number(body.get("creditsQuota")),
        credits=_number(body.get("credits")),
        extra=_number(body.get("creditsExtra")),
        expires=when(body.get("expiredAt")),
        email=_text(body, "email"),
    )


def _number(value: Any) -> float | None:
    try:
        number = None if isinstance(value, bool) else float(value)
    except (ValueError, TypeError):
        return None
    return number if number is not None and math.isfinite(number) else None


@dataclass(frozen=True)
class PromptCheck:
    """The service's advice on a prompt; `ok` is None when it gives none."""

    ok: bool | None
    message: str = ""


def prompt_check(body: Mapping[str, Any]) -> PromptCheck:
    """The advice in `body`."""
    ok = {"SUCCESS": True, "FAIL": False}.get(_text(body, "status").upper())
    return PromptCheck(ok, useful_text(body))
