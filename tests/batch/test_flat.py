"""What a picture costs does not grow with their number: neither memory nor work of the record."""

import gc
import resource
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from automask.batch.engines.local import Local
from automask.batch.inputs import Inputs
from automask.batch.items import Item, Options
from automask.batch.record import Record
from automask.batch.run import Run

COUNT = 1500
STEPS = 10  # of the virtual machine of SQLite, which are counted as one
MARKS = (250, 750, 1250)  # between two pieces of rows


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_and_the_work_of_the_record_stay_flat(tmp_path):
    picture = np.full((12, 16, 3), 128, np.uint8)
    picture[2:6, 3:9] = (35, 25, 210)
    _, data = cv2.imencode(".png", picture)
    for number in range(COUNT):
        place = tmp_path / "in" / f"{number // 500}" / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(bytes(data))
    seen, ticks = [], []  # steps of SQLite's virtual machine, objects, megabytes

    def tell(now):
        if now.over in MARKS:
            seen.append((len(ticks), len(gc.get_objects()), resident_mb()))

    with Record(tmp_path / "out") as record:
        wanted = Options(rule='color("red")')
        number = record.begin(wanted, ())
        record.plan(Inputs([str(tmp_path / "in")], tmp_path / "out").items(), number)
        record._db.set_progress_handler(lambda: ticks.append(None), STEPS)
        progress = Run(record, tmp_path / "out", number, wanted, Local(2)).go(tell)
    assert progress.states == {"done": COUNT}
    steps, objects, resident = zip(*seen, strict=True)
    first, second = (after - before for before, after in pairwise(steps))
    assert second < 1.1 * first  # a look at all rows each time would be thousands of steps more
    assert first * STEPS < 100 * (MARKS[1] - MARKS[0])
    assert objects[-1] < 1.1 * objects[0]
    assert resident[-1] < 1.2 * resident[0]


def test_pictures_that_changed_do_not_pile_up(tmp_path, run_items):
    """Each has its turn soon after it was seen to be another, however many of them there are."""
    items, waiting = [], []
    for number in range(60):
        place = tmp_path / f"{number}.png"
        place.write_bytes(picture(number))
        items.append(Item(place.name, str(place)))
    run_items(tmp_path / "out", items, Options(rule="bright"))
    for number, item in enumerate(items):
        Path(item.image).write_bytes(picture(number + 100))
    progress, _ = run_items(
        tmp_path / "out", items, Options(rule="bright"),
        stop=lambda run, _: waiting.append(len(run._changed)),
    )  # fmt: skip
    assert progress.states == {"done": 60}
    assert len(waiting) == 120  # each was looked at twice
    assert max(waiting) < 10


def picture(number):
    pixels = np.full((12, 16, 3), 255, np.uint8)
    pixels[:, 8:] = 0
    pixels[0, 15] = number
    return bytes(cv2.imencode(".png", pixels)[1])


def resident_mb():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
