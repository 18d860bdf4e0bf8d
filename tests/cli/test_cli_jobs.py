"""`automask jobs`: every command and option, against the sandbox; what is paid is counted."""

import json
import sqlite3
import time
from pathlib import Path

import pytest

from automask.ledger import Ledger

SQUARE = "rect(20px, 10px, 20px, 15px)"


@pytest.fixture
def sent(cli, parent, mask, record):
    """``sent(*options)``: a job that was submitted and is not waited for; gives its row."""

    def submit(*options, code=0, prompt="a pond"):
        asked = ("--message-id", parent, "--mask", mask, "--prompt", prompt)
        cli("submit", *asked, *options, code=code)
        return record()[-1]

    return submit


@pytest.fixture
def unsent(sent):
    """A job that was never sent, since its budget did not allow it."""
    return sent("--budget", "1", code=1)


@pytest.fixture
def doubted(sandbox, sent):
    """A job that was taken, and whose answer was lost."""
    sandbox.faults.queue("dropped")
    return sent(code=4)


@pytest.fixture
def busy(sandbox, sent):
    """A job that was not taken, and may have been: the service asked to wait."""
    sandbox.faults.queue("429")
    return sent(code=4)


def short(entry):
    return entry.ref[:12]


# --- list, show ---------------------------------------------------------------------------------


def test_an_empty_record_is_an_empty_table(cli, sandbox):
    assert cli("jobs").stdout.split()[:3] == ["job", "state", "made"]
    assert json.loads(cli("jobs", "list", "--json").stdout) == []
    assert json.loads(cli("jobs", "--json").stdout) == []
    assert cli("jobs", "list", "--nl").stdout == ""


def test_jobs_are_listed_the_oldest_first(cli, sent, parent):
    first, second = sent("--wait"), sent(prompt="a long prompt " * 9)
    cli("run", SQUARE, "--message-id", parent, "--prompt", "two\nlines")
    lines = cli("jobs").stdout.splitlines()
    assert len(lines) == 4
    assert lines[1].split()[:2] == [short(first), "done"]
    assert lines[2].split()[:2] == [short(second), "submitted"]
    assert "a long prompt a long prompt a long pr..." in lines[2]
    assert "two lines" in lines[3]
    assert SQUARE in lines[3]


def test_jobs_of_a_state(cli, sent, unsent):
    sent("--wait", prompt="other")
    for state, count in (("done", 1), ("masked", 1), ("failed", 0)):
        told = json.loads(cli("jobs", "list", "--state", state, "--json").stdout)
        assert [each["state"] for each in told] == [state] * count
    both = cli("jobs", "list", "--state", "done", "--state", "masked", "--nl").stdout
    assert [json.loads(line)["state"] for line in both.splitlines()] == ["masked", "done"]
    assert "choose from: planned, masked" in cli("jobs", "list", "--state", "x", code=2).stderr
    assert "in two ways" in cli("jobs", "list", "--json", "--nl", code=2).stderr


def test_a_job_is_shown_by_its_ref_the_beginning_of_it_or_the_services_id(cli, sent):
    entry = sent("--wait", "-o", "a folder")
    for name in (entry.ref, short(entry), entry.ref[:3], entry.handle, f" {entry.handle}\n"):
        told = json.loads(cli("jobs", "show", name, "--json").stdout)
        assert told["ref"] == entry.ref
    lines = cli("jobs", "show", short(entry)).stdout.splitlines()
    assert len([line for line in lines if line.startswith("results ")]) == 4
    assert any(line.split() == ["state", "done"] for line in lines)
    assert told["models"] == []


@pytest.mark.weights
def test_a_job_is_shown_with_the_models_that_made_its_mask(cli, parent, record, weights_of):
    weights = weights_of("u2netp")
    cli("run", "background", "--message-id", parent, "--prompt", "sand")
    (entry,) = record()
    assert json.loads(cli("jobs", "show", entry.ref, "--json").stdout)["models"] == [weights.record]
    shown = cli("jobs", "show", entry.ref).stdout.splitlines()
    assert ["models", *weights.record.split()] in [line.split() for line in shown]


