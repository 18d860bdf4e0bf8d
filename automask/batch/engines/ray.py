"""A Ray cluster (automask[ray]): the same tasks, on the cores of several machines.

Tasks carry addresses and outcomes facts, so nothing but those goes through Ray. All machines have
to see the inputs and the batch's folder under the same names (a shared disk, or addresses), and to
have the same automask. A task whose worker or machine dies is done again by Ray; it writes the same
files, whole or not at all, and gives one outcome. Paid jobs are no tasks: after its driver has died
a cluster goes on with what it has, and nobody would know what that cost.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, cast

from automask.batch.addresses import is_address
from automask.batch.engines.cluster import joined
from automask.batch.states import FAILED
from automask.batch.work import Outcome, Task
from automask.errors import ArgumentError, AutomaskError
from automask.version import __version__

AHEAD = 2  # tasks that are ready for each core
SPELL_S = 0.05  # of work make a task: one of less costs Ray as much again
MOST = 16  # pictures of a task
RETRIES = 3  # times that a picture is done again whose worker died
LOOK_S = 5.0  # between two looks at how many cores the cluster has
SHARED_S = 10.0  # what a shared disk may take to show what another machine wrote


@dataclass(frozen=True)
class Setting:
    """What a worker has to know of the process that drives it.

    Parameters
    ----------
    version : str
        Of automask; another one may select other pixels.
    folder : str
        The working folder, from which the files of rules are meant.
    environment : tuple of (str, str)
        The variables of automask itself: where models are, whether they may be fetched.
    """

    version: str
    folder: str
    environment: tuple[tuple[str, str], ...]

    @classmethod
    def here(cls) -> Setting:
        """That of this process."""
        own = ((k, v) for k, v in sorted(os.environ.items()) if k.startswith("AUTOMASK_"))
        return cls(__version__, str(Path.cwd()), tuple(own))


@dataclass(frozen=True)
class Ray:
    """An engine of the machines of a Ray cluster.

    Parameters
    ----------
    workers : int
        The most tasks at once; 0 is one a core.
    address : str
        Of the cluster, such as "10.0.0.1:6379", or "auto" for the one that this machine is part
        of; "" is what RAY_ADDRESS says, else a cluster of this machine alone, for this run.

    Raises
    ------
    ArgumentError
        If the package ray is not installed.
    """

    workers: int = 0
    address: str = ""

    def __post_init__(self) -> None:
        if importlib.util.find_spec("ray") is None:
            raise ArgumentError(
                "The engine ray needs the package ray; install it: pip install 'automask[ray]'."
            )

    def outcomes(self, do: Callable[[Task], Outcome], tasks: Iterator[Task]) -> Iterator[Outcome]:
        """What comes of each of `tasks`, as soon as it is there.

        Raises
        ------
        AutomaskError
            If there is no cluster, or its machines cannot do this work.
        """
        with joined(self.address, self.workers) as ray:
            flight, left = _Flight(ray, do, _Limit(ray, self.workers)), iter(tasks)
            try:
                while some := list(islice(left, flight.size)):
                    flight.begin(some)
                    while flight.is_full():
                        yield from flight.landed()
                while flight.busy:
                    yield from flight.landed()
            finally:
                flight.cancel()


@dataclass
class _Limit:
    """How many tasks may be in flight, by the cores that the cluster has at the time."""

    ray: Any
    workers: int
    _looked: float = -LOOK_S
    _tasks: int = AHEAD

    def __call__(self) -> int:
        now = time.monotonic()
        if now - self._looked >= LOOK_S:
            self._looked = now
            there = int(self.ray.cluster_resources().get("CPU", 0))
            self._tasks = max(1, min(there, self.workers or there)) * AHEAD
        return self._tasks


@dataclass
class _Flight:
    """The tasks that are at the cluster, of several pictures each where those take little time."""

    ray: Any
    do: Callable[[Task], Outcome]
    limit: _Limit
    size: int = 1  # pictures of the next task
    busy: dict[Any, list[Task]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._remote = self.ray.remote(num_cpus=1)(work)
        self._setting = Setting.here()

    def begin(self, some: Sequence[Task]) -> None:
        """Send `some` pictures as one task."""
        sent = [t if is_address(t.out) else replace(t, out=_absolute(t.out)) for t in some]
        # One that kills its worker must not take others with it: then each is sent alone.
        remote = self._remote.options(max_retries=RETRIES if len(sent) == 1 else 0)
        self.busy[remote.remote(self._setting, self.do, sent)] = sent

    def is_full(self) -> bool:
        return len(self.busy) >= self.limit()

    def landed(self) -> Iterator[Outcome]:
        """What came of those that are over; waits for one, and not so long that a signal has to."""
        refs = list(self.busy)
        if self.ray.wait(refs, num_returns=1, timeout=1.0)[0]:
            for ref in self.ray.wait(refs, num_returns=len(refs), timeout=0)[0]:
                yield from self._outcomes(ref, self.busy.pop(ref))

    def cancel(self) -> None:
        """Take back what has not been begun, and stop the rest."""
        for ref in self.busy:
            self.ray.cancel(ref)
        self.busy.clear()

    def _outcomes(self, ref: Any, some: list[Task]) -> list[Outcome]:
        errors = self.ray.exceptions
        try:
            node, seconds, outcomes = cast("tuple[str, float, list[Outcome]]", self.ray.get(ref))
        except errors.RayTaskError as error:  # `do` raises nothing: it could not be run at all
            why = str(error.cause or error).strip().splitlines()[-1]
            raise AutomaskError(
                f"A machine of the cluster cannot work on pictures: {why}; "
                f"install automask {__version__} on each."
            ) from None
        except errors.RayError as error:
            if len(some) == 1:
                return [Outcome(some[0].item.name, FAILED, _lost(error))]
            for task in some:
                self.begin([task])
            return []
        self.size = max(1, min(MOST, int(SPELL_S * len(some) / max(seconds, 1e-3))))
        if node not in self._seen and _is_shared(some[0].out, outcomes):
            self._seen.add(node)
        return outcomes


def _absolute(out: str) -> str:
    return str(Path(out).absolute())


def work(
    setting: Setting, do: Callable[[Task], Outcome], some: Sequence[Task]
) -> tuple[str, float, list[Outcome]]:
    """The machine it was done on, the seconds it took, and what came of each of `some` pictures.

    Runs in a worker of the cluster.
    """
    node, started = _settled(setting), time.perf_counter()
    outcomes = [do(task) for task in some]
    return node, time.perf_counter() - started, outcomes


@cache
def _settled(setting: Setting) -> str:
    """The name of this machine, after its worker was set up; once a process.

    Raises
    ------
    RuntimeError
        If another automask is installed here.
    """
    if setting.version != __version__:
        raise RuntimeError(f"{platform.node()} has automask {__version__}")
    os.environ.update(setting.environment)
    if Path(setting.folder).is_dir():
        os.chdir(setting.folder)
    import cv2
    import ray

    cv2.setNumThreads(1)
    return str(ray.get_runtime_context().get_node_id())


def _is_shared(out: str, outcomes: Sequence[Outcome]) -> bool:
    """Whether something that another machine wrote was looked for, and seen, in our folder.

    Raises
    ------
    AutomaskError
        If it is not there: its folder of that name is not ours.
    """
    written = next((outcome.outputs[0][0] for outcome in outcomes if outcome.outputs), "")
    if not written or is_address(out):
        return False
    until = time.monotonic() + SHARED_S
    place = Path(out) / written
    while not place.exists():
        if time.monotonic() > until:
            raise AutomaskError(
                f"{out} is not the same folder on all machines of the cluster: {place.name} was "
                "written and is not here; give a shared folder, or an address, with -o."
            )
        time.sleep(0.1)
    return True


def _lost(error: Exception) -> str:
    kind = type(error).__name__
    if kind in ("WorkerCrashedError", "NodeDiedError", "OutOfMemoryError"):
        return (
            f"The process that worked on it died {RETRIES + 1} times; the picture may be too large "
            "for the machine, or break a library."
        )
    why = " ".join(str(error).split())[:200]
    return f"The cluster gave no answer ({kind}): {why}"
