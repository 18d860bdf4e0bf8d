"""What a batch says of itself: report.jsonl for programs, report.html for people.

::

    lines.py        report.jsonl, a line a picture
    annotations.py  coco/annotations.json, where that layout was asked for
    unusual.py      which masks a person should look at first
    page.py         report.html: what is in it, in which order;  page.html  its template
    thumbs.py       small pictures for it
"""

from pathlib import Path

from automask.batch.items import Options
from automask.batch.layouts import COCO
from automask.batch.record import Record
from automask.batch.report.annotations import write_annotations
from automask.batch.report.lines import write_lines


def write(record: Record, out: Path, options: Options) -> Path:
    """Write all reports of a batch anew; the place of report.jsonl."""
    if COCO in options.layout.split(","):
        write_annotations(record, out)
    return write_lines(record, out, options)
