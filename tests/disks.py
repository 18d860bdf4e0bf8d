"""Small disks in memory, to be filled or made read-only, for root on a system that has them."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def mounted(folder: Path, options: str = "size=1m") -> Iterator[Path]:
    """`folder` as a disk of its own; the test is skipped where none can be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "automask-test", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted here: {error}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def fill(folder: Path) -> Path:
    """Take all that is left of the disk of `folder`; the file that has it."""
    filler = folder / "filler"
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 512)
    return filler


def make_read_only(folder: Path) -> None:
    """Let nothing more be written to the disk of `folder`."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
