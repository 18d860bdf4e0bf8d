"""What a batch costs beside a bare pool of threads that makes the same OpenCV calls.

Usage: python benchmarks/batch.py [rate resumed tiny scale]

`BATCH_PICTURES` and `BATCH_TINY` in the environment say how many pictures there are. Those of one
megapixel are parts of the samples, enlarged, turned and with noise. The bare side reads, looks up
the colour, encodes and writes; it keeps no record, makes no report, and does not notice files that
are cut short.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
import pictures
import speed
import timing

from automask import maskops, memory
from automask.batch import report
from automask.batch.engines.local import Local
from automask.batch.inputs import Inputs
from automask.batch.items import Item, Options
from automask.batch.record import Record
from automask.batch.run import Progress, Run
from automask.batch.work import Task, do
from automask.colours import names

PICTURES = int(os.environ.get("BATCH_PICTURES", "2000"))
TINY = int(os.environ.get("BATCH_TINY", "100000"))
ROUNDS = 3
OPTIONS = Options(rule='color("red")', on_empty="full")
CLOCKS = (time.perf_counter, time.process_time)
PNG = [cv2.IMWRITE_PNG_BILEVEL, 1, cv2.IMWRITE_PNG_COMPRESSION, 1]
PNG += [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
Lines = Iterator[str]
Tell = Callable[[Progress], None]


def batched(photos: Path, out: Path, workers: int, tell: Tell | None = None) -> None:
    """What `automask batch 'color("red")' PHOTOS -o OUT` does, listing and reports included."""
    with Record(out) as record:
        number = record.begin(OPTIONS, ())
        record.plan(Inputs([str(photos)], out).items(), number)
        made = Run(record, out, number, OPTIONS, Local(workers)).go(tell)
        report.write(record, out, OPTIONS)
    if made.states != {"done": made.total}:
        raise RuntimeError(made.states)


def bare(photos: Path, out: Path, workers: int) -> None:
    """The same OpenCV calls in a pool of threads."""
    cv2.setNumThreads(1)
    out.mkdir()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(partial(_bare, out), sorted(photos.rglob("*.jpg"))))


def _bare(out: Path, photo: Path) -> None:
    cells = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2BGR555).view(np.uint16)
    mask = np.take(_table(), cells[..., 0], mode="clip")
    cv2.imwrite(str(out / f"{photo.name}.png"), mask, PNG)


@cache
def _table() -> np.ndarray:
    return np.where(names.table() == names.BASIC.index("red"), np.uint8(255), np.uint8(0))


def rate(folder: Path) -> Lines:
    """A colour rule over JPEGs of 1 MP, masks only: two threads and one, beside a bare pool."""
    photos = pictures.crops(PICTURES, folder / "photos")
    cases = {
        "a bare pool of 2 threads": partial(_fresh, folder, partial(bare, photos), 2),
        "a batch of 2 threads": partial(_fresh, folder, partial(batched, photos), 2),
        "a batch of 1 thread": partial(_fresh, folder, partial(batched, photos), 1),
        "a bare pool of 1 thread": partial(_fresh, folder, partial(bare, photos), 1),
    }
    taken = timing.interleaved(cases, ROUNDS, CLOCKS)
    yield f"  {PICTURES} pictures"
    yield from speed.compared(taken, "2 threads: at most 1.15")
    reports_ms = 1000 * _reported(folder, photos)
    yield f"  of it cpu for the reports, once a batch: {reports_ms:.0f} ms"
    bare_two, two, one, bare_one = (clocks[0] for clocks in taken.values())
    yield f"  2 threads are {one / two:.2f} times as fast as 1 (at least 1.8)"
    yield f"  2 threads of the bare pool are {bare_one / bare_two:.2f} times as fast as 1"
    yield f"  {PICTURES / two:.0f} pictures a second; load {os.getloadavg()[0]:.1f}"


def _reported(folder: Path, photos: Path) -> float:
    """Processor seconds that the reports take at the end."""
    with _place(folder) as out:
        batched(photos, out, 2)
        with Record(out) as record:
            begun = time.process_time()
            report.write(record, out, OPTIONS, anew=True)
            return time.process_time() - begun


def _fresh(folder: Path, work: Callable[[Path, int], None], workers: int) -> None:
    with _place(folder) as out:
        work(out, workers)


@contextlib.contextmanager
def _place(folder: Path) -> Iterator[Path]:
    out = folder / "out"
    try:
        yield out
    finally:
        shutil.rmtree(out)


def resumed(folder: Path) -> Lines:
    """The same batch once more, all of it done already, beside its first run."""
    photos = pictures.crops(PICTURES, folder / "photos")
    with _place(folder) as out:
        spent = [_clocked(batched, photos, out, 2) for _ in range(1 + ROUNDS)]
    first, again = spent[0], sorted(spent[1:])[ROUNDS // 2]
    yield from speed.compared({"the first run": first, "all as before": again}, "under 0.10")


def _clocked(work: Callable[..., None], *arguments: object) -> list[float]:
    before = [clock() for clock in CLOCKS]
    work(*arguments)
    return [clock() - begun for clock, begun in zip(CLOCKS, before, strict=True)]


def tiny(folder: Path) -> Lines:
    """Very many PNGs of 16x12: memory and time of each tenth of the run."""
    photos = pictures.tiny(TINY, folder / "tiny")
    seen: list[tuple[float, float, float]] = []

    def tell(now: Progress) -> None:
        if now.over * 10 >= (len(seen) + 1) * now.total:
            seen.append((timing.resident_mb(), *(clock() for clock in CLOCKS)))

    begun = tuple(clock() for clock in CLOCKS)
    with _place(folder) as out:
        batched(photos, out, 2, tell)
        taken = time.perf_counter() - begun[0]
        size_mb = (out / "ledger.db").stat().st_size / 1e6
    yield f"  {TINY} pictures in {taken:.0f} s, {TINY / taken:.0f} a second"
    yield f"  ledger.db has {size_mb:.0f} MB"
    for number, (mb, wall_s, cpu_s) in enumerate(seen, 1):
        wall_ms, cpu_ms = (
            1e4 * (now - b) / TINY for now, b in zip((wall_s, cpu_s), begun, strict=True)
        )
        yield f"  tenth {number:2}: {mb:6.1f} MB, {wall_ms:.2f} ms a picture, cpu {cpu_ms:.2f} ms"
        begun = wall_s, cpu_s


SCALE_RULES = (
    'color("red")',
    'color("red"):largest:grow(40px)',
    "dark:despeckle(400px)",
    "skin",
    "saliency",
)


def scale(folder: Path) -> Lines:
    """Masks of a 12 MP JPEG at full size, 1/2 and 1/4: one thread, written as the batch does it."""
    photo = pictures.photo(12, folder)
    memory.keep_freed()
    cv2.setNumThreads(1)
    for rule in SCALE_RULES:
        tasks = {
            f"at {'full size' if scale == 1 else f'1/{scale}'}": Task(
                Item(photo.name, str(photo), rule=rule),
                Options(scale=scale, on_empty="full"),
                str(folder / f"scale-{scale}"),
            )
            for scale in (1, 2, 4)
        }
        cases = {name: partial(do, task) for name, task in tasks.items()}
        taken = timing.interleaved(cases, 5, CLOCKS)
        masks = [_mask(task) for task in tasks.values()]
        yield f"  {rule}"
        yield from speed.compared(taken, "no target")
        overlap = ", ".join(f"{maskops.iou(masks[0], mask):.4f}" for mask in masks[1:])
        yield f"  overlap (IoU) with the mask at full size: {overlap}"


def _mask(task: Task) -> np.ndarray:
    place = Path(task.out) / "masks" / f"{task.item.name}.png"
    return cv2.imread(str(place), cv2.IMREAD_GRAYSCALE) > 0


PARTS: dict[str, Callable[[Path], Lines]] = {
    part.__name__: part for part in (rate, resumed, tiny, scale)
}

if __name__ == "__main__":
    speed.run(PARTS, sys.argv[1:])
