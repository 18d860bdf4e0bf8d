"""An empty cache, no network, and nothing remembered between tests."""

import os
import sys

import pytest

import automask.weights
from tests.loopback import Loopback


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The folder of the user's cache, which is not made yet."""
    sys.modules["automask.weights.fetch"]._failed.clear()
    sys.modules["automask.weights.find"]._complain.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("AUTOMASK_OFFLINE")
    return automask.weights.folders()[-1]


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that is all that pip knows of packages."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name, value in (("CONFIG_FILE", os.devnull), ("NO_INDEX", "1")):
        monkeypatch.setenv(f"PIP_{name}", value)
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def server():
    """``server(*steps)``: a server on loopback with that plan."""
    running = []

    def start(*plan):
        running.append(Loopback(*plan))
        return running[-1]

    yield start
    for loopback in running:
        loopback.close()


@pytest.fixture
def known(monkeypatch):
    """``known(*models)``: these, and no others, are all that there are."""

    def only(*models):
        rows = {model.name: model for model in models}
        monkeypatch.setattr(sys.modules["automask.weights.facts"], "facts", lambda: rows)
        monkeypatch.setattr(automask.weights, "facts", lambda: rows)

    return only


@pytest.fixture
def left(cache):
    """``left()``: the names of all files and folders in the cache, some of which may be going."""
    return lambda: sorted(name for _, *names in os.walk(cache) for name in (*names[0], *names[1]))
