"""Side-by-side timing: every case in turn, many times, and the median of each."""

from __future__ import annotations

import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Work = Callable[[], Any]
Clock = Callable[[], float]


def interleaved(
    cases: Mapping[str, Work], rounds: int, clocks: Sequence[Clock] = (time.perf_counter,)
) -> dict[str, list[float]]:
    """The median seconds of each case by each clock; a slow moment meets all cases alike."""
    taken: dict[str, list[list[float]]] = {name: [] for name in cases}
    for turn in range(rounds + 1):
        for name, work in cases.items():
            gc.collect()
            start = [clock() for clock in clocks]
            work()
            spent = [clock() - before for clock, before in zip(clocks, start, strict=True)]
            if turn:  # the first round only warms up
                taken[name].append(spent)
    return {name: [statistics.median(t) for t in zip(*s, strict=True)] for name, s in taken.items()}


def of_children() -> float:
    """Processor seconds of the processes that have run: what others do weighs little in it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def process(arguments: Sequence[str]) -> Work:
    """Running Python afresh with `arguments`; a failure is an error, not a fast run."""

    def run() -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    return run


def output(arguments: Sequence[str]) -> str:
    """What a fresh Python prints with `arguments`."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def resident_mb() -> float:
    """The resident memory of this process in MB; Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
