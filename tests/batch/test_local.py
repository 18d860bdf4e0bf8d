"""The threads of a batch work side by side, and leave the process as it was."""

import sys
import threading

import cv2
import numpy as np
import pytest

from automask.batch import work
from automask.batch.engines.local import Local
from automask.batch.items import Item, Options
from automask.batch.work import DONE, Task, do

WAIT_S = 30


def tasks(folder, count):
    picture = np.full((12, 16, 3), 128, np.uint8)
    picture[2:6, 3:9] = (35, 25, 210)
    for number in range(count):
        place = folder / f"{number}.png"
        cv2.imwrite(str(place), picture)
        options = Options(rule='color("red")')
        item = options.completed(Item(place.name, str(place)))
        yield Task(item, options, str(folder / "out"))


def test_two_pictures_are_decoded_at_the_same_time(tmp_path, monkeypatch):
    both, decode = threading.Barrier(2), work.from_bytes

    def met(*given):
        both.wait(WAIT_S)
        return decode(*given)

    monkeypatch.setattr(work, "from_bytes", met)
    states = [outcome.state for outcome in Local(2).outcomes(do, tasks(tmp_path, 6))]
    assert states == [DONE] * 6


def test_what_it_sets_for_itself_is_as_before_afterwards(tmp_path):
    before = sys.getswitchinterval(), cv2.getNumThreads()
    outcomes = Local(2).outcomes(do, tasks(tmp_path, 6))
    next(outcomes)
    assert (sys.getswitchinterval(), cv2.getNumThreads()) != before
    outcomes.close()  # as a run that is stopped does
    assert (sys.getswitchinterval(), cv2.getNumThreads()) == before


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_than_that_many_at_a_time_and_none_is_lost(tmp_path, workers):
    inside, most, lock = [], [], threading.Lock()

    def watched(task):
        with lock:
            inside.append(task)
            most.append(len(inside))
        outcome = do(task)
        with lock:
            inside.remove(task)
        return outcome

    names = {outcome.name for outcome in Local(workers).outcomes(watched, tasks(tmp_path, 20))}
    assert names == {f"{number}.png" for number in range(20)}
    assert max(most) <= workers
