"""Set-up for every test: no settings of the machine's user, quick and repeatable hypothesis."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

from tests.disks import mounted

pytest.register_assert_rewrite("automask.testing")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's background job has it, and
    signal.signal(signal.SIGINT, signal.default_int_handler)  # programs begun here would inherit it

settings.register_profile(
    "automask",
    deadline=None,  # a slow machine is not a bug
    derandomize=True,  # the same examples on every run: a red build is red again
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "thorough", parent=settings.get_profile("automask"), derandomize=False, max_examples=1500
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "automask"))


MODELS = os.environ.get("AUTOMASK_MODELS", "")
REQUIRED = os.environ.get("AUTOMASK_TEST_WEIGHTS") == "required"


@pytest.fixture
def weights_of(monkeypatch):
    """Gives the weights of the first of some models that is on this machine; else skips.

    `AUTOMASK_MODELS` says where they are; with AUTOMASK_TEST_WEIGHTS=required, as in CI, it is a
    failure that none is there, unless the package index has none of them.
    """
    from automask import weights

    def found(*names):
        monkeypatch.setenv("AUTOMASK_MODELS", MODELS)
        here = [held for name in names if (held := weights.find(weights.model(name)))]
        if not here:
            due = REQUIRED and any(weights.model(name).wheel for name in names)
            (pytest.fail if due else pytest.skip)(f"none of {', '.join(names)} is here")
        return here[0]

    return found


@pytest.fixture(autouse=True)
def _own_settings(tmp_path_factory, monkeypatch):
    """Keep the settings and folders of the person who runs the tests out of them; fetch nothing."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home))
    for name in [n for n in os.environ if n.startswith(("AUTOMASK_", "IMAGINEPRO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AUTOMASK_OFFLINE", "1")


@pytest.fixture
def disk(tmp_path):
    """The folder of a small disk in memory, which `tests.disks.fill` fills."""
    with mounted(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    """A stand-in of the service, and a ledger of jobs of the test's own."""
    from automask.testing import Sandbox

    monkeypatch.setenv("AUTOMASK_LEDGER", str(tmp_path / "ledger.sqlite3"))
    monkeypatch.setenv("IMAGINEPRO_LIMITS", "off")
    with Sandbox(seed=3, size=(60, 90)) as served:
        for name, value in served.environment.items():
            monkeypatch.setenv(name, value)
        yield served