def test_a_job_paid_again_is_named_by_its_whole_ref(cli, sent):
    first, second = sent(), sent("--again")
    assert second.ref.startswith(first.ref)
    assert cli("jobs").stdout.splitlines()[2].split()[0] == second.ref
    assert json.loads(cli("jobs", "show", second.ref, "--json").stdout)["again"] == 1
    assert "more than one job" in cli("jobs", "show", short(first), code=1).stderr


@pytest.mark.parametrize("command", ["show", "wait", "resume", "cancel", "reconcile"])
def test_names_of_no_job(cli, sent, command):
    sent()
    for name in ("zzz", "%", "_", "é", "a" * 300):
        told = cli("jobs", command, "--", name, code=1).stderr
        assert "has no job" in told
        assert "`automask jobs list`" in told
    for name in ("", "  "):
        assert "it is empty" in cli("jobs", command, "--", name, code=2).stderr


def test_a_word_that_is_no_command_is_answered_with_the_nearest(cli, sandbox):
    assert "Did you mean `automask jobs cancel`?" in cli("jobs", "canel", "x", code=2).stderr
    assert "automask jobs show c6c0" in cli("jobs", "c6c0", code=2).stderr


# --- wait ---------------------------------------------------------------------------------------


def test_all_that_run_are_waited_for(cli, sandbox, sent, unsent):
    entries = [sent("-o", "one", prompt="1"), sent("-o", "two", prompt="2")]
    result = cli("jobs", "wait")
    for entry, folder in zip(entries, ("one", "two"), strict=True):
        assert f"{short(entry)}: done -> {Path(folder).absolute()} (4 pictures); " in result.stderr
        assert len(list(Path(folder).glob(f"{entry.handle}-*.png"))) == 4
    assert sandbox.billed.total() == 2
    assert "No job is waiting" in cli("jobs", "wait").stderr


def test_one_is_waited_for_where_it_is_wanted(cli, sandbox, sent):
    first, second = sent(prompt="1"), sent(prompt="2")
    told = json.loads(cli("jobs", "wait", short(first), "-o", "neu é/ä", "--json").stdout)
    assert [each["ref"] for each in told] == [first.ref]
    assert len(list(Path("neu é/ä").iterdir())) == 4
    told = json.loads(cli("jobs", "list", "--json").stdout)
    assert [each["state"] for each in told] == ["done", "submitted"]
    assert told[1]["ref"] == second.ref


def test_a_job_that_is_done_is_fetched_once_more(cli, sandbox, sent):
    entry = sent("--wait", "--paste-back")
    before = Path(entry.results[0]).read_bytes()
    for place in entry.results:
        Path(place).unlink()
    cli("jobs", "wait", short(entry), short(entry))
    assert Path(entry.results[0]).read_bytes() == before
    cli("jobs", "wait", short(entry), "-o", "elsewhere")
    assert (Path("elsewhere") / Path(entry.results[0]).name).read_bytes() == before
    assert sandbox.billed.total() == 1


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("", "is empty"),
        ("-", "give a folder"),
        ("x.png", "give a folder"),
        ("mask.png/x", "is a file"),
        ("file", "is a file"),
    ],
)
def test_a_place_that_is_no_folder_is_refused_before(cli, sandbox, sent, parent, out, words):
    Path("file").write_text("here")
    entry = sent()
    asked = len(sandbox.requests)
    for command in ("wait", "resume"):
        assert words in cli("jobs", command, short(entry), "-o", out, code=None).stderr
    told = cli("submit", "--message-id", parent, "--mask", "mask.png", "-o", out, code=None).stderr
    assert words in told
    told = cli("run", "all", "--message-id", parent, "-o", out, code=None).stderr
    assert words in told
    assert len(sandbox.requests) == asked
    assert sorted(p.name for p in Path().iterdir()) == ["file", "mask.png", "parent.png", "record"]
    cli("jobs", "wait", short(entry))
    assert len(list(Path().glob("*-?.png"))) == 4


def test_what_cannot_be_waited_for_says_what_can_be_done(cli, unsent, sent, sandbox):
    assert (
        f"automask jobs resume {short(unsent)}" in cli("jobs", "wait", short(unsent), code=2).stderr
    )
    sandbox.faults.queue("dropped")
    lost = sent(code=4, prompt="lost")
    told = cli("jobs", "wait", short(lost), code=2).stderr
    assert f"automask jobs reconcile {short(lost)}" in told


