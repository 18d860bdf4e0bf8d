import pytest

from automask.imaginepro.client import Client
from automask.imaginepro.key import Key
from automask.imaginepro.wire import Timeouts, Wire
from tests.loopback import Loopback

KEY = "sk-never-to-be-seen-5f3a"


@pytest.fixture
def serve():
    """Starts a server that follows a plan."""
    servers = []

    def start(*plan, port=0):
        servers.append(Loopback(*plan, port=port))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def pauses():
    """The seconds that the client of the test wanted to sleep."""
    return []


@pytest.fixture
def connect(pauses):
    """A client of an address: short timeouts, no limits, no time for sleep."""
    clients = []

    def make(url, sleep=pauses.append, **more):
        wire = Wire(Timeouts(0.5, 0.3, 2.0))
        clients.append(Client(url, Key(KEY, "the test"), wire, sleep=sleep, **more))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
