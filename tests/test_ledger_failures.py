"""What a ledger says when its file or disk lets it down, and that nothing is lost then."""

import contextlib
import os
import sqlite3
import sys
import time

import pytest

from automask.errors import LedgerError
from automask.ledger import MIGRATIONS, JobState, Ledger, Order
from automask.ledger import database as module
from tests.disks import fill, make_read_only

S = JobState


def order(key="a1", **more):
    return Order(key=key, provider="imaginepro", **more)


@pytest.fixture
def path(tmp_path):
    """A ledger with a masked job a1 and a submitted one b2, closed."""
    with Ledger(tmp_path / "ledger.sqlite3") as made:
        made.add(order())
        made.add(order("b2"))
        made.claim("b2")
        made.move("b2", S.SUBMITTED, handle="msg-9")
    return made.path


# --- locked ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(path, how="BEGIN IMMEDIATE"):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(how)
        yield
        other.execute("COMMIT")


def test_a_ledger_locked_for_too_long_is_said_so_and_works_again(path):
    with Ledger(path, wait_s=0.1) as ledger:
        with locked(path):
            start = time.monotonic()
            with pytest.raises(LedgerError, match=r"ledger\.sqlite3: others kept it locked"):
                ledger.claim()
            assert 0.08 < time.monotonic() - start < 5
            assert len(ledger.jobs()) == 2
        assert ledger.claim().ref == "a1"


def test_an_answer_that_cannot_be_written_names_its_handle_and_can_be_given_again(path):
    with Ledger(path, wait_s=0.05) as ledger:
        ledger.claim()
        with locked(path), pytest.raises(LedgerError, match="calls job a1 msg-10"):
            ledger.move("a1", S.SUBMITTED, handle="msg-10")
        assert ledger.find("a1").state is S.SUBMITTING
        assert ledger.move("a1", S.SUBMITTED, handle="msg-10").handle == "msg-10"


def test_a_ledger_that_is_locked_whole_does_not_open(path):
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA journal_mode = DELETE")
    plain.close()
    with locked(path, "BEGIN EXCLUSIVE"), pytest.raises(LedgerError, match="kept it locked"):
        Ledger(path, wait_s=0.1)
    with Ledger(path) as ledger:
        assert len(ledger.jobs()) == 2


# --- damaged, or not a ledger ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"no database at all, but long enough to look like one" * 100,
        lambda data: data[:4096],
        lambda data: data[:4096] + b"\xa5" * (len(data) - 4096),
        lambda data: data[:2000],
    ],
    ids=["other bytes", "first page only", "bad pages", "half a page"],
)
def test_a_damaged_ledger_is_said_so_and_left_alone(path, spoil):
    bad = spoil(path.read_bytes())
    path.write_bytes(bad)
    with pytest.raises(LedgerError, match="damaged or no ledger") as told, Ledger(path) as ledger:
        ledger.jobs()
    assert str(path) in str(told.value)
    assert "jobs backup" in str(told.value)
    assert path.read_bytes() == bad


@pytest.mark.parametrize("change", ["state = 'lost'", "results = '[' ", "results = '3'"])
def test_a_row_that_no_ledger_wrote_is_damage(path, change):
    with sqlite3.connect(path) as other:
        other.execute(f"UPDATE jobs SET {change} WHERE key = 'a1'")  # noqa: S608
    other.close()
    with Ledger(path) as ledger:
        for call in (ledger.jobs, lambda: ledger.find("a1")):
            with pytest.raises(LedgerError, match="damaged or no ledger"):
                call()
        assert ledger.find("b2").handle == "msg-9"


