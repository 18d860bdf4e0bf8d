"""The documented calls: which path leads to which, and what each does and answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from automask.errors import ArgumentError
from automask.testing.sandbox import checks, faults, jobs, wire
from automask.testing.sandbox.checks import Refused
from automask.testing.sandbox.control import Control
from automask.testing.sandbox.faults import Fault, first
from automask.testing.sandbox.jobs import Jobs
from automask.testing.sandbox.limits import Limits
from automask.testing.sandbox.messages import CANCEL, stamp, view
from automask.testing.sandbox.wire import Answer, Asked, as_json

FAMILY = "/api/v1/(?:nova|midjourney)"
ROUTES = [
    ("POST", f"{FAMILY}/imagine", "imagine"),
    ("POST", f"{FAMILY}/button", "button"),
    ("GET", "/api/v1/(?:message/fetch|midjourney/message)/([^/]+)", "fetch"),
    ("GET", f"{FAMILY}/images", "history"),
    ("GET", "/api/v1/subscription/account-info", "account"),
    ("POST", "/api/v1/nova/prompt-check", "check"),
]
FORBIDDEN = ("nude", "gore")  # for the prompt check: two words that stand for the real list
PAGE, SIZE, MOST = 1, 10, 100
LIFE_S = 30 * 24 * 3600.0


class Api:
    """Answers the requests to the service's own address.

    Parameters
    ----------
    key : str
        The bearer key that is accepted.
    at_work : Jobs
    switched : faults.Faults
    limits : Limits, optional
        None where rates are not enforced.
    """

    def __init__(
        self, key: str, at_work: Jobs, switched: faults.Faults, limits: Limits | None
    ) -> None:
        self.key, self.jobs, self.faults, self.limits = key, at_work, switched, limits
        self.store = at_work.store
        self.control = Control(at_work, switched)
        self.requests: list[wire.Request] = []
        self.bugs: list[Exception] = []

    def answer(self, asked: Asked) -> Answer:
        """The answer to `asked`, its faults in it; it is remembered in `requests`."""
        found, body, call = [], {}, ""
        try:
            name, part = _route(asked)
            body = _body(asked)
            call = _sort(name, body)
            found = self._faults(call, asked) if call else []
            answer = self._answered(name, part, asked, body, found)
        except Refused as refused:
            answer = wire.refusal(refused)
        except Exception as bug:  # noqa: BLE001  (told in the answer, and raised at the end)
            self.bugs.append(bug)
            answer = wire.refusal(Refused(500, f"A bug of the sandbox: {bug!r}"))
        slow = first(found, "delay")
        if slow is not None:
            answer = replace(answer, delay_s=slow.number)
        self._remember(call, asked, body, answer, found)
        return answer

    def _faults(self, call: str, asked: Asked) -> list[Fault]:
        try:
            return self.faults.take(call, asked.headers.get(faults.HEADER, ""))
        except ArgumentError as error:
            raise Refused(400, str(error)) from None

    def _answered(
        self, name: str, part: str, asked: Asked, body: dict[str, Any], found: list[Fault]
    ) -> Answer:
        """What the call answers; before it, the key, the rates and the faults are looked at."""
        if name != "download" and asked.key != self.key:
            raise Refused(401, "Invalid API key")
        before = first(found, "before")
        if before is not None and before.name != "ok":
            return wire.instead(before)
        wait_s = self.limits.wait_s(name) if self.limits and _limited(name) else 0.0
        if wait_s:
            raise Refused(429, "Too many requests", retry_after=str(int(wait_s) + 1))
        calls: dict[str, Callable[[], Answer]] = {
            "imagine": lambda: _accepted(self.jobs.imagine(body, found)),
            "button": lambda: self._button(body, found),
            "fetch": lambda: self._fetch(part, found),
            "history": lambda: self._history(asked),
            "account": self._account,
            "check": lambda: _prompt_check(body),
            "download": lambda: self._download(part, asked),
            "control": lambda: self.control.answer(part, asked, body),
        }
        answer = calls[name]()
        after = first(found, "after")
        return answer if after is None else wire.spoiled(answer, after)

    def _button(self, body: dict[str, Any], found: Sequence[Fault]) -> Answer:
        button = checks.text(body, "button", needed=True)
        if button == CANCEL:
            self.jobs.cancel(body)
            return as_json({"success": True})
        return _accepted(self.jobs.press(body, button, found))

    def _fetch(self, name: str, found: Sequence[Fault]) -> Answer:
        message = self.store.find(name)
        with self.store.lock:
            message.fetches += 1
            active = [*message.active(), *(f for f in found if f.when == "job")]
        if any(fault.name == "404" for fault in active):
            raise Refused(404, f"Message {name} not found")
        return as_json(view(message, self.store.now(), self.jobs.results_url, active))

    def _history(self, asked: Asked) -> Answer:
        page = _whole(asked, "page", PAGE, 1_000_000)
        size = _whole(asked, "size", SIZE, MOST)
        images = [
            {
                "id": message.id,
                "type": "button" if message.button else "imagine",
                "button": message.button,
                "prompt": message.prompt,
                "uri": f"{self.jobs.results_url}/results/{message.id}.png",
                "createdAt": stamp(message.created),
            }
            for message in self.store.history(page, size)
        ]
        return as_json({"images": images})

    def _account(self) -> Answer:
        told = {
            "type": "sandbox",
            "creditsQuota": self.store.quota,
            "credits": self.store.credits,
            "creditsExtra": 0,
            "expiredAt": stamp(self.store.now() + LIFE_S),
            "email": "sandbox@example.com",
        }
        return as_json(told)

    def _download(self, part: str, asked: Asked) -> Answer:
        if "Authorization" in asked.headers:
            # Storage hosts refuse a request that is authorised twice; and the key is not theirs.
            raise Refused(400, "Results are downloaded without the Authorization header")
        return Answer(200, self.jobs.png(part), "image/png")

    def _remember(
        self, call: str, asked: Asked, body: dict[str, Any], answer: Answer, found: list[Fault]
    ) -> None:
        told = tuple(map(str, found))
        with_key = "Authorization" in asked.headers
        self.requests.append(
            wire.Request(
                call, asked.method, asked.path, body, answer.status, told, with_key,
                self.store.now(),
            )
        )  # fmt: skip


def _route(asked: Asked) -> tuple[str, str]:
    """The name of the call, and the part of the path that varies."""
    if asked.host == "results":
        if asked.method == "GET":
            return "download", asked.path.strip("/")
    elif asked.path == "/sandbox" or asked.path.startswith("/sandbox/"):
        return "control", asked.path.removeprefix("/sandbox").strip("/")
    else:
        for method, pattern, name in ROUTES:
            match = re.fullmatch(pattern, asked.path) if method == asked.method else None
            if match:
                return name, "".join(match.groups())
    raise Refused(404, f"Cannot {asked.method} {asked.path}")


def _body(asked: Asked) -> dict[str, Any]:
    if asked.method != "POST" or asked.path == "/sandbox/parents":
        return {}
    return checks.json_body(asked.body)


def _sort(name: str, body: dict[str, Any]) -> str:
    """What faults know the call as; "" for the sandbox's own."""
    if name in ("imagine", "button"):
        return "cancel" if body.get("button") == CANCEL else "submit"
    return "" if name == "control" else name


def _limited(name: str) -> bool:
    return name not in ("control", "download")


def _accepted(message: jobs.Message) -> Answer:
    told = {"success": True, "messageId": message.id, "createdAt": stamp(message.created)}
    return as_json(told)


def _prompt_check(body: dict[str, Any]) -> Answer:
    words = set(re.findall(r"\w+", checks.text(body, "prompt", needed=True).lower()))
    bad = sorted(words & set(FORBIDDEN))
    if bad:
        return as_json({"status": "FAIL", "message": f"The prompt has the word {bad[0]!r}"})
    return as_json({"status": "SUCCESS"})


def _whole(asked: Asked, name: str, default: int, most: int) -> int:
    text = asked.query.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= most:
        raise Refused(400, f"{name} must be a whole number from 1 to {most}")
    return int(text)
