"""What is sent once and what again: a wrong answer here costs somebody money."""

import threading
import time

import pytest

from automask.errors import BusyError, InDoubtError, SettingsError, UnreachableError
from automask.imaginepro.client import ATTEMPTS, MOST_PATIENCE_S, RefusedError
from automask.imaginepro.pace import Pace
from tests.loopback import DRIP, DROP, RESET, SILENT, free_port

GOOD = {"success": True, "messageId": "m-1"}
LOST = {
    "dropped after accept": DROP,
    "reset in the body": RESET,
    "read timeout": SILENT,
    "a byte now and then": DRIP,
    "500": (500, {"message": "oops"}),
    "502 as a page": (502, b"<html>Bad Gateway</html>"),
    "503 that asks to come back": (503, b"", {"Retry-After": "1"}),
    "504": (504, b""),
    "408": (408, b""),
    "200 with a page": (200, b"<!doctype html><title>x</title>"),
    "200 with nothing": (200, b""),
    "200 with half a body": (200, b'{"success": tru'),
    "200 that says 500 inside": (200, {"statusCode": 500, "message": "oops"}),
}


@pytest.mark.parametrize("step", LOST.values(), ids=LOST)
def test_a_paid_post_is_never_sent_again_once_it_may_have_arrived(serve, connect, pauses, step):
    server = serve(step)
    with pytest.raises(InDoubtError, match="may have been taken") as caught:
        connect(server.url).post("/button", {"a": 1}, ref="our-ref")
    time.sleep(0.02)
    assert server.count("POST") == 1
    assert caught.value.ref == "our-ref"
    assert caught.value.exit_code == 4
    assert pauses == []


@pytest.mark.parametrize("step", LOST.values(), ids=LOST)
def test_a_free_post_is_sent_once_as_well_but_leaves_no_doubt(serve, connect, step):
    server = serve(step)
    with pytest.raises(UnreachableError, match="no usable answer"):
        connect(server.url).post("/check", {"a": 1}, paid=False)
    assert server.count("POST") == 1


def test_a_post_is_sent_again_after_a_refused_connection(serve, connect):
    port, waits = free_port(), []

    def start_late(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            serve.server = serve((200, GOOD), port=port)

    client = connect(f"http://127.0.0.1:{port}", sleep=start_late)
    assert client.post("/button", {}) == GOOD
    assert serve.server.count("POST") == 1
    assert 0.5 <= waits[0] < waits[1] <= 1.25


def test_what_never_connects_is_unreachable_and_not_in_doubt(connect, pauses):
    with pytest.raises(UnreachableError, match=r"refused.*nothing was submitted"):
        connect(f"http://127.0.0.1:{free_port()}").post("/button", {})
    assert len(pauses) == ATTEMPTS - 1


def test_an_unknown_host_is_unreachable_and_not_in_doubt(connect, monkeypatch):
    import socket

    def unknown(*_args, **_kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnreachableError, match="host is unknown"):
        connect("https://automask.invalid").post("/button", {})


def test_a_proxy_is_used_and_its_failure_leaves_no_doubt(serve, connect, monkeypatch):
    proxy = serve((200, GOOD))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    with pytest.raises(UnreachableError, match=r"proxy did not connect.*nothing was submitted"):
        connect("https://automask.invalid").post("/button", {})
    assert proxy.requests == []  # it was asked to CONNECT, which it cannot
    server = serve((200, GOOD))
    assert connect(server.url).post("/button", {}) == GOOD  # no proxy leads to this machine
    assert server.count("POST") == 1


def test_after_a_429_what_is_paid_is_not_sent_again_and_the_next_waits(serve, connect, pauses):
    server = serve((429, b"", {"Retry-After": "7"}), (429, b"slow down"), (200, GOOD))
    client = connect(server.url)
    for _ in range(2):
        with pytest.raises(BusyError, match="may have taken the job all the same") as told:
            client.post("/button", {}, ref="r")
        assert told.value.ref == "r"
    assert client.post("/button", {}) == GOOD
    assert server.count("POST") == 3
    assert 6 < pauses[0] <= 7
    assert 6 < pauses[1] <= 7.5  # the second in a row, without a word of the service


def test_after_a_429_what_is_free_is_sent_again_when_the_service_says(serve, connect, pauses):
    server = serve((429, b"", {"Retry-After": "7"}), (429, b"slow down"), (200, GOOD))
    assert connect(server.url).post("/button", {}, paid=False) == GOOD
    assert server.count("POST") == 3
    assert pauses[0] == 7
    assert 6 <= pauses[1] <= 7.5  # its second attempt, without a word of the service


def test_an_endless_429_ends(serve, connect, pauses):
    server = serve((429, b"", {"Retry-After": "2"}))
    with pytest.raises(UnreachableError, match=r"wait for 2 s.*nothing was submitted"):
        connect(server.url).post("/button", {}, paid=False)
    assert server.count("POST") == ATTEMPTS
    assert pauses == [2.0] * (ATTEMPTS - 1)


def test_nobody_is_made_to_wait_for_an_hour(serve, connect, pauses):
    server = serve((429, b"", {"Retry-After": "3600"}))
    client = connect(server.url)
    with pytest.raises(BusyError):
        client.post("/button", {})
    with pytest.raises(UnreachableError, match=r"wait for 3600 s .429.: nothing was submitted"):
        client.post("/button", {})
    assert server.count("POST") == 1
    assert pauses == []
    assert MOST_PATIENCE_S < 3600


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {"message": "mask is no base64", "error": "Bad Request"}, "mask is no base64"),
        (400, {"message": ["a is short", "b is long"], "error": "x"}, "a is short; b is long"),
        (400, {"error": "Bad Request"}, "Bad Request"),
        (402, b"", "credits are used up"),
        (403, b"<html>no</html>", "does not allow"),
        (404, {"message": "not found"}, "not found"),
        (413, b"", "too large"),
        (418, b"teapot", "418"),
        (302, b"", "redirects elsewhere"),
        (200, {"success": False, "message": "queue full", "messageId": ""}, "queue full"),
        (200, {"success": "false", "error": "banned prompt"}, "banned prompt"),
        (200, {"statusCode": 404, "message": "no such message"}, "no such message"),
    ],
)
def test_a_no_is_a_no(serve, connect, pauses, status, body, said):
    server = serve((status, body, {"Location": "http://127.0.0.1:9/"} if status == 302 else {}))
    with pytest.raises(RefusedError, match=said):
        connect(server.url).post("/button", {})
    assert server.count("POST") == 1
    assert pauses == []


