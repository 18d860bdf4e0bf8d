"""Where results are written: names that never meet each other and never an input.

* ``-o FILE`` takes one image; ``-o -`` is stdout; ``-o DIR`` (an existing folder, or a name that
  ends with a slash) takes any number and keeps the folders below the images' common one.
* Without ``-o`` a result goes beside its image; that of stdin to stdout, that of an address to the
  working folder.
* The name is the image's with another ending: ``photo.jpg`` gives ``photo.mask.png``. Where
  ``photo.png`` lies in the same folder, both keep theirs whole: ``photo.jpg.mask.png``.
* A result replaces an older one of the same name, and never an image of the same command.
"""

# os.path takes a name as it is typed; Path would change "./x" and "dir/".
# ruff: noqa: PTH100, PTH112, PTH116, PTH120, PTH208

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from automask.errors import ArgumentError

STDIO = "-"
PICTURES = frozenset(
    (".avif", ".bmp", ".gif", ".heic", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
)
# The formats of automask.images.encode, and what the names of their files end in here.
FORMATS = {
    "png": ".mask.png",
    "webp": ".mask.webp",
    "base64": ".mask.b64",
    "dataurl": ".mask.txt",
    "rle": ".rle.json",
    "polygons": ".polygons.json",
    "cutout": ".cutout.png",
}
# The endings that -o FILE is known by, the longer ones first.
ENDINGS = {
    ".cutout.png": "cutout",
    ".rle.json": "rle",
    ".polygons.json": "polygons",
    ".b64": "base64",
    ".webp": "webp",
    ".png": "png",
}


def once_each(sources: Sequence[str]) -> list[str]:
    """`sources` without those that name the same file again, as overlapping globs do."""
    first: dict[str, str] = {}
    for source in sources:
        first.setdefault(source if _is_remote(source) else os.path.abspath(source), source)
    return list(first.values())


def places(sources: Sequence[str], out: str | None, ending: str) -> list[Path | None]:
    """Where the result of each of `sources` goes, None for stdout; `ending` as ``.mask.png``.

    Raises
    ------
    ArgumentError
        If two results would get one name, or one would replace an image.
    """
    if out is None:
        targets = _beside(sources, ending)
    elif is_folder(out):
        targets = _inside(Path(out), sources, ending)
    elif len(sources) > 1:
        raise ArgumentError(
            f"-o {out} is one place for {len(sources)} images; give a folder, as in -o masks/."
        )
    else:
        targets = [None if out == STDIO else Path(out)]
    _check(sources, targets)
    return targets


def is_folder(out: str) -> bool:
    """Whether ``-o`` names a folder: one that is there, or will be by the slash at its end."""
    if not out:
        raise ArgumentError("-o is empty; give a file, a folder that ends in /, or - for stdout.")
    return out != STDIO and (out.endswith(("/", os.sep)) or os.path.isdir(out))


def companion(target: Path, ending: str) -> Path:
    """The name beside `target` for another result of the image: x.mask.png, x.preview.jpg."""
    stem = Path(target.stem)
    kinds = (".mask", ".cutout", ".rle", ".polygons")
    return target.with_name((stem.stem if stem.suffix in kinds else stem.name) + ending)


def refuse_inputs(sources: Iterable[str], targets: Iterable[Path | None]) -> None:
    """Raise `ArgumentError` if one of `targets` is the file of one of `sources`."""
    inputs = {identity: source for source in sources if (identity := _identity(source))}
    for target in targets:
        if target and (identity := _identity(target)) and identity in inputs:
            raise ArgumentError(
                f"{target} is read by this command and would be overwritten; give -o another name, "
                "or leave that file out."
            )


def _check(sources: Sequence[str], targets: Sequence[Path | None]) -> None:
    refuse_inputs(sources, targets)
    # Names that differ only in case are one file on some disks.
    keys = [str(target).casefold() if target else f"{STDIO}{n}" for n, target in enumerate(targets)]
    counts = Counter(keys)
    for key, target in zip(keys, targets, strict=True):
        if counts[key] > 1:
            twins = [s for s, k in zip(sources, keys, strict=True) if k == key]
            raise ArgumentError(
                f"{' and '.join(twins)} would both be written to {target}; "
                "do them one by one, each with -o."
            )


def _beside(sources: Sequence[str], ending: str) -> list[Path | None]:
    names = _names(sources)
    folders = [Path() if _is_remote(s) else Path(s).parent for s in sources]
    return [
        None if source == STDIO else folder / (name + ending)
        for source, folder, name in zip(sources, folders, names, strict=True)
    ]


def _inside(folder: Path, sources: Sequence[str], ending: str) -> list[Path | None]:
    homes = [None if _is_remote(s) else _home(s) for s in sources]
    local = [home for home in homes if home is not None]
    common = os.path.commonpath(local) if local else ""
    below = ["" if home is None else os.path.relpath(home, common) for home in homes]
    return [folder / b / (n + ending) for b, n in zip(below, _names(sources), strict=True)]


def _names(sources: Sequence[str]) -> list[str]:
    """What the names of the results begin with: the image's stem, or its whole name."""
    homes = {source: _home(source) for source in sources if not _is_remote(source)}
    stems = {home: _stems(home) for home in set(homes.values())}
    names = []
    for source in sources:
        path = Path(source)
        if source in homes:
            alone = stems[homes[source]][path.stem.casefold()] < 2
            names.append(path.stem if alone else path.name)
        else:
            names.append("stdin" if source == STDIO else _last_part(source))
    return names


def _stems(folder: str) -> Counter[str]:
    """How many pictures of each stem lie in `folder`."""
    try:
        names = [Path(name) for name in os.listdir(folder)]
    except OSError:
        return Counter()
    return Counter(name.stem.casefold() for name in names if name.suffix.lower() in PICTURES)


def _home(source: str) -> str:
    return os.path.dirname(os.path.abspath(source))


def _last_part(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:  # no address at all, as will be said when it is fetched
        path = ""
    return Path(unquote(path)).stem or "image"


def _is_remote(source: str) -> bool:
    return source == STDIO or source.lower().startswith(("http://", "https://"))


def _identity(path: str | Path) -> tuple[int, int] | None:
    """Which file `path` is, by whatever name; None when there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
