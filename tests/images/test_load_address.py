"""Images behind an address: a real server on loopback that does everything wrong in turn."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from automask.errors import ImageError
from automask.images import fetch, load


class Handler(BaseHTTPRequestHandler):
    """/STATUS answers with it; the other paths are named after what they do."""

    picture = b""
    release = threading.Event()

    def do_GET(self):
        name = self.path.partition("?")[0].strip("/")
        if name.isdigit():
            self.answer(int(name), b"<html>error</html>")
        else:
            getattr(self, name)()

    def answer(self, status, content, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)

    def good(self):
        self.answer(200, self.picture)

    def agent(self):
        assert self.headers["User-Agent"].startswith("automask/")
        self.good()

    def packed(self):
        self.answer(200, self.picture, **{"Content-Encoding": "gzip"})

    def page(self):
        self.answer(200, b"<!doctype html><title>Log in</title>")

    def nothing(self):
        self.answer(200, b"")

    def once(self):
        self.answer(302, b"", Location="/good")

    def round(self):
        self.answer(302, b"", Location="/round")

    def elsewhere(self):
        self.answer(302, b"", Location="file:///etc/passwd")

    def broken(self):
        self.answer(200, self.picture[:50], len(self.picture))
        self.close_connection = True

    def announced(self):
        self.answer(200, b"", 10**12)
        self.close_connection = True

    def endless(self):
        self.send_response(200)
        self.end_headers()
        try:
            while not self.release.is_set():
                self.wfile.write(b"x")
        except OSError:
            pass

    def silent(self):
        self.release.wait(20)

    def stalled(self):
        self.answer(200, self.picture[:50], len(self.picture))
        self.wfile.flush()
        self.release.wait(20)

    def dripping(self):
        self.send_response(200)
        self.end_headers()
        try:
            while not self.release.wait(0.05):
                self.wfile.write(bytes(1 << 16))
                self.wfile.flush()
        except OSError:
            pass

    def log_message(self, *args):
        pass


@pytest.fixture
def server(picture, save, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    Handler.picture = save(picture, "PNG")
    Handler.release.clear()
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    Handler.release.set()
    running.shutdown()
    thread.join()
    running.server_close()


def message_of(address):
    with pytest.raises(ImageError) as caught:
        load(address)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(fetch.public(address))
    return str(caught.value)


@pytest.mark.parametrize("path", ["good", "once", "agent", "good?size=2"])
def test_an_image_behind_an_address(server, rgb, path):
    image = load(f"{server}/{path}")
    assert np.array_equal(image.rgb, rgb)
    assert image.source == f"{server}/{path}"


def test_the_scheme_may_be_in_capitals(server, rgb):
    assert np.array_equal(load(server.replace("http", "HTTP") + "/good").rgb, rgb)


def test_a_password_stays_out_of_the_source_and_of_messages(server):
    with_password = server.replace("//", "//me:secret@")
    assert load(f"{with_password}/good").source == f"{server}/good"
    assert "secret" not in message_of(f"{with_password}/404")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("404", "answers 404 (Not Found); check the address."),
        ("403", "answers 403 (Forbidden)"),
        ("500", "answers 500 (Internal Server Error); try again later."),
        ("packed", "sent data that cannot be unpacked"),
        ("799", "answers 799;"),
        ("page", "it is a web page; give a JPEG"),
        ("nothing", "is empty (0 bytes)"),
        ("round", "redirects more than 5 times"),
        ("elsewhere", "not http or https"),
        ("broken", "broke off in the middle; try again."),
        ("announced", "is larger than 256 MB"),
    ],
)
def test_what_a_server_may_do_wrong(server, path, told):
    assert told in message_of(f"{server}/{path}")


def test_an_endless_answer_is_cut(server, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_BYTES", 1 << 21)
    assert "is larger than 2 MB" in message_of(f"{server}/endless")


@pytest.mark.parametrize("path", ["silent", "stalled"])
def test_a_server_that_falls_silent(server, monkeypatch, path):
    monkeypatch.setattr(fetch, "READ_TIMEOUT_S", 0.2)
    start = time.monotonic()
    assert "sent nothing for 0.2 seconds" in message_of(f"{server}/{path}")
    assert time.monotonic() - start < 10


def test_a_server_that_drips_for_ever(server, monkeypatch):
    monkeypatch.setattr(fetch, "TOTAL_TIMEOUT_S", 0.3)
    assert "is not here after 0.3 seconds" in message_of(f"{server}/dripping")


def test_nobody_listens():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        assert "cannot be reached" in message_of(f"http://127.0.0.1:{port}/a.png")


@pytest.mark.parametrize("address", ["http://", "https:///a.png", "http://[::1", "http://a b/"])
def test_what_is_no_address(address):
    with pytest.raises(ImageError) as caught:
        load(address)
    assert "address" in str(caught.value)
    assert "\n" not in str(caught.value)
