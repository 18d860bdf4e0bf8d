"""The examples of docs/sandbox.md do what they show."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_runs(tmp_path):
    spec = importlib.util.spec_from_file_location("docs_tour", ROOT / "docs" / "tour.py")
    tour = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tour)
    assert tour.run(ROOT / "docs" / "sandbox.md", tmp_path) == 4
