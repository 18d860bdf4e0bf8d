"""The contract of a provider: a service or local engine that repaints the masked part of a picture.

A provider takes bytes and gives back bytes. It is asked in three steps, `check`, `submit` and
`progress`, so that a service which takes minutes and an engine which is done at once look alike.
What a service wants of a mask (encoding, polarity, prefix) belongs to its provider.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

import numpy as np

from automask import settings
from automask.arguments import bind, check_class
from automask.errors import ArgumentError, ImageError, ProviderError
from automask.images import encode
from automask.lazy import cached_property
from automask.registry import Registry
from automask.weights import Weights

# Part of every job's key: raise it when the same inputs would be submitted in another way.
RECIPE = 1


class State(StrEnum):
    """Where a job stands; `done`, `failed` and `cancelled` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether the job will not change any more."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Job:
    """One parent image, one mask, one prompt, one provider.

    Parameters
    ----------
    provider : str
        The provider's name.
    mask : bytes
        PNG of the parent's size with two values: 0 keeps, 255 repaints.
    prompt : str
        What to paint there; may be empty.
    parent : bytes
        The picture, PNG, the right way up; empty where the provider knows it by `parent_id`.
    parent_id : str
        The provider's own name for the parent, where it keeps one.
    ref : str
        What a service that echoes something is given to echo; the key when left out. It is not
        part of the key, so that the same job can be asked for again.
    action : str
        What to do with the parent where that is not repainting, in the provider's own word ("U2");
        there is no mask then.
    webhook : str
        An address that a service may tell of the job's progress; not part of the key either.
    """

    provider: str
    mask: bytes = field(repr=False)
    prompt: str = ""
    parent: bytes = field(default=b"", repr=False)
    parent_id: str = ""
    action: str = field(default="", kw_only=True)
    ref: str = field(default="", kw_only=True)
    webhook: str = field(default="", repr=False, kw_only=True)

    @property
    def reference(self) -> str:
        """`ref`, or the key where there is none."""
        return self.ref or self.key

    @cached_property
    def key(self) -> str:
        """The hash of everything that decides the outcome, in hex: the same job, the same key.

        A parent that the provider knows by name counts by its name, and a mask by its pixels: the
        same one from another encoder must not be paid for again. So a model counts by what it
        selects: another one that selects the same pixels asks for the same job. Which models it
        was, with their sha256, is in the mask (`Mask.models`), in every report of it and in the
        record of the job.
        """
        parts = (self.provider, self.parent_id, self.prompt, self.action, str(RECIPE))
        parent = b"" if self.parent_id else self.parent
        digest = hashlib.sha256()
        for part in (*(p.encode() for p in parts), parent, self.mask_sha256.encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()

    @cached_property
    def mask_sha256(self) -> str:
        """The hash of the mask's pixels, in hex; "" where there is no mask."""
        if not self.mask:
            return ""
        try:
            bits = encode.decode(self.mask)
        except ImageError:  # no picture: the provider refuses it
            return hashlib.sha256(self.mask).hexdigest()
        shape = repr(bits.shape).encode()
        return hashlib.sha256(shape + np.packbits(bits).tobytes()).hexdigest()


@dataclass(frozen=True)
class Progress:
    """What a provider says of a submitted job.

    Parameters
    ----------
    state : State
    share : float, optional
        How much is done, 0 to 1, where the provider knows.
    pictures : tuple of bytes
        The encoded results of a job that is done; one or several.
    error : str
        Why it failed.
    addresses : tuple of str
        Where the results lie, of a provider that keeps them; `Provider.pictures` gets them.
    """

    state: State
    share: float | None = None
    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    error: str = ""
    addresses: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))  # its name will do


@dataclass(frozen=True)
class Recovery:
    """What a provider can say of a job in doubt.

    Parameters
    ----------
    handle : str
        The job, when one carries its reference: then it was taken. "" when none does.
    possible : tuple of str
        Handles of jobs that ask for the same and carry no reference: perhaps it is one of them.
    complete : bool
        Whether all was looked through in which it would be, once it is done.
    """

    handle: str = ""
    possible: tuple[str, ...] = ()
    complete: bool = True


Search: TypeAlias = Callable[[str, Job, datetime], Recovery]  # as `Provider.recover`


