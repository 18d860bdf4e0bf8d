"""Two processes at once, and disks and ledgers that let a paid job down: nothing is lost."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import automask
from automask.errors import LedgerError, OutputError
from automask.imaginepro.service import Service
from automask.jobs import Desk
from automask.ledger import JobState, Ledger
from tests.disks import fill, make_read_only

S = JobState
ROOT = Path(__file__).parents[2]
RULE = "rect(10%, 20%, 30%, 40%)"

FINISH = """
import sys
from automask.jobs import Desk, finish
from automask.ledger import Ledger
from automask.providers.imaginepro import ImaginePro
print("ready", flush=True)
sys.stdin.readline()
with Ledger(sys.argv[1]) as ledger:
    done = finish(Desk(ledger, ImaginePro(limits=False)), ledger.jobs(), looks_per_s=1e6)
for error in done.errors.values():
    print(error)
"""


def submit(shop, **more):
    wanted = {"folder": shop.out, "ledger": shop.ledger.path, "provider": shop.desk.provider} | more
    return automask.submit(shop.parent, RULE, prompt="a pond", **wanted)


def test_two_processes_finish_the_jobs_of_one_ledger_and_each_is_paid_once(shop):
    shop.sandbox.store.time_scale = 0.002
    refs = [shop.place(f"job {number}").ref for number in range(60)]
    command = [sys.executable, "-c", FINISH, str(shop.ledger.path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
    assert [each.stdout.readline() for each in both] == ["ready\n"] * 2
    for each in both:
        each.stdin.write("go\n")
        each.stdin.flush()
    assert [each.communicate(timeout=120)[0] for each in both] == ["", ""]
    assert [each.returncode for each in both] == [0, 0]
    assert shop.sandbox.billed == dict.fromkeys(refs, 1)
    assert shop.ledger.counts() == {S.DONE: 60}
    assert len(list(shop.out.iterdir())) == 60 * 4


# --- full -----------------------------------------------------------------------------------------


def test_on_a_full_disk_nothing_is_sent_that_cannot_be_written_down(shop, disk):
    path = disk / "ledger.sqlite3"
    with Ledger(path):
        pass
    filler = fill(disk)
    with pytest.raises((LedgerError, OutputError), match="the disk is full"):
        submit(shop, ledger=path)
    assert not shop.sandbox.charges
    filler.unlink()
    assert submit(shop, ledger=path).entry.state is S.DONE
    assert len(shop.sandbox.charges) == 1


def test_results_that_a_full_disk_does_not_take_are_delivered_later(shop, disk):
    filler = fill(disk)
    with pytest.raises(OutputError, match="the disk is full"):
        submit(shop, folder=disk)
    (entry,) = shop.ledger.jobs()
    assert entry.state is S.RUNNING
    assert "the disk is full" in entry.error
    assert os.listdir(disk) == ["filler"]  # noqa: PTH208
    filler.unlink()
    done = submit(shop, folder=disk)
    assert not done.paid
    assert len(done.files) == 4
    assert shop.sandbox.billed == {entry.ref: 1}


def test_an_answer_that_a_full_disk_does_not_take_is_found_again(shop, disk, monkeypatch):
    """The disk fills up while the job is sent: after the intent, before the answer."""
    path, press = disk / "ledger.sqlite3", Service.press

    def filling(self, body):
        handle = press(self, body)
        fill(disk)
        return handle

    monkeypatch.setattr(Service, "press", filling)
    with pytest.raises(LedgerError, match="the disk is full; nothing was changed") as told:
        submit(shop, ledger=path)
    (charge,) = shop.sandbox.charges
    assert charge.message_id in str(told.value)
    monkeypatch.undo()
    (disk / "filler").unlink()
    with Ledger(path) as own:
        (doubt,) = own.in_doubt()
        found, _ = Desk(own, shop.desk.provider).reconcile(doubt)
        assert found.handle == charge.message_id
    assert submit(shop, ledger=path).entry.state is S.DONE
    assert shop.sandbox.billed == {charge.ref: 1}


# --- read-only, locked, damaged -------------------------------------------------------------------


def test_a_read_only_folder_is_said_so_and_what_was_paid_is_delivered_elsewhere(shop, disk):
    make_read_only(disk)
    with pytest.raises(OutputError, match="its folder is read-only"):
        submit(shop, folder=disk)
    done = submit(shop)
    assert (done.paid, len(done.files)) == (False, 4)
    assert shop.sandbox.billed == {done.entry.ref: 1}


def test_a_ledger_in_a_read_only_folder_stops_the_job_before_it_is_sent(shop, disk):
    make_read_only(disk)
    with pytest.raises(LedgerError, match="cannot be written"):
        submit(shop, ledger=disk / "ledger.sqlite3")
    assert not shop.sandbox.charges


@contextlib.contextmanager
def locked(path):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("COMMIT")


def test_while_the_ledger_is_locked_nothing_is_sent(shop):
    entries = [shop.place(f"job {number}") for number in range(3)]
    with Ledger(shop.ledger.path, wait_s=0.05) as hasty, locked(shop.ledger.path):
        told = Desk(hasty, shop.desk.provider)
        for entry in entries:
            with pytest.raises(LedgerError, match="others kept it locked"):
                told.send(entry)
    assert not shop.sandbox.charges
    done = shop.finish(*entries)
    assert not done.errors
    assert shop.sandbox.billed == {entry.ref: 1 for entry in entries}


def test_an_answer_that_a_locked_ledger_does_not_take_is_found_again(shop, monkeypatch):
    press, holders = Service.press, contextlib.ExitStack()

    def locking(self, body):
        handle = press(self, body)
        holders.enter_context(locked(shop.ledger.path))
        return handle

    monkeypatch.setattr(Service, "press", locking)
    entry = shop.place()
    with Ledger(shop.ledger.path, wait_s=0.05) as hasty:
        with pytest.raises(LedgerError, match="others kept it locked") as told:
            Desk(hasty, shop.desk.provider).send(entry)
        holders.close()
        assert shop.sandbox.charges[0].message_id in str(told.value)
        assert hasty.find(entry.ref).state is S.SUBMITTING
    (doubt,) = shop.ledger.in_doubt()  # its process has closed the ledger without an answer
    found, _ = shop.desk.reconcile(doubt)
    assert found.handle == shop.sandbox.charges[0].message_id
    assert shop.one(found)[0].state is S.DONE
    assert shop.sandbox.billed == {entry.ref: 1}


@pytest.mark.parametrize("spoil", [b"no database at all", b""], ids=["other bytes", "cut off"])
def test_a_damaged_ledger_stops_the_job_before_it_is_sent(shop, tmp_path, spoil):
    path = tmp_path / "other" / "ledger.sqlite3"
    submit(shop, ledger=path)
    good = path.with_name("copy")
    shutil.copy(path, good)
    data = path.read_bytes()
    path.write_bytes(spoil * 400 if spoil else data[: len(data) // 2])
    damaged = path.read_bytes()
    with pytest.raises(LedgerError, match=r"damaged or no ledger.*jobs backup"):
        submit(shop, ledger=path)
    assert path.read_bytes() == damaged
    assert len(shop.sandbox.charges) == 1
    shutil.copy(good, path)
    assert not submit(shop, ledger=path).paid
