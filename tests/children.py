"""Programs in processes of their own that say when they begin, and are killed while they work."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
READY = "print('ready', flush=True)"


@contextmanager
def begun(
    program: str, *words: object, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """The process that runs `program`, a text of Python, which has reached its line `READY`.

    A kill then comes while it works and not while it is imported.
    """
    told = os.environ | (environment or {}) | {"PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", program, *map(str, words)]
    with subprocess.Popen(command, env=told, **pipes) as child:
        try:
            if child.stdout.readline() != "ready\n":
                child.kill()
                raise AssertionError(child.communicate()[1])
            yield child
        finally:
            child.kill()  # nothing is left of it when the test fails


def is_over(child: subprocess.Popen[str], wait_s: float | None) -> bool:
    """Whether `child` came to its end, without an error, before it was killed after `wait_s`."""
    try:
        _, said = child.communicate(timeout=wait_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return False
    assert child.returncode == 0, said
    return True
