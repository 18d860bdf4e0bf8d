"""Repaint with ImaginePro's Vary (Region): a paid service, which knows the parent by message id.

The key comes from `IMAGINEPRO_API_KEY`, a file named by `IMAGINEPRO_API_KEY_FILE`, or the system's
keyring; the address from `IMAGINEPRO_BASE_URL`; `IMAGINEPRO_LIMITS=off` lifts the client-side rate
limits, for a service of one's own. Key and address are no arguments: a settings file that comes
with a project must not decide where the key is sent.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Literal

from automask.errors import ArgumentError, PreflightError, ProviderError
from automask.imaginepro import answers, masks, parent
from automask.imaginepro.addresses import checked_base, checked_webhook
from automask.imaginepro.client import Client, RefusedError
from automask.imaginepro.key import find_key
from automask.imaginepro.pace import Pace
from automask.imaginepro.service import PATHS, Service
from automask.providers.base import PROVIDERS, Job, Progress, Provider, Recovery, Search, State

ADDRESS = "https://api.imaginepro.ai"
INTERVALS_S = {"general": 3.0, "message": 0.1}  # the documented limits: 1 in 3 s, 10 in 1 s
log = logging.getLogger("automask.imaginepro")
GRACE_S = 15.0  # how long a job that was just submitted may be unknown to the service


@PROVIDERS.register("imaginepro")
@dataclass(frozen=True)
class ImaginePro(Provider):
    """Repaint with ImaginePro's Vary (Region): paid, by message id, several pictures come back.

    Parameters
    ----------
    paths : "nova" or "midjourney"
        The family of paths; "midjourney" is the older one. One never stands in for the other.
    mask_format : "webp" or "png"
        How the mask is encoded.
    timeout_s : int
        What the service is told as its own time limit, 10 to 900; 0 tells it none.
    strict : bool
        Refuse a parent that does not offer the button, instead of a note.
    prompt_check : bool
        Ask the service for its advice on each prompt before it is sent: free, a request more.
    limits : bool
        Keep the service's rate limits; False is for a stand-in on this machine.
    edit_credits, upscale_credits : float
        What a job is expected to cost; the price of a region edit is not published.
    """

    paid: ClassVar[bool] = True
    keeps_parents: ClassVar[bool] = True
    deadline_s: ClassVar[float] = 960.0  # the service's own limit, and a minute for the way

    paths: Literal["nova", "midjourney"] = "nova"
    mask_format: Literal["webp", "png"] = "webp"
    timeout_s: int = 900
    strict: bool = True
    prompt_check: bool = False
    limits: bool = True
    edit_credits: float = 5.0
    upscale_credits: float = 5.0
    _held: list[Service] = field(default_factory=list, init=False, repr=False, compare=False)
    _missing: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: Any = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.timeout_s and not 10 <= self.timeout_s <= 900:
            raise ArgumentError(f"timeout_s cannot be {self.timeout_s}; give 10 to 900, or 0.")

    def service(self) -> Service:
        """The service's calls (account, history, messages); made once and shared by threads.

        Raises
        ------
        SettingsError
            If there is no key, or it cannot be sent to the address.
        """
        with self._lock:
            if not self._held:
                key = find_key()
                client = Client(_address(), key, paces=self._paces(key.digest))
                least = min(self.edit_credits, self.upscale_credits)
                self._held.append(Service(client, PATHS[self.paths], least_credits=least))
            return self._held[0]

    def ready(self) -> None:
        """Nothing, if there is a key; nothing is sent.

        Raises
        ------
        SettingsError
            If there is none, or it cannot be sent to the address.
        """
        self.service()

    @property
    def first_poll_s(self) -> float:
        """Seconds before the first look: no job is done in less, but for a stand-in's."""
        return 3.0 if self._limited else 0.0

    @property
    def looks_per_s(self) -> float:
        """The most looks in a second: the service's own limit for messages; a stand-in has none."""
        return 1 / INTERVALS_S["message"] if self._limited else super().looks_per_s

    def price(self, job: Job) -> float:
        """The credits that a region edit, or an upscale, is expected to cost."""
        return self.upscale_credits if job.action else self.edit_credits

    def parent(self, parent_id: str) -> bytes:
        """The picture of the message `parent_id`, which can be edited."""
        told = parent.find(self.service(), parent_id)
        for note in parent.check(told, strict=self.strict):
            log.warning(note)
        return parent.picture(self.service(), told)

    def upscaling(self, parent_id: str, number: int) -> Job | None:
        """The upscale of picture `number`, 1 to 4, of a grid; None when it is none."""
        if not 1 <= number <= len(answers.UPSCALES):
            raise ArgumentError(f"A grid has the pictures 1 to 4; there is no picture {number}.")
        if not parent.find(self.service(), parent_id).is_grid:
            return None
        return Job(self.name, b"", parent_id=parent_id, action=answers.UPSCALES[number - 1])

    def preview(self, job: Job) -> bytes:
        """The picture to be upscaled, as its grid shows it."""
        told = parent.find(self.service(), job.parent_id)
        number = answers.UPSCALES.index(job.action)
        return parent.part(self.service(), told, number)

    def check(self, job: Job) -> list[str]:
        """Notes on the mask; its parent, where its picture is not at hand, is looked up."""
        if job.action:
            return []
        if job.webhook:
            checked_webhook(job.webhook)
        mask, notes = self._mask(job), []
        picture = job.parent
        if not picture:
            told = parent.find(self.service(), job.parent_id)
            notes = parent.check(told, strict=self.strict)
            picture = parent.picture(self.service(), told)
        masks.check_size((mask.width, mask.height), parent.size(picture))
        if not job.prompt:
            notes.append("There is no prompt; the service decides what it paints.")
        return notes + self._advice(job.prompt) + mask.notes()

    def _advice(self, prompt: str) -> list[str]:
        """What the service says against a prompt, where that is wanted; it is only advice."""
        if not (prompt and self.prompt_check):
            return []
        try:
            advice = self.service().prompt_check(prompt)
        except ProviderError as error:
            return [f"The prompt was not checked: {error}"]
        why = f": {advice.message.rstrip('.')}" if advice.message else ""
        return [f"ImaginePro advises against the prompt{why}."] if advice.ok is False else []

    def submit(self, job: Job) -> str:
        """The message id of the region edit or upscale; it is sent once."""
        body = self.body(job)
        return self.service().press(body)

    def recover(self, ref: str, job: Job, since: datetime) -> Recovery:
        """What the history of the last 24 hours says of a job in doubt."""
        return self.search()(ref, job, since)

    def search(self) -> Search:
        """`recover` for several: the history is read once, when it is first needed."""
        past = cache(lambda: self.service().past())

        def recover(ref: str, job: Job, since: datetime) -> Recovery:
            return Recovery(*past().find(ref, job.prompt, since, job.action or answers.EDIT))

        return recover

    def progress(self, handle: str) -> Progress:
        """Where the job stands; one that is not known yet is taken to be queued for a while."""
        try:
            message = self.service().message(handle)
        except RefusedError as error:
            if error.status != 404 or not self._may_still_come(handle):
                raise
            return Progress(State.QUEUED)
        with self._lock:
            self._missing.pop(handle, None)
        return _progress(message)

    def confirm(self, handle: str, ref: str) -> None:
        """Nothing, if the service knows the message and it carries `ref`, or no reference."""
        told = self.service().message(handle)
        if told.ref not in ("", ref):
            raise ProviderError(f"{handle} is another job of ImaginePro's: it carries {told.ref}.")

    def pictures(self, progress: Progress) -> tuple[bytes, ...]:
        """Every result of a job that is done, fetched without the key; none is cut short."""
        return tuple(map(self.service().fetch, progress.addresses))

    def cancel(self, handle: str) -> None:
        """Ask the service to stop the job; what it cost may be lost."""
        self.service().cancel(handle)

    def body(self, job: Job) -> dict[str, Any]:
        """The JSON that `submit` sends."""
        button = {"messageId": job.parent_id, "button": job.action or answers.EDIT}
        mask = {} if job.action else {"mask": self._mask(job).text}
        prompt = {"prompt": job.prompt} if job.prompt else {}
        wanted = {"ref": job.reference, "webhookOverride": job.webhook, "timeout": self.timeout_s}
        return button | mask | prompt | {name: value for name, value in wanted.items() if value}

    def outline(self, job: Job) -> dict[str, Any]:
        """What `submit` would do, for people: nothing is sent and no key is needed."""
        asked = {"method": "POST", "url": checked_base(_address()) + PATHS[self.paths].button}
        if job.webhook:
            checked_webhook(job.webhook)
        if job.action:
            return asked | {"json": self.body(job), "credits": self.price(job)}
        mask = self._mask(job)
        body = self.body(job) | {"mask": mask.shortened}
        return asked | {"json": body, "mask": mask.facts(), "credits": self.price(job)}

    def close(self) -> None:
        """Let go of the connections; the next call makes new ones."""
        with self._lock:
            while self._held:
                self._held.pop().client.close()

    def _mask(self, job: Job) -> masks.Sent:
        if not job.parent_id:
            raise PreflightError(
                "ImaginePro edits only pictures that it made itself, by their message id "
                "(--message-id), and cannot be given a photo; use --provider opencv for a local "
                "file."
            )
        return masks.prepared(job.mask, self.mask_format)

    @property
    def _limited(self) -> bool:
        return self.limits and os.environ.get("IMAGINEPRO_LIMITS", "").lower() != "off"

    def _paces(self, digest: str) -> dict[str, Pace]:
        from platformdirs import user_cache_path

        if not self._limited:
            return {}
        file = user_cache_path("automask", appauthor=False) / "imaginepro-turns.sqlite"
        return {kind: Pace(f"{digest} {kind}", s, file) for kind, s in INTERVALS_S.items()}

    def _may_still_come(self, handle: str) -> bool:
        now = time.monotonic()
        with self._lock:
            return now - self._missing.setdefault(handle, now) < GRACE_S


def _address() -> str:
    return os.environ.get("IMAGINEPRO_BASE_URL", "").rstrip("/") or ADDRESS


def _progress(message: answers.Message) -> Progress:
    if message.failed:
        return Progress(State.FAILED, message.share, error=message.error or "no reason is given")
    if message.done and message.pictures:
        return Progress(State.DONE, 1.0, addresses=message.pictures)
    if message.done:
        return Progress(State.FAILED, 1.0, error="it is DONE and names no picture")
    waiting = message.status in answers.WAITING
    return Progress(State.QUEUED if waiting else State.RUNNING, message.share)