@pytest.mark.parametrize("fault", [DROP, RESET, SILENT, (500, b""), (503, b""), (429, b"")])
def test_a_question_is_asked_again(serve, connect, fault):
    server = serve(fault, fault, (200, {"ok": 1}))
    assert connect(server.url).get("/x") == {"ok": 1}
    assert server.count("GET") == 3


def test_a_question_without_an_answer_ends(serve, connect, pauses):
    server = serve((500, b""))
    with pytest.raises(UnreachableError, match="answered 500"):
        connect(server.url).get("/x")
    assert server.count("GET") == ATTEMPTS
    assert pauses == sorted(pauses)


def test_an_answer_without_end_is_broken_off(serve, connect, monkeypatch):
    from automask.imaginepro import client

    monkeypatch.setattr(client, "MAX_ANSWER_BYTES", 1000)
    server = serve((200, b" " * 300_000))
    with pytest.raises(UnreachableError, match="larger than 1000 bytes"):
        connect(server.url).get("/x")


def test_the_key_goes_to_the_service_and_no_cookie_comes_back(serve, connect):
    server = serve((200, {}, {"Set-Cookie": "a=b"}))
    client = connect(server.url)
    client.get("/x", {"page": 2})
    client.get("/x")
    (_, path, first, _), (_, _, second, _) = server.requests
    assert path == "/x?page=2"
    assert first["Authorization"].startswith("Bearer sk-")
    assert "Cookie" not in second
    assert first["User-Agent"].startswith("automask/")


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "ftp://127.0.0.1", "https://me:pw@example.org", "https://", "example",
     "https://example.org/?a=1", "http://127.0.0.1.example.org", "http://localhost.example.org"],
)  # fmt: skip
def test_the_key_is_not_sent_just_anywhere(connect, url):
    with pytest.raises(SettingsError, match="IMAGINEPRO_BASE_URL") as caught:
        connect(url)
    assert "pw" not in str(caught.value)


def test_every_attempt_waits_for_its_turn(serve, connect):
    turns = []

    class Counted(Pace):
        def take(self, *_):
            turns.append(self.name)

    paces = {kind: Counted(kind, 0) for kind in ("general", "message")}
    server = serve((500, b""), (200, {}))
    client = connect(server.url, paces=paces)
    client.get("/x", pace="message")
    client.post("/y", {})
    client.download(server.url + "/z", 10)
    assert turns == ["message", "message", "general"]


def test_threads_share_one_client(serve, connect):
    server = serve((200, GOOD))
    client = connect(server.url)
    threads = [threading.Thread(target=client.post, args=("/b", {"n": n})) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.count("POST") == 12
    assert len({body for *_, body in server.requests}) == 12
