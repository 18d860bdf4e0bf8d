"""Pictures made on the spot, and ways to run the command line in and out of this process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Picture

import automask
from automask.cli.app import app
from automask.ledger import Ledger
from automask.testing import Sandbox

RED, WHITE = (200, 30, 40), (255, 255, 255)


def painted(path, size=(60, 40), square=(20, 10, 40, 30)):
    """A white picture with a red rectangle, of a size that tells rows from columns."""
    pixels = np.full((size[1], size[0], 3), WHITE, np.uint8)
    x0, y0, x1, y1 = square
    pixels[y0:y1, x0:x1] = RED
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(pixels).save(path)
    return path


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Each test in an empty folder; processes that it starts have the automask of this one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(automask.__file__).parents[1]))


@pytest.fixture
def paint():
    """``paint(path, size, square)``: see `painted`."""
    return painted


@pytest.fixture
def photo():
    return painted(Path("photo.png"))


@pytest.fixture
def cli():
    """``cli("mask", RULE, ...)`` in this process; every answer is checked for tracebacks.

    With ``code=None`` any exit code will do.
    """

    def run(*arguments, stdin=None, code=0) -> Result:
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
        assert "Traceback" not in result.output
        assert code in (None, result.exit_code), result.output
        return result

    return run


@pytest.fixture
def shell():
    """The same in a process of its own; gives the finished process, with bytes."""

    def run(*arguments, stdin=b"", code=0, **environment):
        done = subprocess.run(
            [sys.executable, "-m", "automask", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            env=os.environ | environment,
            timeout=120,
            check=False,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        assert code in (None, done.returncode), done.stderr.decode()
        return done

    return run


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    """A stand-in of the paid service, and a record of jobs of the test's own."""
    with Sandbox(seed=7) as served:
        for name, value in served.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("IMAGINEPRO_LIMITS", "off")
        monkeypatch.setenv("AUTOMASK_LEDGER", str(tmp_path / "record" / "ledger.sqlite3"))
        yield served


@pytest.fixture
def parent(sandbox):
    """The message id of an upscaled picture of 60 x 40 pixels, a red rectangle on white."""
    return sandbox.add_parent(painted(Path("parent.png")))


@pytest.fixture
def grid(sandbox):
    """The message id of a grid of four of that picture."""
    return sandbox.add_parent(painted(Path("parent.png")), upscaled=False)


@pytest.fixture
def mask():
    """The file of a mask of the parent's size: an eighth of it is white."""
    pixels = np.zeros((40, 60), np.uint8)
    pixels[10:25, 20:40] = 255
    Picture.fromarray(pixels).save("mask.png")
    return Path("mask.png")


@pytest.fixture
def record(sandbox):
    """``record()``: the rows of the record of jobs, the oldest first."""

    def read():
        with Ledger() as ledger:
            return ledger.jobs()

    return read


@pytest.fixture
def mask_of():
    """``mask_of(path_or_file)``: the mask in a picture file, as bool of shape (H, W)."""

    def read(source):
        with Picture.open(source) as picture:
            return np.asarray(picture.convert("L")) > 127

    return read
