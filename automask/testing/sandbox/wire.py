"""What goes in and out of the sandbox's calls, HTTP taken off."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from automask.testing.sandbox.checks import Refused
from automask.testing.sandbox.faults import Fault

GATEWAY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"


@dataclass(frozen=True)
class Asked:
    """A request: the host it came to ("api" or "results"), method, path, query, headers, body."""

    host: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False, default=b"")

    @property
    def key(self) -> str:
        """The bearer key; "" without one."""
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True)
class Answer:
    """An answer, and how it leaves.

    Parameters
    ----------
    status : int
    body : bytes
    kind : str
        The content type.
    headers : mapping
    manner : str
        "whole"; "drop": the connection closes without it; "cut": it is reset within the body.
    delay_s : float
    """

    status: int
    body: bytes = field(repr=False, default=b"")
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: str = "whole"
    delay_s: float = 0.0


@dataclass(frozen=True)
class Request:
    """A request as the sandbox remembers it, for tests to look at.

    Parameters
    ----------
    call : str
        Its sort: submit, cancel, fetch, history, account, check, download, or "" for others.
    method, path : str
    body : dict
        The JSON that came.
    status : int
        What was answered; 0 where the answer never left.
    faults : tuple of str
    with_key : bool
        Whether it carried an Authorization header.
    at : float
        Seconds since 1970, of the sandbox's time.
    """

    call: str
    method: str
    path: str
    body: Mapping[str, Any] = field(repr=False)
    status: int
    faults: tuple[str, ...]
    with_key: bool
    at: float


def as_json(value: Any, status: int = 200) -> Answer:
    """`value` as a JSON answer."""
    return Answer(status, json.dumps(value).encode())


def refusal(refused: Refused) -> Answer:
    """The answer to a request that was refused."""
    headers = {"Retry-After": refused.retry_after} if refused.retry_after else {}
    return replace(as_json(refused.body, refused.status), headers=headers)


def instead(fault: Fault) -> Answer:
    """The answer of a fault of the stage "before"."""
    if fault.name == "lost":
        return Answer(0, manner="drop")
    if fault.name == "502":
        return Answer(502, GATEWAY_PAGE, "text/html")
    if fault.name == "success-false":
        return as_json({"success": False, "error": "The job could not be queued"})
    status = int(fault.name.partition("-")[0])
    retry_after = "" if fault.value in ("", "none") else fault.value
    return refusal(Refused(status, MESSAGES[fault.name], retry_after))


MESSAGES = {
    "400": "prompt contains a parameter that is not known",
    "401-key": "Invalid API key",
    "401-credits": "Insufficient credits",
    "402": "Payment required",
    "403": "Forbidden",
    "413": "request entity too large",
    "429": "Too many requests",
    "500": "Internal server error",
    "503": "Service unavailable",
}


def spoiled(answer: Answer, fault: Fault) -> Answer:
    """`answer` as a fault of the stage "after" leaves it."""
    if fault.name == "dropped":
        return replace(answer, status=0, manner="drop")
    if fault.name == "reset":
        return replace(answer, manner="cut")
    if fault.name in ("429-accepted", "500-accepted"):
        number = fault.name.partition("-")[0]
        return refusal(Refused(int(number), MESSAGES[number]))
    if fault.name == "502-accepted":
        return Answer(502, GATEWAY_PAGE, "text/html")
    if fault.name == "not-a-picture":
        return Answer(200, b"<html><body>Sign in to continue</body></html>", "text/html")
    if fault.name == "empty":
        return replace(answer, body=b"")
    told = json.loads(answer.body)
    if isinstance(told, dict) and "success" in told:
        told["success"] = str(told["success"]).lower()
    return replace(answer, body=json.dumps(told).encode())
