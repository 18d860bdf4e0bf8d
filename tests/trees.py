"""Folders of files, held against one another."""

from pathlib import Path


def contents(folder):
    """The bytes of every file below `folder`, by its place there with slashes."""
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
