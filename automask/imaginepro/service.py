"""The service's calls: buttons that are pressed once, and questions that cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from automask.errors import InDoubtError, ProviderError
from automask.imaginepro import answers
from automask.imaginepro.client import Client, RefusedError
from automask.imaginepro.history import History
from automask.imaginepro.results import download

T = TypeVar("T")


class Paths(NamedTuple):
    """Where the calls of one family are."""

    button: str
    message: str
    images: str
    prompt_check: str = "/api/v1/nova/prompt-check"
    account: str = "/api/v1/subscription/account-info"


PATHS = {
    "nova": Paths("/api/v1/nova/button", "/api/v1/message/fetch/", "/api/v1/nova/images"),
    "midjourney": Paths(
        "/api/v1/midjourney/button", "/api/v1/midjourney/message/", "/api/v1/midjourney/images"
    ),
}


@dataclass(frozen=True)
class Service:
    """The calls of one family of paths over one client.

    Parameters
    ----------
    client : Client
    paths : Paths
        Where the calls are; no family ever stands in for another, since that may pay twice.
    least_credits : float
        Fewer than these cannot pay for a job: it tells why a 401 came.
    """

    client: Client
    paths: Paths = PATHS["nova"]
    least_credits: float = field(default=5.0, kw_only=True)
    _refs: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def press(self, body: Mapping[str, Any]) -> str:
        """The message id of the job that a button starts; sent once, paid.

        Raises
        ------
        RefusedError, UnreachableError
            If it was not taken.
        InDoubtError
            If it may have been taken.
        """
        ref = str(body.get("ref", ""))
        told = self._call(lambda: self.client.post(self.paths.button, body, ref=ref))
        if handle := answers.handle(told):
            return handle
        raise InDoubtError(
            "ImaginePro took the job and gave no message id; so it is not sent again.",
            ref,
        )

    def cancel(self, message_id: str) -> None:
        """Ask for the job to be stopped."""
        body = {"messageId": message_id, "button": answers.CANCEL}
        self._call(lambda: self.client.post(self.paths.button, body, paid=False))

    def message(self, message_id: str) -> answers.Message:
        """The job `message_id` as the service tells of it."""
        path = self.paths.message + quote(message_id, safe="")
        body = self._call(lambda: self.client.get(path, pace="message"))
        return answers.message(body, message_id)

    def history(self, page: int = 1, size: int = 10) -> tuple[answers.Picture, ...]:
        """One page of what was made in the last 24 hours, the newest first."""
        asked = {"page": page, "size": size}
        return answers.history(self._call(lambda: self.client.get(self.paths.images, asked)))

    def account(self) -> answers.Account:
        """What is left on the account."""
        try:
            return answers.account(self.client.get(self.paths.account))
        except RefusedError as error:
            if error.status != 401:
                raise
        # It costs nothing, so that used-up credits are no reason.
        raise RefusedError("ImaginePro does not accept the key (401); check it.", 401)

    def prompt_check(self, prompt: str) -> answers.PromptCheck:
        """The service's advice on `prompt`; it costs nothing."""
        path, body = self.paths.prompt_check, {"prompt": prompt}
        return answers.prompt_check(self._call(lambda: self.client.post(path, body, paid=False)))

    def fetch(self, address: str) -> bytes:
        """The picture at `address`, where the service has put a result; see `download`."""
        return download(self.client, address)

    def past(self) -> History:
        """The history as it stands, to look for jobs in doubt in it; nothing is asked yet."""
        return History(self.history, self._ref)

    def _ref(self, message_id: str) -> str:
        """The reference that a job carries, asked for once: it does not change."""
        if message_id not in self._refs:
            self._refs[message_id] = self.message(message_id).ref
        return self._refs[message_id]

    def _call(self, call: Callable[[], T]) -> T:
        """What `call` gives; a 401 is told apart: a wrong key, or no credits left."""
        try:
            return call()
        except RefusedError as error:
            if error.status != 401:
                raise
            refused = error
        raise self._explained(refused)

    def _explained(self, refused: RefusedError) -> RefusedError:
        try:
            left = self.account().left
        except RefusedError as error:
            return error if error.status == 401 else refused
        except ProviderError:
            return refused
        if left is not None and left < self.least_credits:
            return RefusedError(
                f"ImaginePro refused the job: {left:g} credits are left (401); the key is good.",
                401,
            )
        return RefusedError(f"{refused} The account itself accepts the key.", 401)
