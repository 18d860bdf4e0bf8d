"""The contract of a provider: a service or local engine that repaints the masked part of a picture.

A provider takes bytes and gives back bytes. It is asked in three steps, `check`, `submit` and
`progress`, so that a service which takes minutes and an engine which is done at once look alike.
What a service wants of a mask (encoding, polarity, prefix) belongs to its provider.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from automask.registry import Registry

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
    """

    provider: str
    mask: bytes = field(repr=False)
    prompt: str = ""
    parent: bytes = field(default=b"", repr=False)
    parent_id: str = ""

    @cached_property
    def key(self) -> str:
        """The hash of everything that decides the outcome, in hex: the same job, the same key."""
        parts = (self.provider, self.parent_id, self.prompt, str(RECIPE))
        digest = hashlib.sha256()
        for part in (*(p.encode() for p in parts), self.parent, self.mask):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


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
    """

    state: State
    share: float | None = None
    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    error: str = ""


@dataclass(frozen=True)
class Provider(ABC):
    """A way to have the masked part of a picture repainted.

    Attributes
    ----------
    name : str
        The name on the command line; set by the registry.
    paid : bool
        Whether a submit costs money.
    uses_prompt : bool
        Whether the prompt changes the result.
    """

    name: ClassVar[str]
    paid: ClassVar[bool] = False
    uses_prompt: ClassVar[bool] = True

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
        ProviderError
            If the provider did not take the job.
        """

    @abstractmethod
    def progress(self, handle: str) -> Progress:
        """Where the job stands."""


PROVIDERS: Registry[Provider] = Registry("provider", "automask.providers")
