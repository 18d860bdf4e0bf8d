"""What importing costs, what is public, and that nothing undeclared is imported."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import automask

ROOT = Path(__file__).parent.parent
HEAVY = {"PIL", "click", "cv2", "lark", "numpy", "onnxruntime", "requests", "rich"}

PUBLIC = {
    # what it does
    "explain", "load", "mask", "regions", "rule", "run", "submit",
    # what it works with
    "Box", "Explanation", "Image", "Mask", "Region", "Result", "Rule", "Submission",
    # what may go wrong
    "ArgumentError", "AutomaskError", "ImageError", "InDoubtError", "LedgerError", "ModelError",
    "NeedsReview", "NothingSelected", "OutputError", "PluginError", "PreflightError",
    "ProviderError", "RuleError", "SettingsError", "UnfinishedError", "UnreachableError",
}  # fmt: skip


def loaded_by(code):
    """The top names of the modules that a fresh process has imported after `code`."""
    ask = "import json, sys; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{ask}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import automask", set()),
        ("import automask; automask.AutomaskError", set()),
        ("import automask; dir(automask); automask.__version__", set()),
        ("import automask; automask.rule", {"numpy"}),
        ("import automask; automask.rule('all - border')", {"numpy", "lark"}),
        ("import automask; automask.Image", {"numpy"}),
        ("import automask.cli", {"click"}),
    ],
)
def test_heavy_libraries_are_imported_only_when_they_work(code, allowed):
    assert loaded_by(code) & HEAVY <= allowed


def test_the_measure_can_fail():
    assert loaded_by("import numpy") & HEAVY == {"numpy"}


def test_the_public_names_are_these():
    assert set(automask.__all__) == PUBLIC
    assert len(automask.__all__) == len(PUBLIC)
    assert set(dir(automask)) >= PUBLIC | {"__version__"}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_is_there_and_told(name):
    held = getattr(automask, name)
    assert getattr(held, "__doc__", None), f"{name} has no docstring"
    assert getattr(held, "__module__", "automask").startswith("automask")


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'automask' has no attribute 'masks'"):
        automask.masks  # noqa: B018


def test_star_import_brings_the_public_names():
    names = {}
    exec("from automask import *", names)  # noqa: S102
    assert names.keys() >= PUBLIC


def imported_names():
    """Each top-level name that a file of the package imports, and the files that do."""
    found = {}
    for path in sorted((ROOT / "automask").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path} imports relatively"
                names = [node.module]
            for name in names:
                found.setdefault(name.split(".")[0], set()).add(path.name)
    return found


def test_nothing_undeclared_is_imported():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [need for needs in declared["optional-dependencies"].values() for need in needs]
    needs = [*declared["dependencies"], *extras]
    packages = {re.match(r"[\w-]+", need)[0].lower() for need in needs}
    homes = metadata.packages_distributions()
    for name, files in imported_names().items():
        if name in sys.stdlib_module_names or name == "automask" or name in packages:
            continue
        owners = {owner.lower() for owner in homes.get(name, [])}
        assert owners & packages, f"{sorted(files)} import {name}, which no dependency brings"


def test_every_declared_dependency_is_imported():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    packages = {re.match(r"[\w-]+", need)[0].lower() for need in declared["dependencies"]}
    homes = metadata.packages_distributions()
    used = {owner.lower() for name in imported_names() for owner in homes.get(name, [])}
    assert packages <= used


def test_the_version_is_that_of_the_package():
    assert re.fullmatch(r"\d+\.\d+\.\d+", automask.__version__)
    assert f"[{automask.__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
