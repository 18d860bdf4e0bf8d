"""The examples of docs/batch.md do what they show."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_examples_do_what_they_show(tmp_path):
    spec = importlib.util.spec_from_file_location("docs_tour_batch", ROOT / "docs" / "tour.py")
    tour = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = tour
    spec.loader.exec_module(tour)
    assert tour.run(ROOT / "docs" / "batch.md", tmp_path)
