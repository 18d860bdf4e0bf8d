"""A running sandbox with its client, and a receiver of webhooks."""

import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads

import pytest

from automask.testing import Sandbox
from tests.testing.client import Client


@pytest.fixture
def serve():
    """``serve(faults=[...], ...)``: a sandbox that runs until the test ends, and its client."""
    with ExitStack() as stack:

        def started(**how):
            sandbox = stack.enter_context(Sandbox(seed=7, size=(48, 32), **how))
            client = Client(sandbox)
            stack.callback(client.session.close)
            return sandbox, client

        yield started


@pytest.fixture
def mailbox():
    """A receiver of webhooks on loopback: its `url`, and the `bodies` that came, in order."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            self.server.bodies.append(loads(self.rfile.read(length)))
            self.send_response(302 if "moved" in self.path else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.bodies, server.url = [], f"http://127.0.0.1:{server.server_address[1]}/hook?t=1"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