def test_a_copy_of_a_damaged_ledger_replaces_no_good_one(path, tmp_path):
    with Ledger(path) as ledger:
        good = ledger.backup(tmp_path / "copy").read_bytes()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    with Ledger(path) as ledger, pytest.raises(LedgerError, match="was not copied to"):
        ledger.backup(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == good
    assert not list(tmp_path.glob(".automask-*"))


def test_a_copy_in_a_place_that_can_be_no_file_is_said_so(path, tmp_path):
    (tmp_path / "folder").mkdir()
    with Ledger(path) as ledger:
        for target in (tmp_path / "folder", path / "copy"):
            with pytest.raises(LedgerError, match="was not copied to"):
                ledger.backup(target)
    assert not list(tmp_path.glob("**/.automask-*"))


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "history.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE visits (url)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="another program's database"):
        Ledger(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("there", ["a folder", "a file on the way"])
def test_a_place_that_can_be_no_file_is_said_so(tmp_path, there):
    path = tmp_path if there == "a folder" else tmp_path / "file" / "ledger"
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LedgerError, match=r"cannot be written|exists"):
        Ledger(path)


# --- read-only, full ------------------------------------------------------------------------------


@pytest.mark.parametrize("there_already", [False, True])
def test_a_read_only_disk_is_said_so(disk, there_already):
    if there_already:
        with Ledger(disk / "ledger") as ledger:
            ledger.add(order())
    make_read_only(disk)
    with pytest.raises(LedgerError, match="cannot be written; check the rights"):
        Ledger(disk / "ledger")
    assert (disk / "ledger").exists() == there_already


@pytest.mark.skipif(not hasattr(os, "geteuid") or not os.geteuid(), reason="root writes anywhere")
@pytest.mark.parametrize("there_already", [False, True])
def test_a_read_only_folder_is_said_so(tmp_path, there_already):
    path = tmp_path / "shut" / "ledger"
    path.parent.mkdir()
    if there_already:
        Ledger(path).close()
    path.parent.chmod(0o555)
    try:
        with pytest.raises(LedgerError, match="cannot be written"):
            Ledger(path)
    finally:
        path.parent.chmod(0o755)


def test_a_full_disk_is_said_so_and_loses_nothing(disk):
    with Ledger(disk / "ledger") as ledger:
        for key in ("a1", "b2"):
            ledger.add(order(key))
        ledger.claim("a1")
        filler = fill(disk)
        with pytest.raises(LedgerError, match="the disk is full; nothing was changed"):
            ledger.add(order("c3", prompt="x" * 9000))
        with pytest.raises(LedgerError, match=r"disk is full.* calls job a1 msg-9"):
            ledger.move("a1", S.SUBMITTED, handle="msg-9", error="x" * 9000)
        assert [entry.state for entry in ledger.jobs()] == [S.SUBMITTING, S.MASKED]
        filler.unlink()
        assert ledger.move("a1", S.SUBMITTED, handle="msg-9").handle == "msg-9"
    with Ledger(disk / "ledger") as ledger:
        assert ledger.find("a1").state is S.SUBMITTED


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_limit_for_the_size_of_files_is_said_so(tmp_path):
    import resource

    def fill(ledger):
        for number in range(40):
            ledger.add(order(f"b{number}", prompt="x" * 9000))

    with Ledger(tmp_path / "ledger") as ledger:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
        try:
            with pytest.raises(LedgerError, match=r"nothing was changed.* \(`ulimit -f`\)"):
                fill(ledger)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        kept = len(list(ledger.jobs()))
        ledger.add(order("c3"))
        assert len(list(ledger.jobs())) == kept + 1


def test_nothing_is_claimed_or_opened_on_a_full_disk(disk, tmp_path):
    with Ledger(disk / "ledger") as ledger:
        ledger.add(order(prompt="x" * 4000))
    fill(disk)
    with pytest.raises(LedgerError, match="the disk is full"), Ledger(disk / "ledger") as ledger:
        ledger.claim()
    with pytest.raises(LedgerError, match="the disk is full"):
        Ledger(disk / "new" / "ledger")
    (disk / "filler").unlink()
    with Ledger(disk / "ledger") as ledger:
        assert ledger.claim().prompt == "x" * 4000
        fill(disk)
        with pytest.raises(LedgerError, match=r"was not copied to .* the disk is full"):
            ledger.backup(disk / "copy")
        assert ledger.backup(tmp_path / "elsewhere").stat().st_size > 4096
    assert not list(disk.glob("*copy*"))
    assert not list(disk.glob(".automask-*"))


# --- versions -------------------------------------------------------------------------------------

# The first version as it was given out. It is written down here and never changed.
VERSION_1 = """
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, again INTEGER NOT NULL,
        ref TEXT NOT NULL UNIQUE, state TEXT NOT NULL, provider TEXT NOT NULL,
        parent_id TEXT NOT NULL, action TEXT NOT NULL, prompt TEXT NOT NULL,
        rule TEXT NOT NULL, mask_sha256 TEXT NOT NULL, coverage REAL, credits REAL NOT NULL,
        handle TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '', results TEXT NOT NULL DEFAULT '[]',
        created_at REAL NOT NULL, updated_at REAL NOT NULL, intent_at REAL, UNIQUE (key, again));
    INSERT INTO jobs VALUES (1, 'a1', 0, 'a1', 'done', 'imaginepro', 'up-1', 'U2', 'a hat', 'face',
        'beef', 0.25, 5, 'msg-9', '', '', '["1.png"]', 1000.5, 1002.5, 1001.5);
    INSERT INTO jobs VALUES (2, 'b2', 1, 'b2.1', 'submitting', 'imaginepro', '', '', '', '',
        '', NULL, 5, '', '99-dead', '', '[]', 1000, 1001, 1001);
    PRAGMA application_id = 1634562923;
    PRAGMA user_version = 1;
"""


def schema(path):
    """What makes up a database, apart from how it is written."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        version = db.execute("PRAGMA user_version").fetchone()[0]
    return version, {name: "".join((sql or "").split()) for name, sql in rows}


def test_a_ledger_of_the_first_version_is_brought_up_to_date(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "old")) as db:
        db.executescript(VERSION_1)
    with Ledger(tmp_path / "old") as ledger:
        done, doubtful = ledger.jobs()
    assert (done.state, done.results, done.handle) == (S.DONE, ("1.png",), "msg-9")
    assert (done.coverage, done.created_at, done.intent_at) == (0.25, 1000.5, 1001.5)
    assert (doubtful.ref, doubtful.state, doubtful.again) == ("b2.1", S.IN_DOUBT, 1)
    Ledger(tmp_path / "new").close()
    assert schema(tmp_path / "old") == schema(tmp_path / "new")
    assert schema(tmp_path / "old")[0] == len(MIGRATIONS) > 1


def test_a_step_that_fails_changes_nothing_and_those_before_it_stay(tmp_path, monkeypatch):
    with contextlib.closing(sqlite3.connect(tmp_path / "old")) as db:
        db.executescript(VERSION_1)
    bad = ("CREATE TABLE half (a)", "CREATE TABLE half (b)")
    newer = module.Schema(module.APPLICATION, (*MIGRATIONS, bad))
    monkeypatch.setattr(module.connected, "__defaults__", (newer,))
    with pytest.raises(LedgerError, match="half already exists"):
        Ledger(tmp_path / "old")
    version, things = schema(tmp_path / "old")
    assert version == len(MIGRATIONS)
    assert "half" not in things
    monkeypatch.undo()
    with Ledger(tmp_path / "old") as ledger:
        assert len(ledger.jobs()) == 2


def test_a_newer_ledger_is_left_alone(path):
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=r"version 99, written by a newer automask.*update"):
        Ledger(path)
    assert path.read_bytes() == before
