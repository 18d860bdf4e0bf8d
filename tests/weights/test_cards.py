"""Each model of the table has a card, and each card a row in the table."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from automask import weights

CARDS = Path(__file__).parents[2] / "models"


def test_cards_and_rows_are_of_the_same_models():
    assert {path.parent.name for path in CARDS.glob("*/README.md")} == set(weights.facts())


@pytest.mark.parametrize("name", weights.facts())
def test_a_card_is_whole(name):
    model = weights.facts()[name]
    text = (CARDS / name / "README.md").read_text("utf-8")
    assert text.startswith(f"# {name}\n\n<!-- generated: model {name} -->\n")
    facts = text[: text.index("<!-- end -->")]  # test_readme holds it against the row
    assert all(held in facts for held in (model.file, f"{model.bytes:,}", model.weights_licence))
    assert model.sha256 in facts
    assert all(source.name in facts for source in weights.sources(model))
    for heading in ("What it finds", "Contract", "Where it comes from"):
        body = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        assert len(body.strip()) > 20


@pytest.mark.parametrize("name", weights.facts())
def test_something_runs_it(name):
    assert find_spec(f"automask.networks.{weights.facts()[name].family}")


def test_no_file_of_weights_is_committed():
    kept = {path.suffix for path in CARDS.rglob("*") if path.is_file()}
    assert kept == {".md"}