@dataclass(frozen=True)
class Provider(ABC):
    """A way to have the masked part of a picture repainted.

    Attributes
    ----------
    name : str
        The name on the command line; set by the registry.
    paid : bool
        Whether a submit costs money.
    keeps_parents : bool
        Whether it knows pictures by its own names, and takes no others.
    uses_prompt : bool
        Whether the prompt changes the result.
    last_poll_s : float
        Seconds between two looks at a job that takes long.
    deadline_s : float
        How long it makes sense to wait for a job, in seconds.
    """

    name: ClassVar[str]
    paid: ClassVar[bool] = False
    keeps_parents: ClassVar[bool] = False
    uses_prompt: ClassVar[bool] = True
    last_poll_s: ClassVar[float] = 10.0
    deadline_s: ClassVar[float] = math.inf

    @property
    def first_poll_s(self) -> float:
        """Seconds between a submit and the first look at it."""
        return 0.0

    @property
    def looks_per_s(self) -> float:
        """The most looks at jobs in a second, at all of them together."""
        return 15.0  # they take a few percent of one core

    def weights(self) -> tuple[Weights, ...]:
        """The files of the models that it uses on this machine: they decide what is painted."""
        return ()

    def ready(self) -> None:
        """Nothing, if there are jobs that could be submitted; asked once, before many are made.

        Raises
        ------
        AutomaskError
            If there are none, whatever they ask for: a model, a key or a library is missing.
        """
        self.weights()

    def price(self, job: Job) -> float:  # noqa: ARG002
        """The credits that `job` is expected to cost."""
        return 0.0

    def check(self, job: Job) -> list[str]:  # noqa: ARG002
        """Notes for the user before `job` is submitted.

        Raises
        ------
        PreflightError
            If the job must not be submitted.
        """
        return []

    @abstractmethod
    def submit(self, job: Job) -> str:
        """The handle of the job that was submitted, once.

        Raises
        ------
        BusyError
            If it asks to wait, and may have taken the job all the same.
        InDoubtError
            If it may have taken the job: it must not be submitted again before that is known.
        ProviderError
            If the provider did not take the job.
        """

    @abstractmethod
    def progress(self, handle: str) -> Progress:
        """Where the job stands.

        Raises
        ------
        UnreachableError
            If the provider does not say now; the job is not touched by that.
        """

    def confirm(self, handle: str, ref: str) -> None:  # noqa: ARG002
        """Nothing, if the provider has a job `handle` that may be the one with the reference `ref`.

        Raises
        ------
        ProviderError
            If it does not know it, or knows it as another one.
        """
        self.progress(handle)

    def pictures(self, progress: Progress) -> tuple[bytes, ...]:
        """The encoded results of a job that is done, fetched from where they lie."""
        return progress.pictures

    def cancel(self, handle: str) -> None:
        """Ask the provider to stop the job.

        Raises
        ------
        ProviderError
            If it cannot.
        """
        raise ProviderError(f"{self.name} cannot cancel a job; {handle} goes on.")

    def parent(self, parent_id: str) -> bytes:
        """The encoded picture that the provider knows by that name, ready to be repainted.

        Raises
        ------
        PreflightError
            If it cannot be repainted.
        """
        raise ProviderError(f"{self.name} keeps no pictures and cannot know {parent_id!r}.")

    def upscaling(self, parent_id: str, number: int) -> Job | None:  # noqa: ARG002
        """The job that makes picture `number` of the grid `parent_id` fit to be repainted.

        None where the parent is no grid.
        """
        raise ProviderError(f"{self.name} knows no grids; leave the upscale out.")

    def preview(self, job: Job) -> bytes:  # noqa: ARG002
        """The picture that the upscale `job` will enlarge, encoded; empty where it is not known.

        Raises
        ------
        ProviderError
            If it cannot be had now.
        """
        return b""

    def outline(self, job: Job) -> dict[str, Any]:
        """What `submit` would do, for people and as JSON; nothing is sent."""
        return {"provider": self.name, "prompt": job.prompt, "credits": self.price(job)}

    def recover(self, ref: str, job: Job, since: datetime) -> Recovery:  # noqa: ARG002
        """What became of the job with the reference `ref`, sent at `since` or later and in doubt.

        Raises
        ------
        UnreachableError
            If the provider does not say now.
        """
        return Recovery()

    def search(self) -> Search:
        """`recover` for several jobs in one go: what it reads of them all, it reads once."""
        return self.recover


PROVIDERS: Registry[Provider] = Registry(
    "provider", "automask.providers", lambda cls: check_class(cls, Provider)
)


def provider_of(name: str = "") -> Provider:
    """The provider of that name; the one of the settings when it is empty.

    Raises
    ------
    ArgumentError
        If there is none.
    """
    if not isinstance(name, str):
        raise ArgumentError(f"A provider cannot be {name!r}; give its name, or an instance of one.")
    wishes = settings.load()
    name = name or wishes.provider
    if name not in PROVIDERS:
        near = PROVIDERS.nearest(name)
        offer = f"did you mean {near!r}?" if near else f"choose from: {', '.join(PROVIDERS)}."
        raise ArgumentError(f"There is no provider {name!r}; {offer}")
    return bind(PROVIDERS[name], name, [], wishes.providers.get(name, {}))
