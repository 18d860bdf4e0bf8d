"""A table of pictures, each with what is wanted of it: CSV with a head, or JSON lines.

The columns are `image` or `message_id`, `rule`, `prompt`, `ref`, `provider`, `upscale`; what is
left out or empty comes from the command line. Paths are meant from the table's own folder. The
whole table is read and checked before anything is done.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automask.batch.addresses import Names, is_address
from automask.batch.items import Item
from automask.errors import ArgumentError, AutomaskError
from automask.images import sources
from automask.providers.base import provider_of

COLUMNS = ("image", "message_id", "rule", "prompt", "ref", "provider", "upscale")


@dataclass(frozen=True)
class _Line:
    """A line of the table, with its number for messages."""

    number: int
    cells: dict[str, str]


def items(path: Path, *, needs_rule: bool) -> list[Item]:
    """The pictures of the table at `path`.

    Parameters
    ----------
    needs_rule : bool
        Whether each line has to have a rule of its own.

    Raises
    ------
    ArgumentError
        If it cannot be read, or a line of it is wrong; the message gives its number.
    """
    lines = list(_lines(path))
    local = [_absolute(path, line.cells["image"]) for line in lines if _is_local(line)]
    root = os.path.commonpath([os.path.dirname(place) for place in local]) if local else ""  # noqa: PTH120
    addresses = {line.cells["image"] for line in lines if is_address(line.cells["image"])}
    names = Names(addresses, beside_files=bool(local))
    seen: Counter[str] = Counter()
    made = []
    for line in lines:
        try:
            item = _item(line, path, root, names, needs_rule=needs_rule)
        except AutomaskError as error:
            raise ArgumentError(f"{path}, line {line.number}: {error}") from None
        seen[item.name] += 1
        twin = f"~{seen[item.name]}" if seen[item.name] > 1 else ""
        made.append(Item(**{**item.__dict__, "name": item.name + twin}))
    return made


def _lines(path: Path) -> Iterator[_Line]:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ArgumentError(
            f"{path} cannot be read: {error.strerror}; check the path and its rights."
        ) from None
    except UnicodeDecodeError:
        raise ArgumentError(f"{path} is not text in UTF-8; save it as such.") from None
    reader = _json_lines if path.suffix.lower() in (".jsonl", ".ndjson", ".json") else _csv_lines
    for line in reader(path, text):
        unknown = next((name for name in line.cells if name not in COLUMNS), None)
        if unknown is not None:
            near = difflib.get_close_matches(unknown, COLUMNS, 1)
            offer = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(COLUMNS)}."
            raise ArgumentError(f"{path}: there is no column {unknown!r}; {offer}")
        yield _Line(line.number, {name: line.cells.get(name, "").strip() for name in COLUMNS})


def _csv_lines(path: Path, text: str) -> Iterator[_Line]:
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)  # spreadsheets of many countries write semicolons
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        heads = [str(name).strip() for name in reader.fieldnames or ()]
        if twice := next((name for name in heads if name and heads.count(name) > 1), None):
            raise ArgumentError(f"{path}: the column {twice!r} stands twice; leave one.")
        for row in reader:
            if None in row:
                raise ArgumentError(f"{path}, line {reader.line_num}: more cells than columns.")
            if any(row.values()):
                yield _Line(reader.line_num, {str(k).strip(): v or "" for k, v in row.items()})
    except csv.Error as error:
        raise ArgumentError(f"{path}, line {reader.line_num}: {error}.") from None


def _json_lines(path: Path, text: str) -> Iterator[_Line]:
    for number, line in enumerate(
        text.split("\n"), 1
    ):  # JSON may hold other line breaks as they are
        if not line.strip():
            continue
        try:
            told = json.loads(line, object_pairs_hook=once, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ArgumentError(f"{path}, line {number}: it is not JSON ({error}).") from None
        if not isinstance(told, dict):
            raise ArgumentError(f"{path}, line {number}: write an object, {{...}}.")
        for name, value in told.items():
            if isinstance(value, (bool, dict, list)):
                raise ArgumentError(
                    f"{path}, line {number}: {name} cannot be {json.dumps(value)}; it is a text."
                )
        yield _Line(number, {name: _text(value) for name, value in told.items()})


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object that JSON writes as `pairs`; no name may stand twice, since which would count.

    Raises
    ------
    ValueError
        If one does.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)!r} stands twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no value; write null")


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _item(line: _Line, path: Path, root: str, names: Names, *, needs_rule: bool) -> Item:
    cells = line.cells
    if bool(cells["image"]) == bool(cells["message_id"]):
        both = "both are given" if cells["image"] else "neither is given"
        raise ArgumentError(f"give image or message_id; {both}.")
    if needs_rule and not cells["rule"]:
        raise ArgumentError("there is no rule; add a column `rule`, or give RULE.")
    made = {name: cells[name] for name in ("message_id", "prompt", "ref", "provider")}
    made["rule"] = _rule(cells["rule"])
    if made["provider"]:
        provider_of(made["provider"])
    image = cells["image"]
    if not image:
        name = place_of(cells["message_id"])
    elif is_address(image):
        name = names.of(image)
    else:
        image = _absolute(path, image)
        name = os.path.relpath(image, root).replace(os.sep, "/")
    return Item(name, image, upscale=_upscale(cells["upscale"]), **made)


def place_of(message_id: str) -> str:
    """The place in the output tree of a picture that a service keeps, the first of them.

    >>> place_of("a/b-1")
    'a_b-1'
    """
    return re.sub(r"[^\w.~-]", "_", message_id)[:120]


def _rule(text: str) -> str:
    from automask.selection import read_rule

    return str(read_rule(text)) if text else ""


def _upscale(text: str) -> int:
    found = re.fullmatch(r"([0-4]?)(\.0*)?", text)  # a column with empty cells may hold 2.0
    if not found:
        raise ArgumentError(f"upscale cannot be {text!r}; give 1 to 4, or nothing.")
    return int(found[1] or 0)


def _is_local(line: _Line) -> bool:
    return bool(line.cells["image"]) and not is_address(line.cells["image"])


def _absolute(path: Path, image: str) -> str:
    return os.path.abspath(path.parent / Path(sources.plain(image)).expanduser())  # noqa: PTH100