def test_a_job_that_failed_there_is_told_with_the_reason(cli, sandbox, parent, sent):
    sandbox.faults.queue("fail", "ok")
    bad, good = sent(prompt="bad"), sent(prompt="good")
    result = cli("jobs", "wait", code=4)
    assert f"Job {short(bad)} failed: " in result.stderr
    assert "--again" in result.stderr
    assert f"{short(good)}: done" in result.stderr
    assert "nothing to wait for" in cli("jobs", "wait", short(bad), code=2).stderr


def test_a_job_that_failed_alone_ends_with_1(cli, sandbox, sent):
    sandbox.faults.queue("fail-bare")
    sent()
    cli("jobs", "wait", code=1)


# --- resume -------------------------------------------------------------------------------------


def test_what_was_never_sent_is_paid_only_when_that_is_said(cli, sandbox, unsent, sent):
    running = sent(prompt="2")
    told = cli("jobs", "resume", code=4).stderr
    assert f"{short(running)}: done" in told
    assert f"{short(unsent)}: was never sent; 5 credits" in told
    assert sandbox.billed.total() == 1
    assert "was never sent" in cli("jobs", "resume", code=4).stderr
    assert "costs 5 credits" in cli("jobs", "resume", "--budget", "4", code=1).stderr
    assert sandbox.billed.total() == 1
    assert f"{short(unsent)}: done" in cli("jobs", "resume", "--budget", "5", "-j", "2").stderr
    assert sandbox.billed == {running.ref: 1, unsent.ref: 1}
    assert "No job is waiting" in cli("jobs", "resume").stderr


def test_one_that_is_named_is_sent(cli, sandbox, unsent):
    told = json.loads(cli("jobs", "resume", short(unsent), "-o", "here", "--json").stdout)
    assert told[0]["state"] == "done"
    assert len(list(Path("here").iterdir())) == 4
    assert sandbox.billed == {unsent.ref: 1}


def test_jobs_in_doubt_are_looked_for_and_never_sent_again(cli, sandbox, doubted):
    result = cli("jobs", "resume")
    assert f"{short(doubted)}: was taken, as " in result.stderr
    assert f"{short(doubted)}: done" in result.stderr
    assert sandbox.billed == {doubted.ref: 1}


def test_one_that_may_have_been_taken_is_looked_for_and_not_sent_unless_that_is_said(
    cli, sandbox, busy
):
    assert "masked (perhaps sent)" in cli("jobs").stdout
    told = cli("jobs", "resume", code=4).stderr
    assert "ask again in 16 min" in told
    assert f"{short(busy)}: was perhaps never sent; 5 credits" in told
    assert (
        "is perhaps sent; it cannot be cancelled" in cli("jobs", "cancel", busy.ref, code=1).stderr
    )
    assert not sandbox.billed


def test_one_that_was_taken_though_the_service_asked_to_wait_is_found(cli, sandbox, sent):
    sandbox.faults.queue("429-accepted")
    entry = sent(code=4)
    told = cli("jobs", "resume").stderr
    assert f"{short(entry)}: was taken, as " in told
    assert f"{short(entry)}: done" in told
    assert sandbox.billed == {entry.ref: 1}


@pytest.mark.parametrize("count", ["0", "65", "x"])
def test_how_many_at_once(cli, sandbox, count):
    assert "'--jobs'" in cli("jobs", "resume", "-j", count, code=2).stderr


# --- cancel -------------------------------------------------------------------------------------


def test_jobs_are_cancelled_before_they_are_sent_and_while_they_run(cli, sandbox, unsent, sent):
    sandbox.faults.queue("stuck")
    running = sent(prompt="2")
    done = sent("--wait", prompt="3")
    assert cli("jobs", "cancel", short(unsent), short(running)).stderr.count(": cancelled") == 2
    assert "cannot be cancelled" in cli("jobs", "cancel", short(done), code=1).stderr
    states = [each["state"] for each in json.loads(cli("jobs", "--json").stdout)]
    assert states == ["cancelled", "cancelled", "done"]
    assert "cancel" in [request.call for request in sandbox.requests]
    assert "nothing to wait for" in cli("jobs", "wait", short(running), code=2).stderr


