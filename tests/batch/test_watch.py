"""Folders that are watched: what is ready, and what is not yet."""

import os
import time
from threading import Event

import numpy as np
import pytest

from automask.batch.watch import Watch
from automask.errors import ArgumentError
from automask.images import encode

SETTLE_S = 60.0
DATA = encode.encode_picture(np.full((40, 60, 3), 90, np.uint8), ".png")


class Clock:
    """The machine's clocks, put forward: no test waits, and none is too slow on a busy machine."""

    ahead_s = 0.0

    def time(self):
        return time.time() + self.ahead_s

    def monotonic(self):
        return time.monotonic() + self.ahead_s


CLOCK = Clock()


@pytest.fixture(autouse=True)
def _own_clock(monkeypatch):
    monkeypatch.setattr(CLOCK, "ahead_s", 0.0)
    monkeypatch.setattr("automask.batch.watch.time", CLOCK)


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def watch(home, tmp_path):
    return Watch([str(home)], tmp_path / "out", SETTLE_S)


def names(items):
    return [item.name for item in items]


def put(path, data=DATA):
    path.write_bytes(data)
    touch(path)


def touch(path):
    """It was changed at this moment."""
    os.utime(path, (CLOCK.time(), CLOCK.time()))


def settle():
    CLOCK.ahead_s += 1.5 * SETTLE_S


def come(watch):
    """The names of what becomes ready next, none before its time is over."""
    for _ in range(100):
        if ready := names(watch.look()):
            return ready
        CLOCK.ahead_s += SETTLE_S / 5
    return []


def test_a_file_is_taken_once_when_it_stands_still(home, watch):
    assert watch.look() == []
    put(home / "x.png")
    assert watch.look() == []
    settle()
    assert names(watch.look()) == ["x.png"]
    assert watch.look() == []


def test_a_file_that_was_moved_here_is_taken_at_once(home, watch, tmp_path):
    (tmp_path / "x.png").write_bytes(DATA)
    os.utime(tmp_path / "x.png", (1, 1))
    (home / "a").mkdir()
    (tmp_path / "x.png").rename(home / "a" / "x.png")
    assert names(watch.look()) == ["a/x.png"]


def test_a_slow_copy_is_waited_for(home, watch):
    with (home / "x.png").open("wb") as file:
        for piece in range(0, len(DATA), 20):
            file.write(DATA[piece : piece + 20])
            file.flush()
            touch(home / "x.png")
            settle()  # it stands still and is not whole
            whole = piece + 20 >= len(DATA)
            assert whole or watch.look() == []
    assert come(watch) == ["x.png"]


def test_a_file_that_is_never_whole_is_taken_in_the_end(home, watch, monkeypatch):
    monkeypatch.setattr("automask.batch.watch.PATIENCE", 4)
    put(home / "empty.png", b"")
    put(home / "cut.png", DATA[:-20])
    started_s = CLOCK.monotonic()
    assert come(watch) == ["cut.png", "empty.png"]
    assert CLOCK.monotonic() - started_s > 4 * SETTLE_S


def test_what_was_changed_in_place_is_taken_again(home, watch):
    put(home / "x.png")
    assert come(watch) == ["x.png"]
    put(home / "x.png", DATA + b"more")
    assert come(watch) == ["x.png"]
    CLOCK.ahead_s += 1
    touch(home / "x.png")  # perhaps other bytes of the same size; the hash will tell
    assert come(watch) == ["x.png"]


def test_what_is_deleted_meanwhile_is_forgotten(home, watch):
    put(home / "x.png")
    watch.look()
    (home / "x.png").unlink()
    settle()
    assert watch.look() == []
    put(home / "x.png")
    assert come(watch) == ["x.png"]
    (home / "x.png").unlink()
    watch.look()
    put(home / "x.png")
    assert come(watch) == ["x.png"]


def test_hidden_and_temporary_names_are_not_taken_before_they_have_their_own(home, watch):
    for name in (".x.png.Ab12", ".x.png", "x.png.part", "x.png~", "x.crdownload", "x.tmp"):
        put(home / name)
    settle()
    assert watch.look() == []
    settle()
    (home / "x.png.part").rename(home / "x.png")
    assert come(watch) == ["x.png"]


def test_folders_that_come_later_and_go_for_a_while(home, watch):
    (home / "a" / "b").mkdir(parents=True)
    put(home / "a" / "b" / "x.png")
    assert come(watch) == ["a/b/x.png"]
    away = home.with_name("away")
    home.rename(away)  # a disk that is not there for a while
    assert watch.look() == []
    away.rename(home)
    assert come(watch) == ["a/b/x.png"]  # its place in the tree is the same


def test_patterns_that_match_nothing_yet(home, tmp_path):
    watch = Watch([str(home / "*.png")], tmp_path / "out", SETTLE_S)
    assert watch.look() == []
    put(home / "x.png")
    assert come(watch) == ["x.png"]


def test_what_the_batch_writes_is_not_taken(home):
    watch = Watch([str(home)], home, SETTLE_S)
    put(home / "x.png")
    assert come(watch) == ["x.png"]
    (home / "masks").mkdir()
    put(home / "masks" / "x.png.png")
    settle()
    assert watch.look() == []


@pytest.mark.parametrize("word", ["-", "https://example.org/x.png", "gone"])
def test_what_cannot_be_watched(tmp_path, word, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError):
        Watch([word], tmp_path / "out")


def test_rounds_end_when_they_are_stopped(home, watch):
    class Stopping(Event):
        def wait(self, timeout=None):
            CLOCK.ahead_s += timeout

    stopping = Stopping()
    put(home / "x.png")
    for items in watch.rounds(stopping):
        assert names(items) == ["x.png"]
        stopping.set()
