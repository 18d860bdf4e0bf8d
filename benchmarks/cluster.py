"""The engine ray beside the threads of one process: `python benchmarks/cluster.py [N]`.

N pictures (2,000) of 640 x 427 pixels, a colour rule, masks only. Both engines take turns; the time
is from the first outcome to the last, so that what Ray needs to start is told apart.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from automask.batch.engines.local import Local, cores
from automask.batch.engines.ray import Ray
from automask.batch.inputs import Inputs
from automask.batch.items import Options
from automask.batch.record import Record
from automask.batch.run import Run

SAMPLE = Path(__file__).parent.parent / "samples" / "coffee.jpg"
OPTIONS = Options(rule='color("red"):largest:grow(8px)', on_empty="full")
ROUNDS = 3


def pictures(folder: Path, count: int) -> Path:
    """A folder of that many JPEGs, no two with the same bytes."""
    small = cv2.resize(cv2.imread(str(SAMPLE)), (640, 427), interpolation=cv2.INTER_AREA)
    folder.mkdir()
    for number in range(count):
        turned = np.roll(small, number, axis=1)
        cv2.imwrite(str(folder / f"{number:05}.jpg"), turned, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return folder


def timed(engine: Local | Ray, home: Path, out: Path) -> tuple[float, float]:
    """The seconds until the first outcome, and from there to the last."""
    shutil.rmtree(out, ignore_errors=True)
    first: list[float] = []
    with Record(out) as record:
        number = record.begin(OPTIONS, ())
        count = record.plan(Inputs([str(home)], out).items(), number)
        start = time.perf_counter()

        def tell(_: object) -> None:
            first[:] = first or [time.perf_counter()]

        progress = Run(record, out, number, OPTIONS, engine).go(tell)
        end = time.perf_counter()
    if progress.states != {"done": count}:
        sys.exit(f"It did not do all: {progress.states}")
    return first[0] - start, end - first[0]


def main(count: int) -> None:
    """Print the medians and their ratio."""
    print(f"{count} pictures of 640 x 427, {cores()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        home = pictures(Path(folder) / "in", count)
        taken: dict[str, list[tuple[float, float]]] = {"local": [], "ray": []}
        for _ in range(ROUNDS):
            for name, engine in (("local", Local()), ("ray", Ray())):
                taken[name].append(timed(engine, home, Path(folder) / name))
    ratios = [ray[1] / local[1] for local, ray in zip(*taken.values(), strict=True)]
    for name, pairs in taken.items():
        start, rest = (statistics.median(values) for values in zip(*pairs, strict=True))
        print(f"  {name:6} first outcome after {start:5.2f} s, the rest {rest:6.1f} s,"
              f" {1000 * rest / count:5.2f} ms a picture")  # fmt: skip
    shown = ", ".join(f"x{ratio:.2f}" for ratio in ratios)
    print(f"  ray beside local: x{statistics.median(ratios):.2f} (at most 1.4; {shown})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2000)
