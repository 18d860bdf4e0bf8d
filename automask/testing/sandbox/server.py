"""HTTP on loopback: requests in, answers out, also those that never arrive whole."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from automask.testing.sandbox.checks import Refused
from automask.testing.sandbox.wire import Answer, Asked, refusal

LOOPBACK = "127.0.0.1"
IDLE_S = 60.0  # a connection that says nothing is closed
MOST_BYTES = 64_000_000
POLL_S = 0.02  # how soon a stop is noticed


class Server(ThreadingHTTPServer):
    """Answers at an address of this machine, one thread a connection, which is kept alive.

    Parameters
    ----------
    host : str
        What the answers are told they came to: "api" or "results".
    port : int
        0 for any that is free.
    answer : callable
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, answer: Callable[[Asked], Answer]) -> None:
        super().__init__((LOOPBACK, port), Handler)
        self.host, self.answer = host, answer
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self.serve_forever, args=(POLL_S,), daemon=True)

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and give the port back."""
        self.stopping.set()
        if self._thread.is_alive():
            self.shutdown()
        with self._changed:
            for connection in self._open:
                _hang_up(connection)
            self._changed.wait_for(lambda: not self._open, timeout=5)
        self.server_close()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection, and know that it is open."""
        with self._changed:
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._open.discard(request)
                self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that has left is no news."""


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client was first
        connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, hands it over, and sends the answer in its manner."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "automask-sandbox", ""
    disable_nagle_algorithm = True
    wbufsize = -1  # the head and the body in one packet
    timeout = IDLE_S
    server: Server

    def do_GET(self) -> None:
        """Answer any request."""
        body = self._body()
        if body is None:
            return
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        headers = {name.title(): value for name, value in self.headers.items()}
        asked = Asked(self.server.host, self.command, parts.path, query, headers, body)
        self._send(self.server.answer(asked))

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET  # noqa: N815

    def _body(self) -> bytes | None:
        """The body; None where it cannot be read, which is then answered."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            self._refuse(411, "Send the body with a Content-Length")
        elif int(length) > MOST_BYTES:
            self._refuse(413, "request entity too large")
        else:
            return self.rfile.read(int(length))
        return None

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True  # what follows is a body that nobody reads
        self._send(refusal(Refused(status, message)))

    def _send(self, answer: Answer) -> None:
        stopped = answer.delay_s > 0 and self.server.stopping.wait(answer.delay_s)
        if stopped or answer.manner == "drop":
            self.close_connection = True
        else:
            self._write(answer)

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if answer.manner == "cut":
            self._cut(answer.body)
        elif self.command != "HEAD":
            self.wfile.write(answer.body)

    def _cut(self, body: bytes) -> None:
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        time.sleep(0.01)  # let the half arrive before the reset discards it
        self.close_connection = True
        # With no time to linger, closing sends RST in place of the rest.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        os.close(self.connection.detach())

    def log_message(self, *_: Any) -> None:
        """Nothing: the sandbox keeps its own list of requests."""
