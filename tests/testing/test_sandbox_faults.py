"""Every fault of the sandbox, over HTTP: what the client sees, and what was billed."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from automask.errors import ArgumentError
from automask.testing import Sandbox
from automask.testing.sandbox import FAULTS
from automask.testing.sandbox.faults import parse
from tests.testing.client import REGION, scene

DROPPED = requests.ConnectionError


def of(when):
    return {name for name, kind in FAULTS.items() if kind.when == when}


# --- answers in place of the work: nothing is billed --------------------------------------------


def errors(status, words):
    def check(answer):
        assert answer.status_code == status
        assert answer.json()["statusCode"] == status
        assert words in answer.json()["message"]

    return check


def is_page(answer):
    assert answer.status_code == 502
    assert "html" in answer.headers["Content-Type"]
    assert answer.text.startswith("<html>")


def is_false(answer):
    assert answer.status_code == 200
    assert answer.json()["success"] is False
    assert answer.json()["error"]
    assert "messageId" not in answer.json()


REFUSALS = {
    "400": errors(400, "parameter"),
    "401-key": errors(401, "key"),
    "401-credits": errors(401, "credits"),
    "402": errors(402, "Payment"),
    "403": errors(403, "Forbidden"),
    "413": errors(413, "too large"),
    "429": errors(429, "Too many"),
    "500": errors(500, "Internal"),
    "502": is_page,
    "503": errors(503, "unavailable"),
    "success-false": is_false,
}


def test_every_refusal_is_tested():
    assert set(REFUSALS) | {"ok", "lost"} == of("before")


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_costs_nothing_and_ends_with_its_switch(serve, name):
    sandbox, client = serve(faults=[name])
    parent = sandbox.add_parent(scene())
    REFUSALS[name](client.edit(parent))
    REFUSALS[name](client.imagine())
    assert client.told(parent)["status"] == "DONE"  # other calls are as ever
    assert sandbox.charges == []
    sandbox.faults.clear()
    assert client.edit(parent).json()["success"] is True
    assert len(sandbox.charges) == 1


@pytest.mark.parametrize("name", ["429", "503"])
def test_retry_after_is_there_when_it_has_a_value(serve, name):
    _, client = serve()
    assert "Retry-After" not in client.imagine(fault=name).headers
    assert client.imagine(fault=f"{name}=7").headers["Retry-After"] == "7"


def test_a_lost_request_is_not_accepted(serve):
    sandbox, client = serve(faults=["lost"])
    with pytest.raises(DROPPED):
        client.imagine(ref="a")
    assert sandbox.charges == []
    assert client.history() == []
    assert sandbox.requests[0].status == 0


# --- accepted and billed, then the answer goes wrong --------------------------------------------


def test_every_spoiled_answer_is_tested():
    assert of("after") == {
        "dropped", "reset", "429-accepted", "500-accepted", "502-accepted", "empty",
        "success-word", "not-a-picture",
    }  # fmt: skip
    assert of("delay") == {"slow"}


@pytest.mark.parametrize("name", ["dropped", "reset"])
def test_a_broken_connection_hides_a_job_that_is_billed(serve, name):
    sandbox, client = serve(faults=[name])
    parent = sandbox.add_parent(scene())
    with pytest.raises((DROPPED, requests.exceptions.ChunkedEncodingError)):
        client.edit(parent, prompt="a door", ref="in doubt")
    assert sandbox.billed == {"in doubt": 1}
    found = client.history()[0]
    assert (found["button"], found["prompt"]) == (REGION, "a door")
    assert client.told(found["id"])["ref"] == "in doubt"


def test_a_reset_comes_within_the_body(serve):
    sandbox, _ = serve()
    headers = sandbox.headers | {"X-Sandbox-Fault": "reset"}
    url = f"{sandbox.url}/api/v1/subscription/account-info"
    with requests.get(url, headers=headers, timeout=5, stream=True) as answer:
        assert answer.status_code == 200
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="reset"):
            answer.content  # noqa: B018  (reads it)


@pytest.mark.parametrize(
    ("name", "status"), [("429-accepted", 429), ("500-accepted", 500), ("502-accepted", 502)]
)
def test_an_error_may_hide_a_job_that_is_billed(serve, name, status):
    sandbox, client = serve()
    assert client.imagine(ref="a", fault=name).status_code == status
    assert sandbox.billed == {"a": 1}


def test_an_empty_answer_and_a_word_for_success(serve):
    sandbox, client = serve()
    answer = client.imagine(ref="a", fault="empty")
    assert (answer.status_code, answer.content) == (200, b"")
    answer = client.imagine(ref="b", fault="success-word").json()
    assert answer["success"] == "true"
    assert client.told(answer["messageId"])["status"] == "DONE"
    assert sandbox.billed == {"a": 1, "b": 1}


def test_a_slow_answer_comes_late_and_whole(serve):
    sandbox, client = serve(faults=["slow=0.2"])
    before = time.monotonic()
    assert client.imagine().json()["success"] is True
    assert time.monotonic() - before >= 0.2
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{sandbox.url}/api/v1/nova/imagine",
            json={"prompt": "x", "ref": "too slow"},
            headers=sandbox.headers,
            timeout=0.05,
        )
    assert sandbox.billed["too slow"] == 1


def test_a_slow_answer_does_not_hold_up_the_end():
    before = time.monotonic()
    with Sandbox(faults=["slow=60"]) as sandbox:
        url = f"{sandbox.url}/api/v1/nova/imagine"
        with pytest.raises(requests.ReadTimeout):
            requests.post(url, json={"prompt": "x"}, headers=sandbox.headers, timeout=0.1)
    assert time.monotonic() - before < 10


def test_downloads_go_wrong_too(serve):
    sandbox, client = serve(faults=["not-a-picture"])
    url = client.told(sandbox.add_parent(scene()))["uri"]
    assert requests.get(url, timeout=5).text.startswith("<html>")
    sandbox.faults.clear()
    sandbox.faults.queue("download:reset", "download:500", "download:lost")
    with pytest.raises((DROPPED, requests.exceptions.ChunkedEncodingError)):
        client.picture(url)
    assert requests.get(url, timeout=5).status_code == 500
    with pytest.raises(DROPPED):
        client.picture(url)
    assert client.picture(url).shape == scene().shape


# --- the job itself -----------------------------------------------------------------------------


def job(serve, fault):
    """A region edit with a fault: the client, and what its first four fetches tell."""
    sandbox, client = serve(faults=[fault])
    name = client.edit(sandbox.add_parent(scene()), ref="r").json()["messageId"]
    assert sandbox.billed == {"r": 1}
    answers = [client.fetch(name) for _ in range(4)]
    return client, answers


def statuses(answers):
    return [answer.json().get("status", answer.status_code) for answer in answers]


def test_every_fault_of_a_job_is_tested():
    assert of("job") == {
        "404", "running", "unknown-status", "string-progress", "stuck", "fail", "fail-bare",
        "no-buttons", "no-images", "no-result",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("404", [404, 404, "DONE", "DONE"]),
        ("404=3", [404, 404, 404, "DONE"]),
        ("running=1", ["PROCESSING", "DONE", "DONE", "DONE"]),
        ("unknown-status", ["REVIEWING", "REVIEWING", "DONE", "DONE"]),
        ("unknown-status=SUBMITTED", ["SUBMITTED", "SUBMITTED", "DONE", "DONE"]),
        ("stuck", ["PROCESSING"] * 4),
        ("fail", ["FAIL"] * 4),
        ("fail-bare", ["FAIL"] * 4),
        ("no-buttons", ["DONE"] * 4),
    ],
)
def test_how_a_job_goes(serve, fault, seen):
    _, answers = job(serve, fault)
    assert statuses(answers) == seen


def test_stuck_is_for_ever(serve):
    client, answers = job(serve, "stuck")
    client.sandbox.advance(1e6)
    told = client.told(answers[0].json()["messageId"])
    assert told["status"] == "PROCESSING"
    assert client.press(told["messageId"], "Cancel Job").status_code == 200
    assert client.told(told["messageId"])["status"] == "FAIL"


def test_failures_have_all_their_fields_or_two(serve):
    _, answers = job(serve, "fail")
    told = answers[0].json()
    assert told["ref"] == "r"
    assert "moderation" in told["error"]
    assert "uri" not in told
    _, answers = job(serve, "fail-bare")
    assert set(answers[0].json()) == {"status", "error"}


def test_progress_may_be_text(serve):
    _, answers = job(serve, "string-progress")
    assert [answer.json()["progress"] for answer in answers] == ["45%", "45%", 100, 100]


def test_what_may_be_missing(serve):
    _, answers = job(serve, "no-buttons")
    assert answers[0].json()["buttons"] == []
    _, answers = job(serve, "no-images")
    assert "images" not in answers[0].json()
    assert "uri" in answers[0].json()
    _, answers = job(serve, "no-result")
    assert not {"uri", "images", "originalUrl"} & set(answers[0].json())


def test_a_parent_may_be_wrong(serve):
    sandbox, client = serve()
    parent = sandbox.add_parent(scene(), faults=["no-buttons"])
    assert client.told(parent)["buttons"] == []
    assert client.edit(parent).status_code == 400
    assert sandbox.charges == []


# --- which request gets which -------------------------------------------------------------------


def test_a_header_is_for_one_request(serve):
    sandbox, client = serve()
    parent = sandbox.add_parent(scene())
    assert client.fetch(parent, fault="500").status_code == 500
    assert client.fetch(parent, fault="404").status_code == 404
    told = client.told(parent, fault="unknown-status=NEW,string-progress,no-buttons")
    assert (told["status"], told["progress"], told["buttons"]) == ("NEW", "45%", [])
    assert client.told(parent)["status"] == "DONE"
    answer = client.fetch(parent, fault="nonsense")
    assert answer.status_code == 400
    assert "nonsense" in answer.json()["message"]


def test_a_queue_is_used_up_by_the_calls_it_fits(serve):
    sandbox, client = serve()
    parent = sandbox.add_parent(scene())
    sandbox.faults.queue("500", "ok", "fetch:502", "429=1")
    codes = [client.imagine().status_code for _ in range(4)]
    assert client.told(parent, fault="ok")["status"] == "DONE"
    # The account's call fits none of them; "ok" fits any.
    assert client.account()["creditsQuota"] == 10_000
    codes += [client.fetch(parent).status_code for _ in range(2)]
    assert codes == [500, 200, 429, 200, 502, 200]
    assert len(sandbox.charges) == 2


def test_a_switch_may_be_for_some_calls_or_some_times_only(serve):
    sandbox, client = serve()
    parent = sandbox.add_parent(scene())
    sandbox.faults.add("fetch:500", times=2)
    assert [client.fetch(parent).status_code for _ in range(3)] == [500, 500, 200]
    sandbox.faults.add("any:503")
    assert client.fetch(parent).status_code == 503
    assert client.call("GET", "/api/v1/nova/images").status_code == 503
    assert client.call("GET", "/sandbox").status_code == 200


def test_a_share_of_the_calls_is_about_that_and_repeats_with_the_seed(serve):
    def drawn():
        _, client = serve(faults=["account:500"], fault_share=0.3)
        path = "/api/v1/subscription/account-info"
        return [client.call("GET", path).status_code for _ in range(100)]

    codes = drawn()
    assert 15 <= codes.count(500) <= 45
    assert codes == drawn()


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "500=3", "slow=fast", "slow=-1", "404=nan", "fetch:stuck", "nowhere:500",
     "download:no-webhooks"],
)  # fmt: skip
def test_a_fault_that_cannot_be_is_refused(text):
    with pytest.raises(ArgumentError):
        parse(text)


def test_every_fault_has_a_sentence():
    for name, kind in FAULTS.items():
        assert len(kind.about) > 10, name


# --- many at once -------------------------------------------------------------------------------


def test_what_is_billed_is_what_was_accepted_whatever_goes_wrong(serve):
    """200 submits, 8 at a time, everything wrong at random: each accepted once, none twice."""
    mixed = ["500", "502-accepted", "dropped", "lost", "reset", "429", "success-false", "empty"]
    sandbox, client = serve(faults=mixed, fault_share=0.05)

    def submit(number):
        try:
            answer = client.imagine(ref=f"job {number}")
            return "accepted" if answer.json().get("success") is True else "refused"
        except (requests.RequestException, ValueError):
            return "in doubt"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(submit, range(200)))
    billed = sandbox.billed
    told = Counter(outcomes)
    assert min(told.values()) > 0
    assert len(told) == 3
    assert set(billed.values()) == {1}
    for number, outcome in enumerate(outcomes):
        if outcome != "in doubt":
            assert (f"job {number}" in billed) == (outcome == "accepted"), outcome
    assert sandbox.store.credits == 10_000 - 10 * len(billed)
    refs = {client.told(image["id"])["ref"] for image in client.history(size=100)}
    refs |= {client.told(image["id"])["ref"] for image in client.history(page=2, size=100)}
    assert refs == set(billed)
