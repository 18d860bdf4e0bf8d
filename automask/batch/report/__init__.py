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
from automask.batch.report.annotations import renew_annotations, write_annotations
from automask.batch.report.lines import write_lines
from automask.batch.report.page import is_current, write_page


def write(
    record: Record, out: Path, options: Options, *, tiles: int | None = None, anew: bool = False
) -> Path:
    """Write the reports of a batch; the place of report.jsonl.

    The page takes the longest: where nothing became of any picture since it was written, it stays,
    unless `anew`. A share of a batch has its lines only: the rest is of all shares.
    """
    if record.shard:
        return write_lines(record, out)
    if COCO in options.layout.split(","):
        write_annotations(record, Path(options.results(out)))
    else:
        renew_annotations(record, Path(options.results(out)))
    place = write_lines(record, out)
    if anew or not is_current(record, out):
        write_page(record, out, options, tiles=tiles)
    return place
