"""Bytes that a rule takes beyond the decoded picture, measured in this process: run it afresh.

Usage: python benchmarks/memory.py PICTURE RULE
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from automask import images
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.types import Image

STATUS = Path("/proc/self/status")


def resident(field: str) -> int:
    """Bytes of memory: VmRSS for now, VmHWM for the most since `reset_peak` (Linux only)."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def main(path: str, text: str) -> None:
    rule = parse(text)
    Evaluation(Image(np.full((64, 96, 3), 90, np.uint8))).pixels(rule)  # imports, tables, threads
    image = images.load(path)
    before = resident("VmRSS")
    reset_peak()
    mask = Evaluation(image).pixels(rule)
    print((resident("VmHWM") - before) / mask.size)


if __name__ == "__main__":
    main(*sys.argv[1:])
