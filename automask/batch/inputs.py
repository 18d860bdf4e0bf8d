"""The pictures that the words of a command line name: files, folders, globs, lists, addresses.

Each gets its place in the output tree below the inputs' common folder, so that nothing is
flattened. A folder gives the pictures in it and below it; hidden files and folders, and files that
do not end like a picture, are left out. A file that is named itself is taken whatever it ends in.
"""

# os.path takes a name as it is typed; Path would change "./x" and "dir/".
# ruff: noqa: PTH100, PTH112, PTH118, PTH120, PTH207

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from automask.batch.addresses import Names, is_address, is_picture
from automask.batch.items import Item
from automask.errors import ArgumentError
from automask.images import sources, stores

STDIN = "-"


@dataclass(frozen=True)
class Inputs:
    """The words of a command line that name pictures.

    Parameters
    ----------
    words : sequence of str
        Files, folders, globs, addresses; "-" for a list on the standard input, one on each line.
    leave_out : Path
        A folder whose content never counts: where the batch writes.

    Raises
    ------
    ArgumentError
        If a word names nothing.
    """

    words: Sequence[str]
    leave_out: Path

    def items(self) -> Iterator[Item]:
        """The pictures, folder by folder in the order of their names."""
        words = [str(sources.plain(word)) for word in self._words()]
        local = [_base(word) for word in words if not is_address(word)]
        root = os.path.commonpath(local) if local else ""
        names = Names([word for word in words if is_address(word)], beside_files=bool(local))
        for word in words:
            if is_address(word):
                yield from (Item(names.of(one), one) for one in self._remote(word))
                continue
            for path in self._paths(word):
                below = os.path.relpath(os.path.abspath(path), root)
                yield Item(below.replace(os.sep, "/"), os.path.abspath(path))

    def _remote(self, address: str) -> Iterator[str]:
        if not stores.is_stored(address):
            yield address
            return
        yield from stores.found(address, is_picture, str(self.leave_out))

    def _words(self) -> Iterator[str]:
        for word in self.words:
            if word != STDIN:
                yield word
                continue
            if sys.stdin is None or sys.stdin.isatty():
                raise ArgumentError("- reads a list from the standard input; pipe one in.")
            yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())

    def _paths(self, word: str) -> Iterator[str]:
        if os.path.isdir(word):
            yield from self._below(word)
        elif os.path.lexists(word) or not glob.has_magic(word):
            yield word  # one that is not there is named when it is its turn
        else:
            found = sorted(glob.glob(word, recursive=True))
            if not found:
                raise ArgumentError(f"{word} matches no file; check the pattern.")
            for path in found:
                if os.path.isdir(path):
                    continue
                if is_picture(path) and not self._is_left_out(path):
                    yield path

    def _below(self, folder: str) -> Iterator[str]:
        left_out = os.path.abspath(self.leave_out)
        for place, folders, files in os.walk(folder, onerror=_raise):
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith(".")
                and os.path.abspath(os.path.join(place, name)) != left_out
            )
            for name in sorted(files):
                if is_picture(name):
                    yield os.path.join(place, name)

    def _is_left_out(self, path: str) -> bool:
        return Path(os.path.abspath(path)).is_relative_to(os.path.abspath(self.leave_out))


def _base(word: str) -> str:
    """The folder from which the places of what `word` names are counted."""
    if os.path.isdir(word):
        return os.path.abspath(word)
    if os.path.lexists(word) or not glob.has_magic(word):
        return os.path.dirname(os.path.abspath(word))
    plain = []
    for step in word.split("/"):
        if glob.has_magic(step):
            break
        plain.append(step)
    return os.path.abspath("/".join(plain) or ("/" if word.startswith("/") else "."))


def _raise(error: OSError) -> None:
    raise ArgumentError(f"{error.filename} cannot be looked into: {error.strerror}.") from error
