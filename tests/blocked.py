"""Addresses on loopback that are blocked as firewalls do it."""

import socket
import time
from contextlib import ExitStack, contextmanager


@contextmanager
def black_hole(host="127.0.0.1"):
    """The port of an address that answers no attempt to connect: its queue is full."""
    with ExitStack() as stack:
        hole = stack.enter_context(socket.socket())
        hole.bind((host, 0))
        hole.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(hole.getsockname())
        time.sleep(0.1)
        yield hole.getsockname()[1]
