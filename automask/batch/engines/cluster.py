"""The Ray cluster that a batch works on: one that is there, or one of this machine alone."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from automask.batch.engines.local import cores
from automask.errors import AutomaskError

_STORE_BYTES = 80 << 20  # about the least that Ray takes: no pixels go through it
_LONGEST = 24  # characters: its sockets lie 80 deeper, and the system takes 107
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


@contextmanager
def joined(address: str, workers: int) -> Iterator[Any]:
    """The module ray, connected to the cluster; let go of at the end unless it was before.

    Parameters
    ----------
    address : str
        "" is what RAY_ADDRESS says, else a cluster of this machine alone, for as long as the block.
    workers : int
        The cores of such a cluster; 0 is all of them.

    Raises
    ------
    AutomaskError
        If there is no cluster, and none can be started.
    """
    address = address or os.environ.get("RAY_ADDRESS", "")
    with _environment(_QUIET if address else _QUIET | _private()):
        import ray

        if ray.is_initialized():
            yield ray
            return
        with _own_folder() as folder:
            wishes = {} if address else _wishes(workers, folder)
            try:
                _start(ray, address or "local", wishes)
                yield ray
            finally:
                ray.shutdown()


def _wishes(workers: int, folder: Path) -> dict[str, Any]:
    """The arguments for a cluster of this machine alone, as small as can be."""
    return {
        "num_cpus": workers or cores(),
        "include_dashboard": False,
        "object_store_memory": _STORE_BYTES,
        "_temp_dir": str(folder),
    }


@cache
def _private() -> dict[str, str]:
    """What keeps others out of a cluster of one's own: Ray listens on all networks.

    A process keeps what Ray read first, so there is one token a process, and none where Ray was
    used without.
    """
    if "ray" in sys.modules:
        return {}
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """The environment with `values`, where it does not have them, until the end of the block."""
    ours = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder for the logs and sockets of a cluster, gone afterwards."""
    usual = tempfile.gettempdir()
    short = usual if len(usual) < _LONGEST or not Path("/tmp").is_dir() else "/tmp"  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="automask-ray-", dir=short))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(ray: Any, address: str, wishes: dict[str, Any]) -> None:
    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR", **wishes)
    except Exception as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:")
        if address == "local":
            raise AutomaskError(
                f"Ray cannot be started on this machine: {why}; --engine local needs none."
            ) from error
        raise AutomaskError(
            f"No Ray cluster can be joined at {address}: {why}; check --ray-address."
        ) from error
