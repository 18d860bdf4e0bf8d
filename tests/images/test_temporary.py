"""Temporary files: those of the dead are swept, those of the living are not."""

import os
import subprocess
import sys
import threading

import pytest

from automask.images import files, temporary

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")

# Stops while it writes, says so, and waits to be killed.
STUCK = """
import os, sys, time
from automask.images import files
def slow(descriptor, data):
    print("half", flush=True)
    time.sleep(60)
os.write = slow
files.write(sys.argv[1], bytes(5000))
"""


@pytest.fixture(autouse=True)
def _as_a_new_process(monkeypatch):
    monkeypatch.setattr(temporary, "_swept", set())


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_dead_writers_file_is_swept_by_the_next_and_a_living_ones_is_not(tmp_path):
    command = [sys.executable, "-c", STUCK]
    with (
        subprocess.Popen([*command, tmp_path / "a"], stdout=subprocess.PIPE) as dead,
        subprocess.Popen([*command, tmp_path / "b"], stdout=subprocess.PIPE) as alive,
    ):
        assert dead.stdout.readline() == alive.stdout.readline() == b"half\n"
        assert len(names(tmp_path)) == 2
        dead.kill()
        dead.wait()
        files.write(tmp_path / "c", b"new")
        left = names(tmp_path)
        assert left[1:] == ["c"]
        assert temporary.NAME.fullmatch(left[0])
        alive.kill()
    temporary.sweep(tmp_path)
    assert names(tmp_path) == ["c"]


def test_a_folder_is_looked_into_once(tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr(temporary, "sweep", looked.append)
    for name in ("a", "b"):
        files.write(tmp_path / name, b"x")
    assert looked == [tmp_path]


@pytest.mark.parametrize("name", [".automask-notes.tmp", "automask-0123456789abcdef.tmp", "x.tmp"])
def test_what_is_not_ours_stays(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    temporary.sweep(tmp_path)
    assert names(tmp_path) == [name]


def test_a_disk_without_locks_is_written_to_and_never_swept(tmp_path, monkeypatch):
    def no_locks(*_, **__):
        raise OSError(95, "Operation not supported")

    (tmp_path / ".automask-0123456789abcdef.tmp").write_bytes(b"x")
    monkeypatch.setattr(temporary, "lock", no_locks)
    files.write(tmp_path / "a", b"x")
    assert len(names(tmp_path)) == 2


def test_writers_and_sweepers_at_once_lose_nothing(tmp_path):
    over = threading.Event()

    def sweep():
        while not over.is_set():
            temporary.sweep(tmp_path)

    sweepers = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in sweepers:
        thread.start()
    try:
        for number in range(200):
            files.write(tmp_path / str(number % 10), bytes([number]) * 100)
    finally:
        over.set()
        for thread in sweepers:
            thread.join()
    assert names(tmp_path) == sorted(map(str, range(10)))
    assert (tmp_path / "9").read_bytes() == bytes([199]) * 100
