"""The ledger: a job's way through its states, what is asked twice, what is spent, copies."""

import os
import sqlite3
import stat
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from automask.errors import LedgerError, PreflightError, TransitionError
from automask.ledger import TRANSITIONS, JobState, Ledger, Order, default_path

S = JobState


def order(key="a1", **more):
    return Order(key=key, provider="imaginepro", parent_id="up-1", prompt="a hat", **more)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "new" / "ledger.sqlite3") as opened:
        yield opened


# --- the table of states --------------------------------------------------------------------------


def reached(start):
    """All states that some way leads to from `start`."""
    seen, left = set(), [start]
    while left:
        for each in TRANSITIONS[left.pop()] - seen:
            seen.add(each)
            left.append(each)
    return seen


def test_nothing_that_may_have_been_sent_comes_to_be_sent_again():
    for state in (S.IN_DOUBT, S.SUBMITTED, S.RUNNING, S.DONE, S.FAILED, S.CANCELLED, S.EMPTY):
        assert not reached(state) & {S.PLANNED, S.MASKED, S.SUBMITTING}


def test_only_what_is_masked_is_submitted_and_only_what_is_submitting_is_doubted():
    assert [s for s in S if S.SUBMITTING in TRANSITIONS[s]] == [S.MASKED]
    assert {s for s in S if S.IN_DOUBT in TRANSITIONS[s]} == {S.SUBMITTING, S.IN_DOUBT}


def test_every_state_is_reached_and_every_open_one_can_end():
    assert reached(S.PLANNED) == set(S) - {S.PLANNED}
    ends = {S.DONE, S.FAILED, S.CANCELLED, S.EMPTY}
    assert {s for s in S if TRANSITIONS[s] <= {s}} == ends
    assert all(reached(s) & ends for s in set(S) - ends)


# --- a job's way ----------------------------------------------------------------------------------


def test_a_job_from_its_plan_to_its_pictures(ledger):
    before = time.time()
    plan = ledger.add(order("plan", rule="face", credits=5), state=S.PLANNED)
    assert (plan.state, plan.ref, plan.coverage, plan.intent_at) == (S.PLANNED, "plan", None, None)
    assert ledger.claim() is None
    ready = ledger.masked("plan", key="a1", mask_sha256="beef", coverage=0.25)
    assert (ready.id, ready.ref, ready.state) == (plan.id, "a1", S.MASKED)
    claimed = ledger.claim()
    assert (claimed.ref, claimed.state, claimed.mask_sha256) == ("a1", S.SUBMITTING, "beef")
    assert before <= claimed.intent_at <= time.time()
    assert claimed.owner.startswith(f"{os.getpid()}-")
    sent = ledger.move("a1", S.SUBMITTED, handle="msg-9")
    assert (sent.handle, sent.owner, sent.intent_at) == ("msg-9", "", claimed.intent_at)
    ledger.move("a1", S.RUNNING, results=("https://cdn/1.png",))
    done = ledger.move("a1", S.DONE, results=("out/ä 1.png", "out/2.png"), credits=6)
    assert (done.results, done.credits, done.rule) == (("out/ä 1.png", "out/2.png"), 6, "face")
    assert done.created_at == plan.created_at < done.updated_at
    assert ledger.jobs() == [done] == ledger.jobs(S.DONE)
    assert ledger.counts() == {S.DONE: 1}


def test_it_is_all_there_when_it_is_opened_again(ledger):
    ledger.add(order(coverage=0.5, action="Vary (Region)"))
    ledger.claim("a1")
    kept = ledger.move("a1", S.SUBMITTED, handle="msg-9")
    ledger.close()
    with Ledger(ledger.path) as again:
        assert again.jobs() == [kept]
    assert [p.name for p in ledger.path.parent.iterdir()] == [ledger.path.name]


def test_the_same_job_asked_twice_is_the_same_row(ledger):
    first = ledger.add(order())
    assert ledger.add(order(rule="said otherwise")) == first
    ledger.claim()
    assert ledger.add(order()).state is S.SUBMITTING
    assert len(ledger.jobs()) == 1


