"""Who answers, told soon however the network blocks it."""

import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

import automask.weights  # noqa: F401  (has the module loaded)
from tests.blocked import black_hole
from tests.loopback import free_port

REACH = sys.modules["automask.weights.reach"]


@pytest.fixture
def listener():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture(autouse=True)
def resolver(monkeypatch):
    """``resolver(*ports)``: every name has these, all on loopback; an error for none."""
    monkeypatch.setattr(REACH, "_resolve_s", 0.4)
    monkeypatch.setattr(REACH, "RESOLVE_S", 0.4)
    monkeypatch.setattr(REACH, "RESOLVE_AGAIN_S", 0.1)
    monkeypatch.setattr(REACH, "CONNECT_S", 1.0)

    def know(*ports):
        kind = socket.AF_INET, socket.SOCK_STREAM, 0, ""
        found = [(*kind, ("127.0.0.1", port)) for port in ports]
        monkeypatch.setattr(REACH, "_resolve", lambda *_: found)

    return know


def took(host="name.example", port=443):
    """The error of asking, and the seconds that it took."""
    start = time.monotonic()
    try:
        REACH.check(host, port)
    except OSError as error:
        return error, time.monotonic() - start
    return None, time.monotonic() - start


def test_who_answers_is_found(listener):
    assert took("127.0.0.1", listener)[0] is None


def test_who_refuses_is_told_at_once():
    assert isinstance(took("127.0.0.1", free_port())[0], ConnectionRefusedError)  # no time-out


def test_blocked_addresses_are_waited_for_together(resolver):
    with ExitStack() as stack:
        resolver(*(stack.enter_context(black_hole()) for _ in range(4)))
        error, seconds = took()
    assert isinstance(error, TimeoutError)
    assert 0.9 < seconds < 3.5  # one after the other they take 4


def test_one_address_of_several_is_enough(resolver, listener):
    with black_hole() as hole:
        resolver(free_port(), hole, listener)
        assert took()[0] is None  # within the second that all of them have


def test_a_network_that_this_machine_does_not_have_is_passed_over(monkeypatch, listener):
    none = (socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("2001:db8::1", 443, 0, 0))
    here = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", listener))
    monkeypatch.setattr(REACH, "_resolve", lambda *_: [none, here])
    assert took()[0] is None


def test_a_name_server_that_says_nothing_is_waited_for_once(monkeypatch):
    monkeypatch.setattr(REACH, "_resolve", lambda *_: time.sleep(1.5))
    for _ in range(2):
        assert took()[0].errno == socket.EAI_AGAIN
        assert REACH.resolve_s() == 0.1
    monkeypatch.setattr(REACH, "_resolve", lambda *_: [])
    took()
    assert REACH.resolve_s() == 0.4  # one that answers again has its time again


def test_an_unknown_name_is_an_error_as_ever(monkeypatch):
    def unknown(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(REACH, "_resolve", unknown)
    assert took()[0].errno == socket.EAI_NONAME


HELD = """
import socket, ssl, sys, time
sys.path.insert(0, {root!r})
import automask.weights
reach = sys.modules["automask.weights.reach"]
reach.HANDSHAKE_S = 0.3
reach._hold()
context = ssl.create_default_context()
for _ in range(2):
    start = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", {port}), 30) as plain:
            context.wrap_socket(plain, server_hostname="127.0.0.1")
    except TimeoutError:
        print(time.monotonic() - start)
"""


def test_a_handshake_that_is_swallowed_is_waited_for_once(listener):
    root = str(Path(__file__).parents[2])
    code = HELD.format(root=root, port=listener)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first_s, second_s = map(float, run.stdout.split())
    assert 0.2 < first_s < 3
    assert second_s < 0.25
