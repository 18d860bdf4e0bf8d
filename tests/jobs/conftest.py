"""A desk: the sandbox as the service, a ledger of the test's own, jobs that are placed on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from automask.images import encode
from automask.imaginepro import client as client_module
from automask.imaginepro.wire import Timeouts
from automask.jobs import Desk, Wishes, finish
from automask.ledger import Ledger
from automask.providers.base import Job
from automask.providers.imaginepro import ImaginePro
from automask.testing import Sandbox
from automask.types import Mask

SHAPE = (24, 36)


@dataclass
class Shop:
    """All that a test needs at once."""

    sandbox: Sandbox
    desk: Desk
    parent: str
    picture: bytes
    out: Path

    @property
    def ledger(self):
        return self.desk.ledger

    def job(self, prompt="a pond", **more):
        bits = np.zeros(SHAPE, bool)
        bits[4:20, 6:30] = True
        mask = encode.encode(Mask(bits), "png")
        return Job("imaginepro", mask, prompt, self.picture, self.parent, **more)

    def place(self, prompt="a pond", *, again=False, **wishes):
        wishes = {"folder": str(self.out)} | wishes
        return self.desk.place(self.job(prompt), Wishes(**wishes), again=again)

    def finish(self, *entries, **how):
        return finish(self.desk, entries, looks_per_s=1e6, **how)

    def one(self, entry, **how):
        """The row and the error of one job after `finish`."""
        done = self.finish(entry, **how)
        return done.entries[entry.ref], done.errors.get(entry.ref)


def opened(sandbox, ledger, rgb, out):
    """A shop whose sandbox the environment leads to."""
    parent, engine = sandbox.add_parent(rgb), ImaginePro(limits=False)
    return Shop(sandbox, Desk(ledger, engine), parent, engine.parent(parent), out)


@pytest.fixture
def rgb():
    return np.random.default_rng(8).integers(0, 256, (*SHAPE, 3), np.uint8)


@pytest.fixture
def shop(tmp_path, monkeypatch, rgb):
    monkeypatch.setattr(client_module, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(client_module, "FIRST_BUSY_PAUSE_S", 0.001)
    monkeypatch.setattr("automask.imaginepro.wire.Timeouts", lambda: Timeouts(2.0, 2.0, 10.0))
    monkeypatch.setattr(ImaginePro, "last_poll_s", 0.05)
    with Sandbox(seed=11) as sandbox, Ledger(tmp_path / "ledger.sqlite3") as ledger:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        made = opened(sandbox, ledger, rgb, tmp_path / "out")
        yield made
        made.desk.provider.close()
