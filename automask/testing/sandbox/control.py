"""The sandbox's own calls, under /sandbox: for programs that run beside it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from automask.errors import ArgumentError, ImageError
from automask.testing.sandbox.checks import Refused
from automask.testing.sandbox.faults import Faults, parse
from automask.testing.sandbox.jobs import Jobs
from automask.testing.sandbox.wire import Answer, Asked, as_json


class Control:
    """What is billed, what goes wrong, and parents from pictures that are sent.

    Parameters
    ----------
    at_work : Jobs
    switched : Faults
    """

    def __init__(self, at_work: Jobs, switched: Faults) -> None:
        self.jobs, self.faults = at_work, switched

    def answer(self, part: str, asked: Asked, body: dict[str, Any]) -> Answer:
        """The answer to one of the calls.

        Raises
        ------
        Refused
            If there is no such call, or it was asked wrongly.
        """
        if (asked.method, part) == ("GET", ""):
            return as_json(self.state())
        if (asked.method, part) == ("POST", "parents"):
            return as_json({"messageId": self._parent(asked)})
        if (asked.method, part) == ("POST", "faults"):
            self._switch(body)
            return as_json(self.state())
        raise Refused(404, f"Cannot {asked.method} {asked.path}")

    def state(self) -> dict[str, Any]:
        """What was charged, what the account holds, prices, faults and webhooks, for JSON."""
        store = self.jobs.store
        return {
            "billed": store.billed(),
            "charges": [asdict(charge) for charge in store.charges],
            "credits": store.credits,
            "prices": dict(store.prices),
            "faults": {
                "on": [asdict(s) | {"fault": str(s.fault)} for s in self.faults.switches],
                "queue": [str(fault) for fault in self.faults.waiting],
            },
            "webhooks": [asdict(delivery) for delivery in self.jobs.courier.deliveries],
        }

    def _parent(self, asked: Asked) -> str:
        from automask.images.decode import decode

        try:
            rgb = decode(asked.body, "the picture").rgb
            wrong = [parse(text) for text in asked.query.get("faults", "").split(",") if text]
        except (ArgumentError, ImageError) as error:
            raise Refused(400, str(error)) from None
        upscaled = asked.query.get("upscaled", "true") != "false"
        return self.jobs.add_parent(rgb, wrong, upscaled=upscaled).id

    def _switch(self, body: dict[str, Any]) -> None:
        try:
            if body.get("clear"):
                self.faults.clear()
            self.faults.add(*body.get("add", []), times=body.get("times"))
            self.faults.queue(*body.get("queue", []))
        except (ArgumentError, AttributeError, TypeError) as error:
            raise Refused(400, str(error)) from None
