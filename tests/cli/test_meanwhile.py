"""Lines that are said now and then where nobody watches a bar."""

import threading
import time
from threading import Event

import pytest

from automask.batch.progress import Progress
from automask.cli import progressing
from automask.cli.meanwhile import said_every


def test_nothing_is_said_before_its_time_nor_after_the_end(capsys):
    with said_every(60, lambda: "still at it"):
        pass
    asked, before = Event(), threading.active_count()
    with said_every(0.02, lambda: "on" if asked.set() is None else ""):
        assert asked.wait(60)
    said = capsys.readouterr().err
    assert set(said.splitlines()) == {"on"}
    assert threading.active_count() == before


def test_the_line_of_a_batch_is_of_the_moment(capsys, monkeypatch):
    monkeypatch.setattr(progressing, "LINE_S", 0.02)
    now, said, end_s = Progress(total=4), "", time.monotonic() + 60
    with progressing.shown(now):
        while not said and time.monotonic() < end_s:
            time.sleep(0.01)
            said = capsys.readouterr().err
    assert said.startswith("0 of 4, 0.0/s: none is done yet\n")


def test_an_error_in_the_block_ends_it():
    before = threading.active_count()
    with pytest.raises(KeyError), said_every(0.01, lambda: "on"):
        raise KeyError
    assert threading.active_count() == before