def test_cancelling_several_ends_with_4_where_they_differ(cli, sandbox, unsent, sent):
    done = sent("--wait", prompt="3")
    cli("jobs", "cancel", short(unsent), short(done), code=4)
    assert "Missing argument 'JOB...'" in cli("jobs", "cancel", code=2).stderr


# --- reconcile ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "command"), [("dropped", "reconcile"), ("429", "resume")])
def test_a_job_that_may_have_been_sent_is_named_at_once(cli, sandbox, parent, mask, fault, command):
    sandbox.faults.queue(fault)
    told = cli("submit", "--message-id", parent, "--mask", mask, "--prompt", "x", code=4).stderr
    entry = json.loads(cli("jobs", "--json").stdout)[0]
    assert f"Job {entry['ref'][:12]} may have been taken and billed: ImaginePro" in told
    assert f"`automask jobs {command} {entry['ref'][:12]}` looks for it" in told
    assert "1 job may have been sent: automask jobs reconcile" in cli("jobs", "wait").stderr


def test_the_history_finds_a_job_in_doubt(cli, sandbox, doubted):
    told = json.loads(cli("jobs", "reconcile", "--json").stdout)
    assert told[0]["state"] == "submitted"
    assert f"{short(doubted)}: done" in cli("jobs", "wait").stderr
    assert "No job is in doubt" in cli("jobs", "reconcile").stderr
    assert "no doubt about it" in cli("jobs", "reconcile", short(doubted)).stderr
    assert sandbox.billed == {doubted.ref: 1}


def test_what_cannot_be_known_is_said_and_the_job_given_up(cli, sandbox, sent):
    sandbox.faults.queue("lost")
    entry = sent(code=4)
    assert "ask again in 16 min" in cli("jobs", "reconcile", code=4).stderr
    assert not sandbox.billed
    told = cli("jobs", "reconcile", short(entry), "--give-up").stderr
    assert "5 credits stay counted as spent" in told
    assert json.loads(cli("jobs", "--json").stdout)[0]["state"] == "failed"
    assert json.loads(cli("account", "--json").stdout)["spent_from_here"] == 5


def test_after_the_services_own_time_limit_it_says_that_it_cannot_know(
    cli, sandbox, sent, monkeypatch
):
    sandbox.faults.queue("lost")
    sent(code=4)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 2000)
    assert "which cannot be known" in cli("jobs", "reconcile", code=4).stderr


def test_the_history_is_read_once_for_all_jobs_in_doubt(cli, sandbox, sent):
    for number in range(4):
        sandbox.faults.queue("dropped", "ok", "ok", "ok")
        sent(prompt=f"lost {number}", code=4)
        for other in range(3):
            sent(prompt=f"{number} {other}")
    asked = len(sandbox.requests)
    assert cli("jobs", "reconcile").stderr.count("was taken, as") == 4
    pages = [r for r in sandbox.requests[asked:] if r.call == "history"]
    assert len(pages) == 2  # 16 jobs and a parent, 10 a page: all that is needed of them
    assert sandbox.billed.total() == 16


def test_a_service_that_is_silent_for_one_job_is_not_asked_for_the_others(cli, sandbox, sent):
    sandbox.faults.queue("dropped", "dropped")
    entries = [sent(prompt=name, code=4) for name in "ab"]
    sandbox.faults.add("history:401-key", "account:401-key")
    told = cli("jobs", "reconcile", code=4).stderr
    assert all(f"{short(e)}: ImaginePro does not accept the key" in told for e in entries)
    assert len([r for r in sandbox.requests if r.call == "history"]) == 1


def test_one_that_was_answered_with_wait_is_reconciled_as_well(cli, sandbox, busy, monkeypatch):
    assert "ask again in 16 min" in cli("jobs", "reconcile", code=4).stderr
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now + 2000)
        told = cli("jobs", "reconcile", code=4).stderr
        assert f"send it with: automask jobs resume {short(busy)}" in told
    told = cli("jobs", "reconcile", short(busy), "--give-up").stderr
    assert "5 credits stay counted as spent" in told
    assert not sandbox.billed


