"""Taking jobs: a picture to be made up, a button to be pressed, a job to be cancelled."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from automask.testing.sandbox import checks, pictures
from automask.testing.sandbox.checks import Refused
from automask.testing.sandbox.faults import Fault
from automask.testing.sandbox.messages import (
    ENLARGE,
    ORIGINAL_LIFE_S,
    REGION,
    UPSCALES,
    Message,
    view,
)
from automask.testing.sandbox.pictures import Picture, Studio
from automask.testing.sandbox.store import Store
from automask.testing.sandbox.webhooks import Courier
from automask.types import Pixels

__all__ = ["Jobs", "Message"]

FILE = re.compile(r"(results|original)/([0-9a-f-]{36})(?:_([0-3]))?\.png")
SHAPE = re.compile(r"--ar (\d{1,2}):(\d{1,2})\b")
SHOWN_RUNNING = Fault("running", "1", "submit")


class Jobs:
    """What the service does with what it is asked.

    Parameters
    ----------
    store : Store
    pictures_of_an_edit : int
        1, or 4 for a grid.
    size : (W, H)
        Of each picture that is made up.
    """

    def __init__(self, store: Store, pictures_of_an_edit: int, size: tuple[int, int]) -> None:
        self.store, self.edits, self.size = store, pictures_of_an_edit, size
        self.studio = Studio()
        self.results_url = ""
        self.courier = Courier(store.now, self._hook)

    def add_parent(self, rgb: Pixels, faults: Sequence[Fault], *, upscaled: bool) -> Message:
        """A finished message with the picture `rgb`, or with a grid that begins with it; free."""
        first = pictures.given(rgb)
        parts = (first,) if upscaled else (first, *(pictures.varied(first, n) for n in (2, 3, 4)))
        button = UPSCALES[0] if upscaled else ""
        return self.store.keep(self._message(parts, {}, faults, button))

    def imagine(self, body: dict[str, Any], faults: Sequence[Fault]) -> Message:
        """Accept a picture to be made up from words."""
        prompt = checks.text(body, "prompt", needed=True)
        size = _shaped(self.size, prompt)
        parts = tuple(pictures.imagined(prompt, n, size) for n in (1, 2, 3, 4))
        return self._accept(self._message(parts, body, faults, ""), body)

    def press(self, body: dict[str, Any], button: str, faults: Sequence[Fault]) -> Message:
        """Accept a button: an upscale, a region edit, or another that makes variants."""
        parent = self.store.find(checks.text(body, "messageId", needed=True))
        now = self.store.now()
        offered = parent.buttons(now, parent.active())
        if button not in offered:
            raise Refused(400, f"Button {button!r} is not available; available are {offered}")
        parts = self._pressed(parent, button, body)
        message = self._message(parts, body, faults, button)
        message.parent = parent.id
        message.prompt = message.prompt or parent.prompt
        return self._accept(message, body)

    def _pressed(self, parent: Message, button: str, body: dict[str, Any]) -> tuple[Picture, ...]:
        if button in UPSCALES:
            return (parent.pictures[UPSCALES.index(button)],)
        source = parent.pictures[0]
        if button == REGION:
            mask = checks.mask(body, source.size)
            prompt = checks.text(body, "prompt")
            numbers = range(1, self.edits + 1)
            return tuple(pictures.repainted(source, mask, prompt, n) for n in numbers)
        variants = tuple(pictures.varied(source, n) for n in (1, 2, 3, 4))
        return variants[:1] if button in ENLARGE else variants

    def cancel(self, body: dict[str, Any]) -> None:
        """Stop a job that is not finished; its price is not given back."""
        message = self.store.find(checks.text(body, "messageId", needed=True))
        with self.store.lock:
            now = self.store.now()
            if message.status(now) in ("DONE", "FAIL"):
                raise Refused(400, "Button 'Cancel Job' is not available: the job has ended")
            message.cancelled = message.ends = now
        self.courier.expect_end(message)

    def png(self, path: str) -> bytes:
        """The file of a finished message: the whole picture, or one of its grid.

        Raises
        ------
        Refused
            404 if there is none, or it has been deleted.
        """
        match = FILE.fullmatch(path)
        if match is None:
            raise Refused(404, f"Cannot GET /{path}")
        folder, name, number = match.groups()
        message, now = self.store.find(name), self.store.now()
        late = folder == "original" and now >= message.ends + ORIGINAL_LIFE_S
        many = len(message.pictures)
        if late or message.status(now) != "DONE" or int(number or 0) >= many:
            raise Refused(404, f"There is no /{path}")
        if number is None:
            return self.studio.png(pictures.grid(message.pictures))
        return self.studio.png(message.pictures[int(number)])

    def _message(
        self, parts: tuple[Picture, ...], body: dict[str, Any], faults: Sequence[Fault], button: str
    ) -> Message:
        checks.check_timeout(body)
        now = self.store.now()
        return Message(
            id=self.store.new_id(),
            pictures=parts,
            created=now,
            starts=now,
            ends=now,
            button=button,
            prompt=checks.text(body, "prompt"),
            ref=checks.text(body, "ref"),
            webhook=checks.text(body, "webhookOverride"),
            faults=[fault for fault in faults if fault.when in ("job", "hook")],
        )

    def _accept(self, message: Message, body: dict[str, Any]) -> Message:
        asked = [str(body.get(name, "")) for name in ("messageId", "button", "mask", "prompt")]
        content = hashlib.sha256("\0".join(asked).encode()).hexdigest()
        self.store.accept(message, content)
        self.courier.expect(message)
        return message

    def _hook(self, message: Message, final: bool) -> dict[str, Any] | None:
        """The body of a webhook; None where it is out of date, because the job was cancelled."""
        if message.cancelled is not None and not final:
            return None
        lasting = [f for f in message.faults if f.when == "job"]
        lasting = [f for f in lasting if f.name.startswith(("fail", "no-"))]
        faults = lasting if final else [*lasting, SHOWN_RUNNING]
        time = max(self.store.now(), message.starts)
        return view(message, time, self.results_url, faults)


def _shaped(size: tuple[int, int], prompt: str) -> tuple[int, int]:
    """`size` in the proportions that a prompt asks for with ``--ar 3:2``, of about its area."""
    match = SHAPE.search(prompt)
    if match is None or "0" in (match[1].lstrip("0") or "0", match[2].lstrip("0") or "0"):
        return size
    ratio = int(match[1]) / int(match[2])
    area = size[0] * size[1]
    return max(1, round((area * ratio) ** 0.5)), max(1, round((area / ratio) ** 0.5))
