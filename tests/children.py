"""Programs in processes of their own that say when they begin, and are killed while they work."""

import os
import signal
import subprocess
import sys
import time
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


def is_over(
    child: subprocess.Popen[str],
    wait_s: float | None,
    *signals: signal.Signals,
    codes: tuple[int, ...] = (0,),
) -> bool:
    """Whether `child` came to its end by itself before `signals` ended it after `wait_s`.

    Without `signals` it is killed. What ends by itself gives one of `codes`, and one that is
    interrupted 130.
    """
    try:
        _, said = child.communicate(timeout=wait_s)
    except subprocess.TimeoutExpired:
        signals = signals or (signal.SIGKILL,)
        for number, each in enumerate(signals):
            time.sleep(0.01 * bool(number))  # two that come at once would be one
            child.send_signal(each)
        _, said = child.communicate(timeout=60)
        ended = [130 if each is signal.SIGINT else -each for each in signals]
        if child.returncode in ended:
            assert "Traceback" not in said, said
            return False
    assert child.returncode in codes, (child.returncode, said)
    return True