def test_again_is_another_row_with_another_ref(ledger):
    refs = [ledger.add(order(), again=again).ref for again in (True, True, True, False)]
    assert refs == ["a1", "a1.1", "a1.2", "a1.2"]
    assert [entry.again for entry in ledger.jobs()] == [0, 1, 2]


def test_two_rules_that_come_to_one_mask_are_one_job(ledger):
    ledger.add(order("plan-1"), state=S.PLANNED)
    ledger.add(order("plan-2"), state=S.PLANNED)
    first = ledger.masked("plan-1", key="a1", mask_sha256="beef", coverage=0.5)
    assert ledger.masked("plan-2", key="a1", mask_sha256="beef", coverage=0.5) == first
    assert ledger.jobs() == [first]


def test_two_who_ask_for_one_after_the_same_row_get_the_same(ledger):
    first = ledger.add(order())
    ledger.claim(first.ref)
    ledger.move(first.ref, S.FAILED, error="refused")
    assert [ledger.add(order(), after=first.ref).ref for _ in range(2)] == ["a1.1", "a1.1"]
    assert len(ledger.jobs()) == 2


def test_a_plan_to_pay_again_stays_one(ledger):
    ledger.add(order("plan-1"), state=S.PLANNED)
    ledger.masked("plan-1", key="a1", mask_sha256="beef", coverage=0.5)
    ledger.add(order("plan-1"), state=S.PLANNED)
    plan = ledger.add(order("plan-1"), state=S.PLANNED, again=True)
    assert ledger.masked(plan.ref, key="a1", mask_sha256="beef", coverage=0.5).ref == "a1.1"


def test_a_mask_is_for_a_plan_only(ledger):
    ledger.add(order())
    with pytest.raises(TransitionError, match="a1 is masked and cannot become masked"):
        ledger.masked("a1", key="b2", mask_sha256="", coverage=0.5)


@pytest.mark.parametrize("state", sorted(set(S) - {S.PLANNED, S.MASKED}))
def test_a_job_starts_at_the_start(ledger, state):
    with pytest.raises(TransitionError, match=f"not as {state}"):
        ledger.add(order(), state=state)


def test_jobs_are_claimed_once_the_oldest_first(ledger):
    for key in "abc":
        ledger.add(order(key))
    ledger.add(Order(key="d", provider="other"))
    assert ledger.claim(provider="other").ref == "d"
    assert ledger.claim("b").ref == "b"
    assert ledger.claim("b") is None
    assert [ledger.claim().ref, ledger.claim().ref, ledger.claim()] == ["a", "c", None]


def test_claiming_is_the_only_way_to_submitting(ledger):
    ledger.add(order())
    with pytest.raises(TransitionError, match="is masked and cannot become submitting"):
        ledger.move("a1", S.SUBMITTING)


def test_what_never_arrived_may_be_sent_again_and_cost_nothing(ledger):
    ledger.add(order(credits=5))
    ledger.claim()
    back = ledger.move("a1", S.MASKED, error="connection refused")
    assert (back.intent_at, back.owner, back.error) == (None, "", "connection refused")
    assert ledger.spent() == 0
    assert ledger.claim().error == ""
    assert ledger.spent() == 5


def test_what_was_refused_cost_nothing_and_what_failed_later_did(ledger):
    for key, way in (("a", [S.FAILED]), ("b", [S.SUBMITTED, S.FAILED]), ("c", [S.IN_DOUBT])):
        ledger.add(order(key, credits=5))
        ledger.claim(key)
        for state in way:
            ledger.move(key, state, handle="h-b" if state is S.SUBMITTED else "", error="so")
    assert [entry.credits for entry in ledger.jobs()] == [0, 5, 5]
    assert ledger.spent() == 10
    assert ledger.spent(since=time.time() + 1) == 0


def test_a_state_told_twice_is_told_once(ledger):
    ledger.add(order())
    ledger.claim()
    ledger.move("a1", S.SUBMITTED, handle="msg-9")
    ledger.move("a1", S.DONE, results=("1.png",))
    assert ledger.move("a1", S.DONE).results == ("1.png",)
    with pytest.raises(TransitionError, match="is done and cannot become running"):
        ledger.move("a1", S.RUNNING)


