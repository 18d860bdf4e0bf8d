"""The sandbox as an object: start it, register parents, switch faults, look what was billed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from automask.errors import ArgumentError
from automask.testing.sandbox import faults as fault_names
from automask.testing.sandbox.api import Api
from automask.testing.sandbox.faults import Faults
from automask.testing.sandbox.jobs import Jobs
from automask.testing.sandbox.limits import Limits
from automask.testing.sandbox.server import LOOPBACK, Server
from automask.testing.sandbox.store import PRICES, Charge, Store
from automask.testing.sandbox.webhooks import Delivery
from automask.testing.sandbox.wire import Request


class Sandbox:
    """A stand-in of the ImaginePro API on this machine, to be used in a ``with`` block.

    Parameters
    ----------
    faults : iterable of str
        Faults that are on from the start, as in `automask.testing.sandbox.faults`.
    seed : int, optional
        The same seed, the same key, message ids and drawn faults; None for others each time.
    fault_share : float
        In which share (0..1) of the calls that fit one of `faults` is on.
    time_scale : float
        1 is about as slow as the service; 0 finishes every job at once.
    credits : int
        What the account holds.
    prices : mapping of str to int
        Credits by button, over the usual ones: ``{"Vary (Region)": 8}``; also "imagine", and
        "button" for all that are not named.
    pictures : {4, 1}
        How many pictures a region edit gives.
    size : (W, H)
        Of one picture that is made up.
    limits : bool
        Enforce the documented rates, with 429.
    port : int
        0 for any that is free.

    Examples
    --------
    >>> import numpy as np
    >>> import requests
    >>> with Sandbox(seed=1) as sandbox:
    ...     parent = sandbox.add_parent(np.zeros((40, 60, 3), np.uint8))
    ...     address = f"{sandbox.url}/api/v1/message/fetch/{parent}"
    ...     told = requests.get(address, headers=sandbox.headers, timeout=5).json()
    >>> told["status"], "Vary (Region)" in told["buttons"], sandbox.charges
    ('DONE', True, [])
    """

    def __init__(  # noqa: PLR0913  (what a test chooses, each by name)
        self,
        *,
        faults: Iterable[str] = (),
        seed: int | None = None,
        fault_share: float = 1.0,
        time_scale: float = 0.0,
        credits: int = 10_000,  # noqa: A002  (the service's word)
        prices: Mapping[str, int] | None = None,
        pictures: int = 4,
        size: tuple[int, int] = (512, 512),
        limits: bool = False,
        port: int = 0,
    ) -> None:
        if isinstance(faults, str):
            raise ArgumentError(f"faults is a list, so write faults=[{faults!r}].")
        if pictures not in (1, 4):
            raise ArgumentError(f"pictures={pictures} cannot be; a region edit gives 1 or 4.")
        if time_scale < 0 or not 0 <= fault_share <= 1:
            raise ArgumentError("time_scale is 0 or more, and fault_share from 0 to 1.")
        generator = random.Random(seed)  # noqa: S311  (nothing here is secret)
        self.key = f"sandbox-{generator.getrandbits(96):024x}"
        self.faults = Faults(random.Random(generator.getrandbits(32)))  # noqa: S311
        self.faults.add(*faults, share=fault_share)
        self.prices = {**PRICES, **(prices or {})}
        self.store = Store(generator, credits, self.prices, time_scale)
        self._port, self._servers = port, list[Server]()
        self._jobs = Jobs(self.store, pictures, size)
        self._api = Api(self.key, self._jobs, self.faults, Limits() if limits else None)

    def start(self) -> Self:
        """Begin to serve; `url` and `results_url` are known from here on."""
        try:
            self._servers = [Server("api", self._port, self._api.answer)]
        except (OSError, OverflowError) as error:
            raise ArgumentError(
                f"{LOOPBACK}:{self._port} cannot be served ({error}); choose another port, or 0."
            ) from None
        self._servers.append(Server("results", 0, self._api.answer))
        self.url, self.results_url = (server.url for server in self._servers)
        self._jobs.results_url = self.results_url
        for server in self._servers:
            server.start()
        return self

    def stop(self) -> None:
        """Stop serving; what was billed can still be looked at."""
        for server in self._servers:
            server.stop()
        self._jobs.courier.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if kind is None and self._api.bugs:
            raise self._api.bugs[0]

    @property
    def headers(self) -> dict[str, str]:
        """What authorises a request."""
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead automask to this sandbox."""
        return {"IMAGINEPRO_BASE_URL": self.url, "IMAGINEPRO_API_KEY": self.key}

    @property
    def requests(self) -> list[Request]:
        """Every request so far, with what was answered."""
        return list(self._api.requests)

    @property
    def charges(self) -> list[Charge]:
        """Everything that was billed, in order."""
        return list(self.store.charges)

    @property
    def billed(self) -> Counter[str]:
        """How many jobs were billed for each ref: ``sandbox.billed[ref] == 1``."""
        return self.store.billed()

    @property
    def billed_alike(self) -> Counter[str]:
        """How many jobs were billed for each content (parent, button, mask, prompt), hashed."""
        return self.store.billed_alike()

    @property
    def webhooks(self) -> list[Delivery]:
        """The webhooks that were posted, or could not be; waits for those that are due."""
        self._jobs.courier.settle()
        return list(self._jobs.courier.deliveries)

    def add_parent(self, picture: Any, *, upscaled: bool = True, faults: Iterable[str] = ()) -> str:
        """The id of a new finished message with `picture`; it costs nothing.

        Parameters
        ----------
        picture : path, bytes, PIL image, uint8 RGB array or Image
        upscaled : bool
            False for a grid of four, which has to be upscaled before a region can be edited.
        faults : iterable of str
            What is wrong with the message: ``["no-buttons"]``.

        Raises
        ------
        ImageError
            If `picture` cannot be read.
        """
        from automask import images

        wrong = [fault_names.parse(text) for text in faults]
        rgb = images.load(picture).rgb
        return self._jobs.add_parent(rgb, wrong, upscaled=upscaled).id

    def advance(self, seconds: float) -> None:
        """Put the sandbox's clock forward: jobs finish, history and originals expire."""
        self.store.ahead_s += seconds
        self._jobs.courier.hurry()
