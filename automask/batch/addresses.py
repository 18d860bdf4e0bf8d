"""What is a picture by its name, what is an address, and where its picture stands in the tree."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from automask.images import stores

PICTURES = frozenset((".bmp", ".gif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"))


def is_picture(name: str) -> bool:
    """Whether a file of that name is taken for a picture: not hidden, and it ends like one."""
    last = os.path.basename(name)  # noqa: PTH119  (as it is typed)
    return not last.startswith(".") and os.path.splitext(last)[1].lower() in PICTURES  # noqa: PTH122


def is_address(word: str) -> bool:
    """Whether `word` is an address such as https://... or s3://..., and no path.

    >>> is_address("s3://bucket/x.png"), is_address("file:///x.png"), is_address("x.png")
    (True, False, False)
    """
    return stores.scheme(word) not in ("", "file")


class Names:
    """Where the pictures at addresses stand in the output tree.

    Those in one kind of store stand below the folder that they have in common. Where there is more
    than one kind, or files beside them, the whole address counts: s3/bucket/a/x.jpg. What is
    fetched by http(s) stands by host and path; of several that differ only in what follows ? or #,
    each has a mark of that in its name.

    Parameters
    ----------
    words : iterable of str
        The addresses, folders and patterns that were given.
    beside_files : bool
        Whether there are files as well.
    """

    def __init__(self, words: Iterable[str], *, beside_files: bool = False) -> None:
        given = set(words)
        stored = [word for word in given if stores.is_stored(word)]
        self._plain = Counter(place_of(word) for word in given if not stores.is_stored(word))
        kinds = {stores.scheme(word) for word in stored}
        self._mixed = beside_files or bool(self._plain) or len(kinds) > 1
        self._common = 0 if self._mixed else _common([_folder(word) for word in stored])

    def of(self, address: str) -> str:
        """The place of the picture at `address`, with slashes."""
        if not stores.is_stored(address):
            place = place_of(address)
            twin = self._plain[place] > 1
            return f"{place}~{hashlib.sha256(address.encode()).hexdigest()[:8]}" if twin else place
        steps = stores.steps(address)
        if self._mixed:
            return "/".join((stores.scheme(address), *steps))
        return "/".join(steps[min(self._common, len(steps) - 1) :])


def place_of(address: str) -> str:
    """Host and path of an http(s) address.

    >>> place_of("https://me:secret@example.org/a/../x.jpg?size=2")
    'example.org/a/x.jpg'
    """
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    steps = [step for step in parts.path.split("/") if step not in ("", ".", "..")]
    return "/".join([host, *steps])


def _folder(word: str) -> list[str]:
    """The folder from which the places of what `word` names are counted."""
    steps = stores.steps(word)
    magic = [number for number, step in enumerate(steps) if stores.has_magic(step)]
    if magic:
        return steps[: magic[0]]
    is_object = not word.endswith("/") and is_picture(word.partition("::")[0])
    return steps[:-1] if is_object else steps


def _common(folders: list[list[str]]) -> int:
    """How many steps all of `folders` begin with."""
    if not folders:
        return 0
    first, last = min(folders), max(folders)
    same = (a == b for a, b in zip(first, last, strict=False))
    return sum(itertools.takewhile(bool, same))
