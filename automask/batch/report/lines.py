"""report.jsonl: a line a picture, from the record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from automask.batch.items import Options
from automask.batch.places import REPORT
from automask.batch.record import Record
from automask.batch.rows import Row
from automask.batch.states import MASKED, PLANNED
from automask.images import files

UNSENT = (PLANNED, MASKED)


def write_lines(record: Record, out: Path) -> Path:
    """Where the report lies now that was made from all rows of `record`, in their order."""
    told = (line(row, record.options(row.run)) for row in record.rows())
    texts = (json.dumps(one, ensure_ascii=False) for one in told)
    place = out / (f"report-{record.shard}.jsonl" if record.shard else REPORT)
    files.write_pieces(place, (f"{text}\n".encode(errors="replace") for text in texts))
    return place


def credits_of(row: Row) -> float:
    """What was or may have been paid for a picture; the price of a job not yet sent is nothing."""
    return 0.0 if row.state in UNSENT else float((row.facts or {}).get("credits", 0))


def line(row: Row, options: Options) -> dict[str, Any]:
    """What is known of one picture, which was listed with `options`, for programs."""
    item, facts = options.completed(row.item), dict(row.facts or {}) | {"credits": credits_of(row)}
    if not facts["credits"]:
        del facts["credits"]
    size = facts.get("width", 0) * facts.get("height", 0)
    if "area" in facts and size:
        facts["coverage"] = round(facts["area"] / size, 6)
    told = {
        "name": item.name,
        "image": item.image,
        "message_id": item.message_id,
        "state": row.state,
        "reason": row.reason,
        "rule": item.rule,
        "prompt": item.prompt,
        "provider": item.provider,
        "ref": item.ref,
        "job": row.job,
        "sha256": row.sha256,
    }
    kept = {name: value for name, value in told.items() if value or name in ("name", "state")}
    return kept | facts | {"outputs": [place for place, _ in row.outputs]}
