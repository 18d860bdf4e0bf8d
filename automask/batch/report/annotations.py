"""coco/annotations.json: what was found in each picture, in one file.

The pictures have their annotations in files of their own, which are resumed like all others; here
they are put together, picture by picture, in the order in which the pictures were listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from automask.batch.layouts import COCO
from automask.batch.record import Record
from automask.batch.states import LOOKED_AT
from automask.images import files

ANNOTATIONS = "annotations.json"


def write_annotations(record: Record, out: Path) -> Path:
    """Where COCO's file of all pictures is now.

    Pictures that failed or are in review are left out: nobody knows what is in them.
    """
    place = out / COCO / ANNOTATIONS
    files.write_pieces(place, (text.encode(errors="replace") for text in _document(record, out)))
    return place


def renew_annotations(record: Record, out: Path) -> None:
    """Write COCO's file anew if there is one, or remove it where no picture is wanted in it."""
    place = out / COCO / ANNOTATIONS
    if not place.exists():
        return
    if record.has_outputs(COCO):
        write_annotations(record, out)
    else:
        place.unlink(missing_ok=True)


def _document(record: Record, out: Path) -> Iterator[str]:
    categories: dict[str, int] = {}
    yield '{"images":[\n'
    yield from _listed(_images(record))
    yield '],"annotations":[\n'
    yield from _listed(_annotations(record, out, categories))
    named = [{"id": i, "name": name, "supercategory": ""} for name, i in categories.items()]
    yield f'],"categories":{json.dumps(named, ensure_ascii=False)}}}\n'


def _listed(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    for number, entry in enumerate(found):
        text = json.dumps(entry, separators=(",", ":"), ensure_ascii=False)
        yield f"{',' if number else ''}{text}\n"


def _images(record: Record) -> Iterator[dict[str, Any]]:
    for row in record.rows(*LOOKED_AT):
        facts = row.facts or {}
        if "width" in facts:
            size = {"width": facts["width"], "height": facts["height"]}
            yield {"id": row.id, "file_name": row.item.name} | size


def _annotations(record: Record, out: Path, categories: dict[str, int]) -> Iterator[dict[str, Any]]:
    number = 0
    for row in record.rows(*LOOKED_AT):
        for place, _ in row.outputs:
            if not place.startswith(f"{COCO}/"):
                continue
            for found in _kept(out / place):
                number += 1
                name = found.pop("category")
                category = categories.setdefault(name, len(categories) + 1)
                yield {"id": number, "image_id": row.id, "category_id": category} | found


def _kept(place: Path) -> list[dict[str, Any]]:
    """What was found in one picture; nothing where its file is gone, which the next run mends."""
    try:
        kept: list[dict[str, Any]] = json.loads(place.read_bytes())
    except (OSError, ValueError):
        return []
    return kept
