"""The rate limit is exact: no two turns closer together than the interval, whoever takes them."""

import itertools
import json
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from automask.imaginepro.pace import Pace

INTERVAL_S = 0.02
TAKES = 6

WORKER = """
import json, sys, threading
from pathlib import Path
from automask.imaginepro.pace import Pace

class Noted(Pace):
    def _turn(self, free_at):
        wait_s, free_at = super()._turn(free_at)
        if not wait_s:
            times.append(free_at - self.interval_s)
        return wait_s, free_at

times, interval_s, takes = [], float(sys.argv[2]), int(sys.argv[3])
pace = Noted("one key", interval_s, Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
def work():
    for _ in range(takes):
        pace.take()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(times))
"""


def test_four_threads_in_each_of_two_processes_keep_to_it(tmp_path):
    file = tmp_path / "cache" / "turns.sqlite"
    command = [sys.executable, "-c", WORKER, str(file), str(INTERVAL_S), str(TAKES)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, **pipes) for _ in range(2)]
    for worker in workers:
        worker.stdout.readline()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    told = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    times = sorted(told[0] + told[1])
    assert [len(part) for part in told] == [4 * TAKES] * 2
    gaps = [late - early for early, late in itertools.pairwise(times)]
    assert min(gaps) >= INTERVAL_S - 1e-9
    # Both worked at the same time, and it does not dawdle; a busy machine may take its time.
    assert max(told[0][0], told[1][0]) < min(told[0][-1], told[1][-1])
    assert sum(gaps) < 10 * len(gaps) * INTERVAL_S


def test_threads_without_a_file_keep_to_it():
    pace, times = Pace("x", INTERVAL_S), []

    def work():
        for _ in range(TAKES):
            pace.take()
            times.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(times) - min(times) >= (4 * TAKES - 1) * INTERVAL_S * 0.95


def test_keys_and_kinds_do_not_wait_for_each_other(tmp_path):
    file = tmp_path / "turns.sqlite"
    for name in ("a general", "a message", "b general"):
        Pace(name, 60, file).take(lambda s: pytest.fail(f"waits {s} s"))


def test_a_turn_is_remembered_by_the_next_process(tmp_path):
    file, waits = tmp_path / "turns.sqlite", []
    Pace("x", 60, file).take()

    class ImpatientError(Exception):
        pass

    def impatient(seconds):
        waits.append(seconds)
        raise ImpatientError

    with pytest.raises(ImpatientError):
        Pace("x", 60, file).take(impatient)
    assert 50 < waits[0] <= 60


def test_a_turn_from_before_the_machine_started_does_not_block(tmp_path):
    file = tmp_path / "turns.sqlite"
    Pace("x", 1, file).take()
    with sqlite3.connect(file) as turns:
        turns.execute("UPDATE turns SET free_at = 1e12")
    turns.close()
    Pace("x", 1, file).take(lambda s: pytest.fail(f"waits {s} s"))


def test_no_limit_takes_no_time_and_no_file(tmp_path):
    file = tmp_path / "turns.sqlite"
    pace = Pace("x", 0, file)
    for _ in range(1000):
        pace.take(lambda s: pytest.fail(f"waits {s} s"))
    assert not file.exists()


@pytest.mark.parametrize("spoil", ["corrupt", "folder"])
def test_a_file_that_cannot_be_used_is_said_and_done_without(tmp_path, caplog, spoil):
    file = tmp_path / "turns.sqlite"
    file.mkdir() if spoil == "folder" else file.write_bytes(b"not a database" * 100)
    pace, waits = Pace("x", INTERVAL_S, file), []
    pace.take()
    pace.take(lambda s: (waits.append(s), time.sleep(s)))
    assert 0 < waits[0] <= INTERVAL_S
    assert caplog.text.count("for this process alone") == 1