def test_a_handle_is_needed_and_stays(ledger):
    ledger.add(order())
    ledger.claim()
    with pytest.raises(TransitionError, match="without the service's handle"):
        ledger.move("a1", S.SUBMITTED)
    assert ledger.find("a1").state is S.SUBMITTING
    ledger.move("a1", S.SUBMITTED, handle="msg-9")
    with pytest.raises(TransitionError, match="has the handle msg-9, not msg-8"):
        ledger.move("a1", S.RUNNING, handle="msg-8")


def test_one_answer_does_not_settle_two_doubts(ledger):
    for key in "ab":
        ledger.add(order(key))
        ledger.claim(key)
        ledger.move(key, S.IN_DOUBT, error="the reply was lost")
    assert [entry.ref for entry in ledger.in_doubt()] == ["a", "b"]
    ledger.move("a", S.IN_DOUBT, error="not in the history yet")
    assert ledger.in_doubt()[0].error == "not in the history yet"
    assert ledger.move("a", S.DONE, handle="msg-9").error == ""
    with pytest.raises(TransitionError, match="msg-9 is job a; it cannot be b too"):
        ledger.move("b", S.DONE, handle="msg-9")
    assert [(e.ref, e.handle) for e in ledger.in_doubt()] == [("b", "")]


def test_another_ledger_cannot_answer_for_what_this_one_submits(ledger):
    ledger.add(order())
    ledger.claim()
    with Ledger(ledger.path) as other:
        assert other.claim() is None
        assert other.in_doubt() == []
        with pytest.raises(TransitionError, match="is being submitted by"):
            other.move("a1", S.SUBMITTED, handle="msg-9")
    assert ledger.move("a1", S.SUBMITTED, handle="msg-9").handle == "msg-9"


def test_what_was_claimed_and_not_answered_is_in_doubt_after_closing(ledger):
    ledger.add(order())
    with Ledger(ledger.path) as other:
        other.claim()
        assert ledger.find("a1").state is S.SUBMITTING
    doubtful = ledger.add(order())
    assert (doubtful.state, doubtful.owner) == (S.IN_DOUBT, "")
    assert f"Process {os.getpid()} stopped" in doubtful.error
    assert ledger.claim() is None


def test_an_owner_taken_for_dead_still_records_its_answer(ledger):
    ledger.add(order())
    ledger.claim()
    next(ledger.path.parent.glob("*-owner-*")).unlink()
    with Ledger(ledger.path) as other:
        assert other.find("a1").state is S.IN_DOUBT
    assert ledger.move("a1", S.SUBMITTED, handle="msg-9").state is S.SUBMITTED


def test_a_budget_is_refused_before_it_is_spent(ledger):
    for key in "abc":
        ledger.add(order(key, credits=5))
    assert ledger.claim(budget=10).ref == "a"
    assert ledger.claim(budget=10).ref == "b"
    with pytest.raises(PreflightError, match=r"c costs 5 credits, 10 are spent .* budget is 10"):
        ledger.claim(budget=10)
    assert ledger.find("c").state is S.MASKED
    assert ledger.claim(budget=5, since=time.time() + 1).ref == "c"


# --- what is known --------------------------------------------------------------------------------


def test_a_job_is_found_by_its_ref_its_handle_and_the_start_of_its_ref(ledger):
    for key in ("abcd", "abce", "x%_"):
        ledger.add(order(key))
    ledger.add(order("abcd"), again=True)
    ledger.claim("abce")
    ledger.move("abce", S.SUBMITTED, handle="ab")
    found = {name: ledger.find(name).ref for name in ("abcd", "abcd.", "abce", "ab", "x%", "x")}
    assert found == {
        "abcd": "abcd", "abcd.": "abcd.1", "abce": "abce", "ab": "abce", "x%": "x%_", "x": "x%_",
    }  # fmt: skip
    for name, told in (("abc", "more than one job"), ("%", "no job"), ("", "more than one job")):
        with pytest.raises(LedgerError, match=told):
            ledger.find(name)


def test_a_job_that_is_not_there_is_said_so(ledger):
    with pytest.raises(LedgerError, match="no job 'nope'"):
        ledger.move("nope", S.DONE)


def test_texts_come_back_as_they_were(ledger):
    text = "'; DROP TABLE jobs; -- \x00 \U0001f363 \n ?:x"
    assert ledger.add(order("k", rule=text, action=text)).rule == text
    assert ledger.find("k").action == text


