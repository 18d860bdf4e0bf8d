"""The bodies and headers of answers: JSON or not, what they say to a person, what refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from automask.display import printable
from automask.errors import ProviderError

MOST_TEXT = 300  # characters of the service's own words that a message shows


class UnreadableError(ProviderError):
    """An answer that is no JSON object."""


def strict(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`.

    Raises
    ------
    UnreadableError
        If `data` are anything else: a web page, nothing, a part.
    """
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise UnreadableError(f"ImaginePro answered with {_kind(data)}, not with JSON.") from None
    if isinstance(body, list):
        return {"images": body}  # a history without its frame
    if not isinstance(body, dict):
        raise UnreadableError(f"ImaginePro answered with {_kind(data)}, not with a JSON object.")
    return body


def lenient(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`, or an empty one."""
    try:
        return strict(data)
    except UnreadableError:
        return {}


def _kind(data: bytes) -> str:
    start = data[:256].lstrip().lower()
    if not start:
        return "nothing"
    return "a web page" if start.startswith(b"<") else "something else"


def useful_text(body: Any) -> str:
    """What an error's body says to a person: `message` before `error`, one line, not too long."""
    if not isinstance(body, Mapping):
        return ""
    return one_line(body.get("message")) or one_line(body.get("error"))


def one_line(value: Any) -> str:
    """`value` as printable text on one line; lists are joined, objects give their own message."""
    if isinstance(value, (list, tuple)):
        value = "; ".join(filter(None, map(one_line, value)))
    if isinstance(value, Mapping):
        return useful_text(value)
    if value is None or isinstance(value, bool):
        return ""
    line = " ".join(printable(str(value)[: 4 * MOST_TEXT]).split())
    return line if len(line) <= MOST_TEXT else line[:MOST_TEXT] + "..."


def refusal(body: Mapping[str, Any]) -> int | None:
    """The status of a refusal that came as a 200; None when `body` is no refusal.

    >>> refusal({"success": "false"}), refusal({"success": True}), refusal({"statusCode": 404})
    (400, None, 404)
    """
    status = body.get("statusCode")
    if isinstance(status, int) and status >= 400:
        return int(status)
    return 400 if truth(body.get("success")) is False else None


def truth(value: Any) -> bool | None:
    """True, False, the words for them, or None for anything else."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return bool(value) if isinstance(value, (bool, int)) and value in (0, 1) else None


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds of the header Retry-After, which may be a date; None without one that makes sense.

    Source: RFC 9110, section 10.2.3.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
