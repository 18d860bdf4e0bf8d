"""The sandbox's webhooks: what is posted, when, and that it stays on this machine."""

import pytest

from tests.testing.client import scene


def submitted(serve, url, **how):
    sandbox, client = serve(**how)
    parent = sandbox.add_parent(scene())
    name = client.edit(parent, ref="job-9", webhookOverride=url).json()["messageId"]
    return sandbox, client, name


def statuses(mailbox):
    return [body["status"] for body in mailbox.bodies]


def test_progress_and_end_are_posted_with_the_ref(serve, mailbox):
    sandbox, client, name = submitted(serve, mailbox.url)
    assert [delivery.status for delivery in sandbox.webhooks] == [204, 204]
    assert statuses(mailbox) == ["PROCESSING", "DONE"]
    assert all((b["messageId"], b["ref"]) == (name, "job-9") for b in mailbox.bodies)
    told = client.told(name)
    assert {k: v for k, v in mailbox.bodies[1].items() if k != "updatedAt"} == {
        k: v for k, v in told.items() if k != "updatedAt"
    }


def test_they_come_when_the_job_gets_there(serve, mailbox):
    sandbox, _, _ = submitted(serve, mailbox.url, time_scale=10)
    assert sandbox.webhooks == []
    sandbox.advance(60)
    assert len(sandbox.webhooks) == 1
    sandbox.advance(1000)
    assert len(sandbox.webhooks) == 2
    assert statuses(mailbox) == ["PROCESSING", "DONE"]


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("duplicate-webhooks", ["PROCESSING", "PROCESSING", "DONE", "DONE"]),
        ("disordered-webhooks", ["DONE", "PROCESSING"]),
        ("no-webhooks", []),
        ("stuck", ["PROCESSING"]),
        ("fail", ["PROCESSING", "FAIL"]),
    ],
)
def test_faults(serve, mailbox, fault, seen):
    sandbox, _, _ = submitted(serve, mailbox.url, faults=[fault])
    assert len(sandbox.webhooks) == len(seen)
    assert statuses(mailbox) == seen


def test_a_bare_failure_does_not_even_name_its_message(serve, mailbox):
    sandbox, _, _ = submitted(serve, mailbox.url, faults=["fail-bare"])
    assert len(sandbox.webhooks) == 2
    assert set(mailbox.bodies[-1]) == {"status", "error"}


def test_a_submit_whose_answer_is_dropped_is_told_by_webhook(serve, mailbox):
    sandbox, client = serve(faults=["dropped"])
    parent = sandbox.add_parent(scene())
    with pytest.raises(OSError):
        client.edit(parent, ref="lost?", webhookOverride=mailbox.url)
    assert sandbox.webhooks[-1].body["ref"] == "lost?"
    assert mailbox.bodies[-1]["status"] == "DONE"


@pytest.mark.parametrize("faults", [[], ["stuck"]])
def test_a_cancelled_job_is_told_once(serve, mailbox, faults):
    sandbox, client, name = submitted(serve, mailbox.url, time_scale=10, faults=faults)
    client.press(name, "Cancel Job")
    sandbox.advance(1000)
    assert len(sandbox.webhooks) == 1
    assert statuses(mailbox) == ["FAIL"]


@pytest.mark.parametrize(
    "url",
    ["http://example.com/hook", "http://10.0.0.1/", "https://127.0.0.1/", "file:///etc/passwd",
     "http://[::ffff", "nonsense", "http://127.0.0.1.example.com/"],
)  # fmt: skip
def test_nothing_is_posted_to_other_machines(serve, url):
    sandbox, _, _ = submitted(serve, url)
    assert len(sandbox.webhooks) == 2
    for delivery in sandbox.webhooks:
        assert delivery.status is None
        assert delivery.error


def test_no_redirect_is_followed_and_a_deaf_receiver_does_no_harm(serve, mailbox):
    sandbox, _, _ = submitted(serve, mailbox.url.replace("hook", "moved"))
    assert [delivery.status for delivery in sandbox.webhooks] == [302, 302]
    assert len(mailbox.bodies) == 2
    sandbox, client, name = submitted(serve, "http://127.0.0.1:1/")
    assert "ConnectionRefused" in sandbox.webhooks[0].error
    assert client.told(name)["status"] == "DONE"