def test_what_is_older_than_the_history_cannot_be_known(cli, sandbox, busy, monkeypatch):
    monkeypatch.setattr("automask.imaginepro.history.LIFE_S", 30.0)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 2000)
    told = cli("jobs", "reconcile", code=4).stderr
    assert "does not reach back to when it was sent" in told
    assert "automask jobs reconcile" in cli("jobs", "resume", busy.ref, code=4).stderr
    assert not sandbox.billed


def test_a_job_in_doubt_is_told_by_its_handle(cli, sandbox, doubted):
    handle = next(request for request in sandbox.requests[::-1] if request.call == "submit")
    assert handle.body["ref"] == doubted.ref
    made = sandbox.charges[-1]
    told = cli("jobs", "reconcile", short(doubted), "--handle", made.message_id).stderr
    assert f"is {made.message_id}" in told
    cli("jobs", "wait")
    assert sandbox.billed == {doubted.ref: 1}


def test_a_handle_that_the_service_does_not_know_is_refused(cli, sandbox, doubted):
    told = cli("jobs", "reconcile", short(doubted), "--handle", "nonsense", code=1).stderr
    assert "does not know" in told
    assert json.loads(cli("jobs", "--json").stdout)[0]["state"] == "in_doubt"


def test_a_webhook_tells_of_a_job_in_doubt(cli, sandbox, doubted):
    posted = json.dumps({"ref": doubted.ref, "messageId": sandbox.charges[-1].message_id})
    assert "fetch it with" in cli("jobs", "reconcile", "--webhook", "-", stdin=posted).stderr
    Path("hook.json").write_text(posted, "utf-8")
    assert "no doubt" in cli("jobs", "reconcile", "--webhook", "hook.json").stderr


@pytest.mark.parametrize(
    "posted", ["", "[]", "1", "no json", "\xff", "{}", '{"ref": 1}', "[" * 9999]
)
def test_what_is_no_webhook_is_refused(cli, doubted, posted):
    told = cli("jobs", "reconcile", "--webhook", "-", stdin=posted, code=2).stderr
    assert told.startswith("automask: The standard input")
    assert "messageId" in told or "as it came" in told


def test_contradictions_are_refused(cli, doubted):
    name = short(doubted)
    for options in (
        [name, "--handle", "x", "--give-up"],
        [name, "--webhook", "f", "--handle", "x"],
        [name, "--webhook", "f", "--give-up"],
    ):
        assert "exclude each other" in cli("jobs", "reconcile", *options, code=2).stderr
    for option in (["--give-up"], ["--handle", "x"]):
        assert "name it" in cli("jobs", "reconcile", *option, code=2).stderr
    assert "it is empty" in cli("jobs", "reconcile", name, "--handle", "", code=2).stderr
    told = cli("jobs", "reconcile", "--webhook", "missing.json", code=2).stderr
    assert "missing.json is not" in told


# --- path, backup -------------------------------------------------------------------------------


def test_the_record_is_where_it_was_said(cli, sandbox, tmp_path):
    assert cli("jobs", "path").stdout == f"{tmp_path / 'record' / 'ledger.sqlite3'}\n"


def test_a_backup_is_a_whole_record_and_replaces_an_older_one_only(cli, sent):
    entry = sent()
    for _ in range(2):
        cli("jobs", "backup", "a folder é/copy.sqlite3")
    with Ledger("a folder é/copy.sqlite3") as copy:
        assert [each.ref for each in copy.jobs()] == [entry.ref]
    before = Path("parent.png").read_bytes()
    for target in ("parent.png", "", "-", "."):
        cli("jobs", "backup", target, code=2)
    assert Path("parent.png").read_bytes() == before
    told = cli("jobs", "backup", "record/ledger.sqlite3", code=1).stderr
    assert "is the ledger itself" in told
    with sqlite3.connect("record/ledger.sqlite3") as db:
        assert db.execute("SELECT count(*) FROM jobs").fetchone() == (1,)
    db.close()
