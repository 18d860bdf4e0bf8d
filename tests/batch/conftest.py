import numpy as np
import pytest

from automask.batch.engines.local import Local
from automask.batch.record import Record
from automask.batch.run import Run


@pytest.fixture
def picture():
    return np.random.default_rng(5).integers(0, 256, (60, 90, 3), np.uint8)


@pytest.fixture
def run_items():
    """Works on items; gives the progress and the rows by name."""

    def go(out, items, options, *, stop=None, **how):
        with Record(out) as record:
            number = record.begin(options, ())
            record.plan(items, number)
            run = Run(record, out, number, options, Local(2), **how)
            progress = run.go(stop and (lambda now: stop(run, now)))
            return progress, {row.item.name: row for row in record.rows()}

    return go
