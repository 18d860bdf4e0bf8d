"""What automask costs beside the least that could do the same; every ratio is of one run.

Usage: python benchmarks/speed.py [start cold library radius memory many strategies]
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pictures
import straight
import timing

import automask
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.strategies.base import STRATEGIES
from automask.types import Image

HEAVY = ("cv2", "numpy", "PIL", "rich", "requests", "lark", "platformdirs")
RULE = 'color("red"):largest:grow(8px)'
MEMORY_RULES = (
    RULE,
    'color("red") | dark | edges:grow(8px)',
    'color("red") - bright | color("blue"):grow(3%)',
    "contour:largest",
)
MANY_RULES = (
    RULE,
    'color("red"):area(>50px):grow(3px)',
    'color("red"):near(rect(0, 0, 10%, 10%), 40px)',
)

PROCESS_CLOCKS = (time.perf_counter, timing.of_children)
Lines = Iterator[str]


def start(_: Path) -> Lines:
    """Start-up: `automask --help` beside importing click."""
    cases = {
        "python -c 'import click'": timing.process(["-c", "import click"]),
        "automask --help": timing.process(["-m", "automask", "--help"]),
    }
    yield from compared(timing.interleaved(cases, 25, PROCESS_CLOCKS), "at most 1.6")
    code = (
        "import sys, io; sys.argv = ['automask', '--help']; sys.stdout = io.StringIO()\n"
        "from automask.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"sys.__stdout__.write(', '.join(m for m in {HEAVY} if m in sys.modules))"
    )
    yield f"  heavy modules imported by --help: {timing.output(['-c', code]) or 'none'}"


def cold(folder: Path) -> Lines:
    """One colour mask of a 1 MP photo from the command line, beside importing OpenCV and Pillow."""
    photo, out = pictures.photo(1, folder), folder / "mask.png"
    command = ["-m", "automask", "mask", 'color("red")', str(photo), "-o", str(out)]
    cases = {
        "python -c 'import cv2, PIL.Image'": timing.process(["-c", "import cv2, PIL.Image"]),
        "automask mask 'color(\"red\")' photo.jpg": timing.process(command),
    }
    yield from compared(timing.interleaved(cases, 15, PROCESS_CLOCKS), "at most 2")


def library(folder: Path) -> Lines:
    """A library call beside the shortest straight OpenCV script that does the same."""
    for megapixels, rounds in ((1, 25), (12, 9)):
        path = str(pictures.photo(megapixels, folder))
        ours, theirs = automask.mask(path, RULE).array, straight.largest_red_grown(path)
        cases = {
            f"OpenCV script, {megapixels} MP": partial(straight.largest_red_grown, path),
            f"mask(path, {RULE!r})": partial(automask.mask, path, RULE),
        }
        yield from compared(timing.interleaved(cases, rounds), "at most 1.25")
        yield f"  selected: {theirs.mean():.1%} by the script, {ours.mean():.1%} by the rule"


def radius(folder: Path) -> Lines:
    """Growing by 200 px beside growing by 8 px, 12 MP."""
    image = automask.load(str(pictures.photo(12, folder)))
    region = Evaluation(image).pixels(parse('color("red"):largest'))
    cases = {f"grow({px}px)": partial(grown, region, px) for px in (8, 200)}
    yield from compared(timing.interleaved(cases, 9), "at most 1.5")


def grown(mask: np.ndarray, radius_px: float) -> np.ndarray:
    from automask import maskops

    return maskops.grow(mask, radius_px)


def memory(folder: Path) -> Lines:
    """Most memory beyond the decoded picture, 12 MP, in a fresh process."""
    path, script = str(pictures.photo(12, folder)), str(Path(__file__).with_name("memory.py"))
    for rule in MEMORY_RULES:
        found = float(timing.output([script, path, rule]))
        yield f"  {rule:50} {found:6.1f} bytes a pixel (under 12)"


def many(_: Path) -> Lines:
    """5,000 regions beside one, in pictures of one size (1.3 MP)."""
    crowd = pictures.squares(5000)
    scenes = {"one region": pictures.one_square(crowd), "5,000 regions": crowd}
    for rule in MANY_RULES:
        tree = parse(rule)
        cases = {name: partial(evaluated, rgb, tree) for name, rgb in scenes.items()}
        yield f"  {rule}"
        yield from compared(timing.interleaved(cases, 9), "no target")


def evaluated(rgb: np.ndarray, tree: automask.Rule) -> np.ndarray:
    return Evaluation(Image(rgb)).pixels(tree)


def strategies(folder: Path) -> Lines:
    """The example of each strategy that needs no model and no file, on a decoded picture."""
    rules = [
        STRATEGIES[name].example
        for name in STRATEGIES
        if not STRATEGIES[name].needs and STRATEGIES[name].group != "files"
    ]
    sizes = {mp: automask.load(str(pictures.photo(mp, folder))).rgb for mp in (1, 12)}
    for rule in rules:
        cases = {f"{mp}": partial(evaluated, rgb, parse(rule)) for mp, rgb in sizes.items()}
        taken = timing.interleaved(cases, 3).items()
        told = "".join(f"{1000 * clocks[0]:9.0f} ms at {mp} MP" for mp, clocks in taken)
        yield f"  {rule:50}{told}"


def compared(taken: dict[str, list[float]], target: str) -> Lines:
    """A line for each case: milliseconds, and how often the first would fit into it."""
    first = next(iter(taken.values()))
    for name, clocks in taken.items():
        told = [
            f"{1000 * spent:8.1f} ms x{spent / base:.2f}"
            for spent, base in zip(clocks, first, strict=True)
        ]
        note = "" if clocks is first else f"  ({target})"
        yield f"  {name:44} {'  cpu '.join(told)}{note}"


PARTS: dict[str, Callable[[Path], Lines]] = {
    part.__name__: part for part in (start, cold, library, radius, memory, many, strategies)
}


def machine() -> str:
    return (
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"OpenCV {cv2.__version__}, numpy {np.__version__}"
    )


def run(parts: Mapping[str, Callable[[Path], Lines]], names: Sequence[str]) -> None:
    """Print what each of the `parts` finds out; only those of `names`, where there are any."""
    folder = Path(tempfile.mkdtemp(prefix="automask-bench-"))
    print(f"automask {automask.__version__}: {machine()}")
    print(f"Load of the machine at the start: {os.getloadavg()[0]:.1f}\n")
    try:
        for name in names or list(parts):
            print(f"{name}: {parts[name].__doc__}")
            for line in parts[name](folder):
                print(line, flush=True)
            print()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    run(PARTS, sys.argv[1:])
