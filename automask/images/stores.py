"""Files behind addresses such as s3://, gs:// and memory://: through fsspec (automask[cloud]).

fsspec knows the kinds of stores; those that need a package more say which. Credentials are what the
store's own tools use (environment, profile), never part of what is said of an address.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from automask.errors import ArgumentError, AutomaskError, ImageError, OutputError
from automask.images.fetch import public
from automask.images.header import shown

MAX_BYTES = 2**31  # keeps a wrong name (a disk image, an endless pipe) from filling the memory
# Stores in which an object is whole or not there; elsewhere a file is renamed into place.
_WHOLE = frozenset(("abfs", "abfss", "az", "gcs", "gs", "memory", "oci", "oss", "s3", "s3a"))
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_MAGIC = re.compile(r"[*?[]")


def scheme(address: object) -> str:
    """What stands before :// in small letters; "" where `address` is no address.

    >>> scheme("S3://bucket/x.png"), scheme("a/x.png")
    ('s3', '')
    """
    found = _ADDRESS.match(address) if isinstance(address, str) else None
    return found[1].lower() if found else ""


def is_stored(address: object) -> bool:
    """Whether `address` is one for fsspec: with a scheme, and neither http(s) nor file.

    >>> is_stored("s3://bucket/x.png"), is_stored("https://example.org/x.png"), is_stored("x.png")
    (True, False, False)
    """
    return scheme(address) not in ("", "http", "https", "file")


def read(address: str) -> bytes:
    """The bytes of the object at `address`.

    Raises
    ------
    ImageError
        If they cannot be had; the message names the address.
    """
    with _told(address, "read", ImageError):
        store, path = _opened(address)
        size = store.info(path).get("size") or 0
        if size > MAX_BYTES:
            raise too_much(_name(address))
        return bytes(store.cat_file(path))


def write(address: str, data: bytes) -> None:
    """Put `data` at `address`, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    with _told(address, "written", OutputError):
        store, path = _opened(address)
        if scheme(address) in _WHOLE:
            store.pipe_file(path, data)
            return
        folder, _, _ = path.rpartition("/")
        store.makedirs(folder, exist_ok=True)
        passing = f"{folder}/.automask-{secrets.token_hex(8)}.tmp"
        try:
            store.pipe_file(passing, data)
            store.mv(passing, path)
        except BaseException:
            with suppress(Exception):
                store.rm_file(passing)
            raise


def size(address: str) -> int | None:
    """The bytes of the object at `address`; None where there is none."""
    with _told(address, "looked for", OutputError):
        store, path = _opened(address)
        store.invalidate_cache(path)  # another machine may have written it
        try:
            return int(store.info(path)["size"] or 0)
        except FileNotFoundError:
            return None


def remove(address: str) -> None:
    """Remove the object at `address`, if there is one."""
    with _told(address, "removed", OutputError):
        store, path = _opened(address)
        with suppress(FileNotFoundError):
            store.rm_file(path)


def found(word: str, wanted: Callable[[str], bool], leave_out: str = "") -> Iterator[str]:
    """The addresses that `word` names: an object, all below a folder or prefix, or a pattern.

    Hidden names (that begin with a dot) are left out below a folder.

    Parameters
    ----------
    word : str
    wanted : callable
        Whether an object of that name counts; one that is named itself always does.
    leave_out : str
        The address of a folder whose content never counts.

    Raises
    ------
    ArgumentError
        If the store cannot be looked into, or a pattern matches nothing.
    """
    if not has_magic(word) and not word.endswith("/") and wanted(word.partition("::")[0]):
        yield word  # an object by its name: a list of a million of them asks for none
        return
    with _told(word, "looked into", ArgumentError):
        store, path = _opened(word)
        out = _opened(leave_out)[1].rstrip("/") + "/" if scheme(leave_out) == scheme(word) else ""
        address = _addresses(word, path)
        if store.isdir(path):
            paths: Iterable[str] = _below(store, path, out)
        elif not has_magic(word) or store.exists(path):
            yield word  # one that is not there is named when it is its turn
            return
        else:
            paths = [one for one in sorted(store.glob(path)) if "/." not in one or "/." in word]
            if not paths:
                raise ArgumentError(f"{_name(word)} matches no object; check the pattern.")
        for one in paths:
            if wanted(one) and not (out and one.startswith(out)):
                yield address(one)


