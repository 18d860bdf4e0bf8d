"""A stand-in of the ImaginePro API on loopback: the same calls, and every fault on request.

It answers as the public documentation says; where that says nothing it does what
``docs/sandbox.md`` names. What works here was tried against the sandbox, not the service.

* `sandbox`    the object that tests use; it puts the rest together
* `api`        which path leads to which call;  `jobs` what a call does;  `checks` what is refused
* `messages`   how a job is told;  `store` credits, charges, the queue
* `faults`     what can go wrong;  `webhooks` telling the client;  `limits` rates
* `pictures`   recipes of pictures;  `repaint` how they are painted
* `server`     HTTP;  `wire` requests and answers without it;  `control` the sandbox's own calls
"""

from __future__ import annotations

from automask.testing.sandbox.faults import FAULTS, HEADER
from automask.testing.sandbox.sandbox import Sandbox

__all__ = ["FAULTS", "HEADER", "Sandbox"]
