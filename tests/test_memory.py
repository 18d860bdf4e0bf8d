"""Memory that was freed is kept for the next who asks, unless malloc was set up from outside."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

LENGTH = 60 << 20  # what is smaller than 32 MB glibc keeps once it was freed

FAULTS = f"""
import resource
import numpy as np
from automask import memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones({LENGTH}, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
wild = faults()
memory.keep_freed()
faults()
print(wild, faults())
"""

NEW_GLIBC = platform.libc_ver()[0] == "glibc" and (
    tuple(int(part) for part in platform.libc_ver()[1].split(".")[:2]) >= (2, 35)
)
pytestmark = pytest.mark.skipif(not NEW_GLIBC, reason="others take no such wish, or less of it")


def counted(**environment: str) -> tuple[int, int]:
    """The pages taken from the system for an array, before and after malloc was told."""
    clean = {name: value for name, value in os.environ.items() if "MALLOC" not in name}
    clean.pop("GLIBC_TUNABLES", None)
    told = subprocess.run(
        [sys.executable, "-c", FAULTS], env=clean | environment, capture_output=True, check=True
    )
    before, after = map(int, told.stdout.split())
    return before, after


def test_what_is_freed_is_kept():
    before, after = counted()
    assert before >= 30  # of the largest pages, 2 MB each
    assert after < before / 5


@pytest.mark.parametrize(
    "environment",
    [{"MALLOC_TRIM_THRESHOLD_": "100000"}, {"GLIBC_TUNABLES": "glibc.malloc.trim_threshold=99999"}],
)
def test_a_malloc_that_was_set_up_is_left_alone(environment):
    before, after = counted(**environment)
    assert after > before / 2
