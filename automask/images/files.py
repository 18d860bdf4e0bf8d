"""Writing a file so that there is either all of it or none of it."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from automask.errors import OutputError
from automask.images import temporary
from automask.images.header import shown

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def write(
    path: str | os.PathLike[str], data: bytes, *, durable: bool = True, private: bool = False
) -> None:
    """Put `data` at `path`, whole or not at all.

    They are written to a temporary name in the same folder, flushed to the disk and renamed: a
    reader never sees half a file, and whatever stood at `path` stays until the new file is
    complete. Temporary files that killed writers left in that folder are removed. Missing folders
    are made. A symbolic link at `path` is replaced, not followed; an existing file's rights stay.
    A device or a named pipe at `path` is written into.

    Parameters
    ----------
    durable : bool
        Wait until the disk has it. Without, a loss of power may leave an empty file: for what can
        be made again.
    private : bool
        A new file is for its user alone.

    Raises
    ------
    OutputError
        If it cannot be written; nothing is left behind.
    """
    write_pieces(path, (data,), durable=durable, private=private)


def write_pieces(
    path: str | os.PathLike[str],
    pieces: Iterable[bytes],
    *,
    durable: bool = True,
    private: bool = False,
) -> None:
    """`write` of what is never in memory as a whole; what raises in `pieces` leaves nothing."""
    target = Path(path)
    try:
        there = _there(target)
        if there.is_stream:
            _stream(target, pieces)
        else:
            there.refuse_folder()
            _replace(target, pieces, durable, there.rights or (0o600 if private else None))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise OutputError(_reason(target, error)) from error


def check(path: str | os.PathLike[str]) -> None:
    """Refuse a place that `write` could not write to, as far as that can be told without writing.

    Raises
    ------
    OutputError
        If `path` is a folder, or its folder is read-only or cannot be made.
    """
    target = Path(path)
    try:
        there = _there(target)
        if not there.is_stream:
            there.refuse_folder()
            _try_folder(target.parent)
    except (OSError, ValueError) as error:
        raise OutputError(_reason(target, error)) from error


def _try_folder(folder: Path) -> None:
    """Raise the `OSError` that making a file in `folder` would, or in the last part there is."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is no folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "is read-only")


def same_file(a: str | os.PathLike[str], b: str | os.PathLike[str]) -> bool:
    """Whether two paths lead to one file, links followed; files need not exist.

    >>> same_file("photos/../a.png", "a.png")
    True
    """
    try:
        return os.path.samefile(a, b)  # noqa: PTH121  (Path.samefile resolves no better)
    except OSError:
        return Path(os.path.realpath(a)) == Path(os.path.realpath(b))
    except ValueError:
        return False


@dataclass(frozen=True)
class _There:
    """What is at a place already: its mode, and that of what it leads to; 0 where nothing is."""

    own: int
    led_to: int

    @property
    def is_stream(self) -> bool:
        return stat.S_ISCHR(self.led_to) or stat.S_ISFIFO(self.led_to)

    @property
    def rights(self) -> int | None:
        """The permission bits of the file that is there; None when there is none."""
        return stat.S_IMODE(self.own) if stat.S_ISREG(self.own) else None

    def refuse_folder(self) -> None:
        """Raise what writing a file there would."""
        if stat.S_ISDIR(self.led_to):
            raise IsADirectoryError(errno.EISDIR, "is a directory")
        if self.led_to and not stat.S_ISREG(self.led_to):
            raise OSError(errno.EINVAL, "it is a device, not a file")


def _there(target: Path) -> _There:
    own = _mode(target, follow=False)
    return _There(own, _mode(target, follow=True) if stat.S_ISLNK(own) else own)


def _mode(target: Path, *, follow: bool) -> int:
    try:
        return target.stat(follow_symlinks=follow).st_mode
    except OSError:
        return 0


def _stream(target: Path, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(target, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    try:
        _save(descriptor, pieces)
    finally:
        os.close(descriptor)


def _replace(target: Path, pieces: Iterable[bytes], durable: bool, rights: int | None) -> None:
    place, descriptor = _created(target.parent)
    try:
        try:
            _save(descriptor, pieces, rights)
            if durable:
                os.fsync(descriptor)
            if sys.platform != "win32":  # still locked: until it has its name it is swept by nobody
                place.replace(target)
        finally:
            os.close(descriptor)
        if sys.platform == "win32":  # open files keep their names there
            place.replace(target)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(target.parent)


def _created(folder: Path) -> tuple[Path, int]:
    try:
        return temporary.create(folder)
    except FileNotFoundError:  # rarely: to look first would cost every file a look
        folder.mkdir(parents=True, exist_ok=True)
        return temporary.create(folder)


def _save(descriptor: int, pieces: Iterable[bytes], rights: int | None = None) -> None:
    if rights is not None and hasattr(os, "fchmod"):
        os.fchmod(descriptor, rights)
    for piece in pieces:
        left = memoryview(piece)
        while left:
            left = left[os.write(descriptor, left) :]


def _sync_folder(folder: Path) -> None:
    """Flush the renaming itself; not every system can, and the file is whole either way."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def is_no_room(error: BaseException) -> bool:
    """Whether an error of `write` came about because the disk is full."""
    return getattr(error.__cause__, "errno", None) in _FULL


def _reason(target: Path, error: Exception) -> str:
    name = shown(str(target))
    code = getattr(error, "errno", None)
    if code == errno.EISDIR:
        return f"{name} is a directory; give the name of a file in it."
    if code in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{name} cannot be written: its folder is read-only; choose another place."
    if code in _FULL:
        return f"{name} was not written: the disk is full; make room or choose another place."
    if code == errno.EFBIG:
        what = "it is larger than a file may be here; raise that limit (`ulimit -f`)"
        return f"{name} was not written: {what} or choose another place."
    if code == errno.ENAMETOOLONG:
        return f"{name[:60]}... cannot be written: the name is too long; choose a shorter one."
    if code in (errno.ENOTDIR, errno.EEXIST):
        what = "a part of its folder's path is a file; choose another place"
        return f"{name} cannot be written: {what}."
    return f"{name} cannot be written: {getattr(error, 'strerror', None) or error}."
