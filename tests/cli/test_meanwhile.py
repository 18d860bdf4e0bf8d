"""Lines that are said now and then where nobody watches a bar."""

import time

import pytest

from automask.batch.progress import Progress
from automask.cli import progressing
from automask.cli.meanwhile import said_every


def test_nothing_is_said_before_its_time_nor_after_the_end(capsys):
    with said_every(60, lambda: "still at it"):
        pass
    with said_every(0.02, lambda: "on"):
        time.sleep(0.2)
    said = capsys.readouterr().err
    assert set(said.splitlines()) == {"on"}
    time.sleep(0.1)
    assert not capsys.readouterr().err


def test_the_line_of_a_batch_is_of_the_moment(capsys, monkeypatch):
    monkeypatch.setattr(progressing, "LINE_S", 0.02)
    now = Progress(total=4)
    with progressing.shown(now):
        time.sleep(0.1)
    assert capsys.readouterr().err.startswith("0 of 4, 0.0/s: none is done yet\n")


def test_an_error_in_the_block_ends_it(capsys):
    with pytest.raises(KeyError), said_every(0.01, lambda: "on"):
        raise KeyError
    capsys.readouterr()
    time.sleep(0.05)
    assert not capsys.readouterr().err