def test_its_place_is_the_one_named_or_in_the_users_folder(monkeypatch, tmp_path):
    assert default_path().name == "ledger.sqlite3"
    assert Path(os.environ["HOME"]) in default_path().parents
    monkeypatch.setenv("AUTOMASK_LEDGER", "~/mine.db")
    assert default_path() == Path.home() / "mine.db"
    monkeypatch.setenv("AUTOMASK_LEDGER", str(tmp_path / "here.db"))
    with Ledger() as opened:
        assert opened.path == tmp_path / "here.db"


@pytest.mark.skipif(os.name == "nt", reason="rights are POSIX")
def test_prompts_are_for_the_users_own_eyes(ledger):
    ledger.add(order())
    for path in ledger.path.parent.glob("ledger.sqlite3*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_the_disk_has_it_before_a_call_returns(ledger):
    assert ledger._db.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    assert ledger._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_closed_ledger_says_so(ledger):
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="is not open in this process"):
        ledger.jobs()


def test_threads_share_one_ledger(ledger):
    for number in range(100):
        ledger.add(order(f"k{number}"))

    def work(_):
        mine = []
        while entry := ledger.claim():
            ledger.move(entry.ref, S.SUBMITTED, handle=f"h-{entry.ref}")
            mine.append(entry.ref)
        return mine

    with ThreadPoolExecutor(8) as pool:
        claimed = [ref for mine in pool.map(work, range(8)) for ref in mine]
    assert sorted(claimed) == sorted(f"k{number}" for number in range(100))
    assert ledger.counts() == {S.SUBMITTED: 100}


def test_its_own_work_for_a_job_is_small(tmp_path):
    """Without a disk below, where there is one in memory: intent and outcome under 10 ms."""
    memory = Path("/dev/shm")  # noqa: S108
    path = (memory if memory.is_dir() else tmp_path) / f"automask-{os.getpid()}.sqlite3"
    taken = []
    try:
        with Ledger(path) as ledger:
            for number in range(50):
                ledger.add(order(f"k{number}"))
                start = time.perf_counter()
                ledger.move(ledger.claim().ref, S.SUBMITTED, handle=f"h{number}")
                taken.append(time.perf_counter() - start)
    finally:
        path.unlink()
    assert statistics.median(taken) < 0.010


# --- copies ---------------------------------------------------------------------------------------


def test_a_copy_is_whole_while_others_write(ledger, tmp_path):
    for number in range(50):
        ledger.add(order(f"k{number}"))
    stop = threading.Event()

    def write():
        with Ledger(ledger.path) as other:
            number = 50
            while not stop.is_set():
                other.add(order(f"k{number}"))
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    copies = [ledger.backup(tmp_path / "deep" / f"copy{n}.sqlite3") for n in range(5)]
    stop.set()
    writer.join()
    everything = [entry.key for entry in ledger.jobs()]
    for path in copies:
        assert not path.with_name(path.name + "-wal").exists()
        with Ledger(path) as copy:
            kept = [entry.key for entry in copy.jobs()]
        assert len(kept) >= 50
        assert kept == everything[: len(kept)]


def test_a_copy_is_its_users_alone_and_sweeps_up_what_killed_ones_left(ledger, tmp_path):
    left = tmp_path / "copies" / ".automask-0123456789abcdef.tmp"
    left.parent.mkdir()
    left.write_bytes(b"half a copy")
    copy = ledger.backup(tmp_path / "copies" / "copy.sqlite3")
    assert list(left.parent.iterdir()) == [copy]
    if os.name == "posix":
        assert copy.stat().st_mode & 0o777 == 0o600


def test_a_copy_replaces_an_older_one_and_never_the_ledger(ledger, tmp_path):
    ledger.add(order())
    (tmp_path / "copy").write_bytes(b"an older one")
    with sqlite3.connect(ledger.backup(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT key FROM jobs").fetchall() == [("a1",)]
    copy.close()
    (tmp_path / "alias").hardlink_to(ledger.path)
    for target in (ledger.path, tmp_path / "alias"):
        with pytest.raises(LedgerError, match="is the ledger itself"):
            ledger.backup(target)
    assert ledger.find("a1").state is S.MASKED
