"""Whether a host can be reached, told within seconds however a network keeps it out of reach.

Blocked packets, a name server that says nothing and a TLS handshake that is swallowed all look like
a host that is slow. A name may have eight addresses, of which each is waited for in turn, and the
whole of it is tried again. So an address is first asked whether it accepts a connection.

Run as a script it is pip, held to that: pip has a single time-out, with which either a blocked
index takes a minute or a slow one is cut off. It imports nothing of this package.
"""

from __future__ import annotations

import errno
import os
import queue
import selectors
import shutil
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Any

CONNECT_S = 3.0  # a lost packet is sent again after one
HANDSHAKE_S = 5.0
RESOLVE_S = 6.0  # the second name server is asked after five
RESOLVE_AGAIN_S = 1.5  # once none has answered
_NEXT_S = 0.3  # until the next address of a name is tried as well

_resolve = socket.getaddrinfo
_resolve_s = RESOLVE_S


def resolve_s() -> float:
    """How long a name server is waited for: not for long where none has answered before."""
    return _resolve_s


def check(host: str, port: int) -> None:
    """Raise `OSError` if nothing accepts a connection at `host` and `port`."""
    _accepting(resolved(host, port, 0, socket.SOCK_STREAM))


def resolved(*asked: Any) -> list[Any]:
    """What `socket.getaddrinfo` gives for `asked`, or its error; soon."""
    global _resolve_s  # noqa: PLW0603  (there is one resolver)
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_answer(*asked)), daemon=True).start()
    try:
        found = answers.get(timeout=_resolve_s)
    except queue.Empty:
        _resolve_s = RESOLVE_AGAIN_S
        raise socket.gaierror(socket.EAI_AGAIN, "No name server answers") from None
    _resolve_s = RESOLVE_S
    if isinstance(found, Exception):
        raise found
    return list(found)


def _answer(*asked: Any) -> Any:
    try:
        return _resolve(*asked)
    except Exception as error:  # noqa: BLE001  (it is raised again, in the thread that asked)
        return error


def _accepting(found: Sequence[Any]) -> Any:
    """The first address of `found` to accept a connection; each has a start over the next."""
    waiting = list(found)
    deadline = time.monotonic() + CONNECT_S
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        while waiting or selector.get_map():
            if waiting and (connection := _begun(waiting[0], stack)):
                selector.register(connection, selectors.EVENT_WRITE, waiting[0])
            del waiting[:1]
            if not selector.get_map():
                continue
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("timed out")
            for key, _ in selector.select(min(_NEXT_S, left_s) if waiting else left_s):
                if not _error_of(key.fileobj):
                    return key.data
                selector.unregister(key.fileobj)
    raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")


def _begun(info: Any, stack: ExitStack) -> socket.socket | None:
    """A connection that is being made; None where this machine has no such network."""
    with suppress(OSError):
        connection = stack.enter_context(socket.socket(*info[:3]))
        connection.setblocking(False)
        if connection.connect_ex(info[4]) in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            return connection
    return None


def _error_of(connection: Any) -> int:
    return int(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


# --- pip, held to it ------------------------------------------------------------------------------


def _hold() -> None:
    """Have whatever this process asks for a connection be asked as above, and once only."""
    import ssl

    failed: dict[Any, OSError] = {}
    handshake = ssl.SSLSocket.do_handshake

    def resolve(
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002  (as its name is there)
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        if type != socket.SOCK_STREAM or not port:
            return list(_resolve(host, port, family, type, proto, flags))
        if (host, port) not in failed:
            try:
                found = resolved(host, port, family, type, proto, flags)
                first = _accepting(found)
                return [first, *(info for info in found if info != first)]
            except OSError as error:
                failed[host, port] = error
        raise failed[host, port]

    def shake_hands(connection: ssl.SSLSocket, block: bool = False) -> None:
        before = connection.gettimeout()
        connection.settimeout(HANDSHAKE_S)
        try:
            handshake(connection, block)
        except TimeoutError as error:
            failed[connection.server_hostname, connection.getpeername()[1]] = error
            raise
        finally:
            connection.settimeout(before)

    socket.getaddrinfo = resolve
    ssl.SSLSocket.do_handshake = shake_hands  # type: ignore[method-assign, assignment]


def _end_with_owner(folder: str) -> None:
    """End, and leave nothing in `folder`, as soon as nobody holds the other end of stdin."""

    def wait() -> None:
        os.read(0, 1)  # not through sys.stdin, which would be in use when Python shuts down
        for _ in range(3):  # the other thread may be writing there
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Be pip: ``reach.py SECONDS FOLDER WHEEL ARGUMENT...``.

    SECONDS are those that a name server has, FOLDER is the one to be cleared where the owner ends,
    WHEEL the file with a pip to use, "" for the installed one.
    """
    import runpy

    global _resolve_s  # noqa: PLW0603
    _, seconds, folder, wheel, *arguments = sys.argv
    _resolve_s = float(seconds)
    _end_with_owner(folder)
    _hold()
    if wheel:
        sys.path.insert(0, wheel)
    sys.argv = ["pip", *arguments]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
