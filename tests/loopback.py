"""A server on loopback that does what it is told, once a request, and keeps what it was sent.

`Loopback.plan` holds one step a request; the last one stays. A step is (status, body) or
(status, body, headers), with a dict as body for JSON, or one of the faults below. `Slow(body)` is
200, with a tenth of the body at a time.
"""

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DROP = "read the request, then close without an answer"
RESET = "break off in the middle of the body"
DRIP = "send a byte of the body now and then, too few for ever"
SILENT = "read the request and say nothing"

PAUSE_S = 0.15


class Slow(bytes):
    """A body that takes its time."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        loopback = self.server.loopback
        loopback.heard(self.command, self.path, dict(self.headers), self.rfile.read(length))
        step = loopback.next_step(self.path)
        if step == DROP:
            self.close_connection = True
        elif step == SILENT:
            loopback.release.wait(10)
            self.close_connection = True
        elif step == RESET:
            self.reset()
        elif step == DRIP:
            self.drip(loopback.release)
        elif isinstance(step, Slow):
            self.go_slowly(step, loopback.release)
        else:
            self.answer(*step)

    do_POST = do_GET  # noqa: N815  (http.server looks for it)

    def answer(self, status, body, headers=None):
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def reset(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"success": true, "mess')
        self.wfile.flush()
        linger = struct.pack("ii", 1, 0)  # close with a reset instead of an orderly end
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def drip(self, release):
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.close_connection = True
        for _ in range(200):
            self.wfile.write(b"x")
            if release.wait(0.05):
                break

    def go_slowly(self, body, release):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        piece = len(body) // 10 + 1
        for start in range(0, len(body), piece):
            self.wfile.write(body[start : start + piece])
            if release.wait(PAUSE_S):
                break

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        pass  # a client that has gone


class Loopback:
    def __init__(self, *plan, port=0):
        self.plan = list(plan)
        self.by_path = {}
        self.requests = []
        self.release = threading.Event()
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", port), Handler)
        self._server.loopback = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def heard(self, method, path, headers, body):
        with self._lock:
            self.requests.append((method, path, headers, body))

    def next_step(self, path):
        with self._lock:
            for start, steps in self.by_path.items():
                if path.startswith(start):
                    return steps.pop(0) if len(steps) > 1 else steps[0]
            return self.plan.pop(0) if len(self.plan) > 1 else self.plan[0]

    def count(self, method):
        return sum(1 for heard in self.requests if heard[0] == method)

    def close(self):
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
