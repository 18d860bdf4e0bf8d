"""The bytes of an image: from a file, the standard input or an address."""

from __future__ import annotations

import os
import stat
import sys
from typing import BinaryIO

from automask.errors import ImageError
from automask.images import stores
from automask.images.header import shown

STANDARD_INPUT = "-"
_PIECE_BYTES = 1 << 20


def read(source: str | os.PathLike[str]) -> bytes:
    """The bytes that `source` names: a path, or as text "-" or an address.

    http(s) is fetched, file:// is a path, other addresses (s3://, gs://, ...) are read by fsspec.

    Raises
    ------
    ImageError
        If they cannot be had; the message names the source.
    """
    if source == STANDARD_INPUT:
        return _standard_input()
    if is_address(source):
        from automask.images.fetch import fetch

        return fetch(str(source))
    if stores.is_stored(source):
        return stores.read(str(source))
    path = os.fspath(plain(source))
    return _file("./-" if path == STANDARD_INPUT else path)  # a Path: the file of that name


def beginning(path: str, size: int) -> bytes:
    """The first `size` bytes of the file at `path`, all of a smaller one. Errors as of `read`."""
    try:
        with os.fdopen(_opened(path)[0], "rb") as file:
            return file.read(size)
    except (OSError, ValueError) as error:
        raise ImageError(_reason(path, error)) from None


def is_address(source: str | os.PathLike[str]) -> bool:
    """Whether `source` is text that begins with http:// or https://."""
    return isinstance(source, str) and source[:8].lower().startswith(("http://", "https://"))


def plain(source: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """`source`, as a path where it is text that begins with file://.

    >>> plain("file:///a/x%20y.png"), plain("a/x%20y.png")
    ('/a/x y.png', 'a/x%20y.png')
    """
    if stores.scheme(source) != "file":
        return source
    from urllib.request import url2pathname

    return url2pathname(str(source)[7:].removeprefix("localhost"))


def _standard_input() -> bytes:
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise ImageError(
            "The standard input (-) brings no image; pipe one in, such as `... - < photo.jpg`."
        )
    return _limited(sys.stdin.buffer, STANDARD_INPUT)


def _file(path: str) -> bytes:
    try:
        descriptor, size = _opened(path)
        try:
            if size > stores.MAX_BYTES:
                raise stores.too_much(shown(path))
            data = os.read(descriptor, size + 1)  # mostly all: other threads go first after each
            if size and len(data) == size:
                return data
            with open(descriptor, "rb", buffering=0, closefd=False) as file:
                return data + _limited(file, path)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise ImageError(_reason(path, error)) from None


def _opened(path: str) -> tuple[int, int]:
    """A file descriptor and the bytes that are to come, 0 where nobody knows.

    It does not wait for the other end of a named pipe.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _binary())
    try:
        status = os.fstat(descriptor)
        _refuse_unless_readable(path, status.st_mode)
        if not stat.S_ISREG(status.st_mode):
            os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status.st_size


def _refuse_unless_readable(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise ImageError(f"{shown(path)} is a device, not an image file; give a file.")


def _binary() -> int:
    return getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def _limited(file: BinaryIO, name: str) -> bytes:
    """All of `file`, whose size is not known, while it is not too much."""
    pieces, size = [], 0
    while piece := file.read(_PIECE_BYTES):
        pieces.append(piece)
        size += len(piece)
        if size > stores.MAX_BYTES:
            raise stores.too_much(shown(name))
    return b"".join(pieces)


def _reason(path: str, error: Exception) -> str:
    name = shown(path)
    match error:
        case FileNotFoundError() if not path:
            return "An empty path names no image; give a file."
        case FileNotFoundError():
            return f"{name} does not exist; check the path."
        case NotADirectoryError():
            return f"{name} does not exist: a part of the path is a file; check the path."
        case IsADirectoryError():
            return f"{name} is a directory, not an image file; name the files in it."
        case PermissionError():
            return f"{name} cannot be read: permission denied; change its rights or copy it."
        case OSError(strerror=str(why)):
            return f"{name} cannot be read: {why}."
    return f"{name} cannot be read: {error}."
