"""A plugin that misbehaves, seen from the shell: its name is told, and results stay results."""

from __future__ import annotations

import json
import os
import sys

import pytest

from automask.cli import boundary
from automask.errors import PluginError
from automask.images import encode

PLUGIN = """
    print("imported")
    from dataclasses import dataclass
    from typing import Literal
    import numpy as np
    from automask.strategies.base import STRATEGIES, Strategy
    from automask.types import Region

    @STRATEGIES.register("unruly")
    @dataclass(frozen=True)
    class Unruly(Strategy):
        '''Does what it is told not to do.'''

        how: Literal["prints", "raises", "exits", "refuses", "small"]

        def __post_init__(self):
            if self.how == "refuses":
                raise ZeroDivisionError("at once")

        def find(self, image):
            print("found")
            if self.how == "raises":
                raise ZeroDivisionError("by zero")
            if self.how == "exits":
                raise SystemExit(3)
            return Region.of(np.ones((image.height + 1, image.width), bool))[self.how == "prints":]
"""


@pytest.fixture
def unruly(tmp_path, shell):
    """`shell` with the plugin above on its path."""
    lines = (line.removeprefix("    ") for line in PLUGIN.splitlines())
    (tmp_path / "unruly.py").write_text("\n".join(lines), "utf-8")
    info = tmp_path / "automask_unruly-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: automask-unruly\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[automask.plugins]\nunruly = unruly\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    return lambda *words, **named: shell(*words, PYTHONPATH=path, **named)


def test_what_it_prints_is_not_among_the_results(unruly, photo):
    done = unruly("mask", "unruly(prints) | all", photo, "-o", "-")
    assert encode.decode(done.stdout).all()
    assert b"imported\nfound\n" in done.stderr


def test_what_it_prints_in_a_batch_is_not_among_the_results(unruly, photo, tmp_path):
    """There it runs in threads of its own, and several at once."""
    rule, out = "unruly(prints) | rect(0, 0, 50%, 50%)", str(tmp_path / "out")
    done = unruly("batch", rule, photo, "-o", out, "--jobs", "2", "--json")
    assert json.loads(done.stdout)["states"] == {"done": 1}
    assert b"found\n" in done.stderr
    assert "unruly" in [row["name"] for row in json.loads(unruly("strategies", "--json").stdout)]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (
            "raises",
            "The strategy 'unruly' of automask-unruly failed with ZeroDivisionError: by zero",
        ),
        ("exits", "The strategy 'unruly' of automask-unruly failed with SystemExit: 3"),
        ("small", "The strategy 'unruly' of automask-unruly gave a region that is none: "),
        ("refuses", "unexpected ZeroDivisionError: at once (a bug of automask-unruly; "),
    ],
)
def test_its_name_is_told_in_one_sentence(unruly, photo, how, words):
    said = unruly("mask", f"unruly({how})", photo, "-o", "mask.png", code=1).stderr.decode()
    assert words in said
    assert said.splitlines()[-1].startswith("automask: ")
    assert "Traceback" not in said
    assert ("AUTOMASK_DEBUG=1 shows where" in said) == (how != "small")


def test_who_asks_is_shown_where_it_failed(capsys, monkeypatch):
    monkeypatch.setenv("AUTOMASK_DEBUG", "1")
    told = PluginError("The strategy 'unruly' of automask-unruly failed with KeyError: 'a'")
    told.__cause__ = KeyError("a")
    assert boundary.failure(told) == 1
    assert "KeyError: 'a'\n\nThe above exception" in capsys.readouterr().err


def test_in_a_batch_its_name_is_the_reason(unruly, paint):
    for name in ("a", "b"):
        paint(f"photos/{name}.png")
    done = unruly("batch", "unruly(exits)", "photos", "-o", "out", code=4)
    assert b"2 failed for one reason: The strategy 'unruly' of automask-unruly" in done.stderr


def test_a_new_release_of_a_plugin_does_its_pictures_again(unruly, paint, tmp_path):
    paint("photos/a.png")
    again = "batch", "unruly(prints)", "photos", "-o", "out", "--limit", "area=0%..100%"
    unruly(*again, code=None)
    assert b"1 of them as before" in unruly(*again, code=None).stderr
    told = tmp_path / "automask_unruly-1.2.dist-info" / "METADATA"
    told.write_text(told.read_text().replace("1.2", "1.3"))
    assert b"as before" not in unruly(*again, code=None).stderr
