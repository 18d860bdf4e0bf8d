"""CONTRIBUTING.md describes the house as it is: its files, its layers, its contracts by name."""

import re
import tomllib
from pathlib import Path

import pytest

import automask.testing

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_every_module_and_folder_is_listed_and_nothing_else():
    listing = TEXT.split("```\nautomask/\n")[1].split("\ntests/")[0]
    listed = [line.split()[0].rstrip("/") for line in listing.splitlines()]
    there = {
        path.name
        for path in (ROOT / "automask").iterdir()
        if not path.name.startswith("__") and (path.suffix == ".py" or path.is_dir())
    }
    assert sorted(listed) == sorted(there)


def test_the_layers_are_those_that_are_held():
    held = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = [layer.replace("automask.", "") for layer in held["contracts"][0]["layers"]]
    told = " ".join(re.search(r"```\n(cli > .*?)```", TEXT, re.DOTALL)[1].split())
    assert told.split(" > ") == layers


@pytest.mark.parametrize("path", re.findall(r"`((?:automask|tests|samples|docs)/[\w./]+)`", TEXT))
def test_files_that_are_named_exist(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", ["StrategyContract", "FilterContract", "ProviderContract"])
def test_the_contracts_are_told_where_they_live(name):
    assert name in automask.testing.__doc__