def has_magic(word: str) -> bool:
    """Whether `word` is a pattern, in what stands before a chained address (``::``)."""
    return bool(_MAGIC.search(word.partition("::")[0]))


def steps(address: str) -> list[str]:
    """The host or bucket of `address` and the folders and the name below it.

    >>> steps("s3://bucket/a/../x#1.png"), steps("zip://a/x.png::s3://bucket/b.zip")
    (['bucket', 'a', 'x#1.png'], ['a', 'x.png'])
    """
    plain = re.sub(r"^[^/]*@", "", address.partition("::")[0].partition("://")[2])
    return [step for step in plain.split("/") if step not in ("", ".", "..")]


def too_much(name: str) -> ImageError:
    """What is said of `name`, which holds more than an image may."""
    return ImageError(
        f"{name} holds more than {MAX_BYTES >> 20} MB, which no image here may; "
        "is it the right file?"
    )


def _below(store: Any, folder: str, out: str) -> Iterator[str]:
    """The objects below `folder`: those in it, then those in its folders, by name."""
    files: list[str] = []
    folders: list[str] = []
    for info in store.ls(folder, detail=True):
        path = str(info["name"]).rstrip("/")
        last = path.rpartition("/")[2]
        if path == folder.rstrip("/") or last.startswith("."):
            continue
        (folders if info["type"] == "directory" else files).append(path)
    store.invalidate_cache(folder)  # else the memory grows with the store
    yield from sorted(files)
    for path in sorted(folders):
        if not (out and f"{path}/".startswith(out)):
            yield from _below(store, path, out)


def _addresses(word: str, path: str) -> Callable[[str], str]:
    """What makes an address of a path in `store`, as `word` is one of `path`."""
    first, mark, rest = word.partition("::")
    path, first = path.rstrip("/"), first.rstrip("/")
    head = first[: -len(path)] if path and first.endswith(path) else ""

    def address(one: str) -> str:
        return (f"{head}{one}" if head else f"{scheme(word)}://{one.lstrip('/')}") + mark + rest

    return address


def check(address: str) -> None:
    """Nothing, if the packages for writing to `address` are here; the store itself is not asked.

    Raises
    ------
    OutputError
        If they are not, or know no such address.
    """
    with _told(address, "written", OutputError):
        _opened(address)


def _opened(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise ArgumentError(
            f"{_name(address)} needs the package fsspec; install it: pip install 'automask[cloud]'."
        ) from None
    store, path = fsspec.core.url_to_fs(address)
    return store, str(path)


@contextmanager
def _told(address: str, what: str, kind: type[AutomaskError]) -> Iterator[None]:
    """Turn whatever a store raises into one sentence."""
    try:
        yield
    except AutomaskError as error:
        raise error if isinstance(error, kind) else kind(str(error)) from None
    except Exception as error:
        raise kind(f"{_name(address)} {_reason(address, what, error)}") from error


def _reason(address: str, what: str, error: Exception) -> str:
    match error:
        case ImportError():
            package = _package(scheme(address))
            return f"needs the package {package}; install it: pip install {package}."
        case ValueError() if "rotocol not known" in str(error):
            return f"is no file, and {scheme(address)}:// is no kind of address that is known."
        case FileNotFoundError():
            return "does not exist; check the address."
        case IsADirectoryError():
            return "is a folder, not an image file; name the files in it."
        case PermissionError():
            return f"cannot be {what}: permission denied; check the credentials for this store."
    why = " ".join(str(error).split()) or type(error).__name__
    return f"cannot be {what}: {why.rstrip('.')}."


def _package(kind: str) -> str:
    from fsspec.registry import known_implementations

    return str(known_implementations[kind]["class"]).partition(".")[0]


def _name(address: str) -> str:
    return shown(public(address) if "@" in address else address)
