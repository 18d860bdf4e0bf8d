import json

import pytest
from lark import __version__ as lark_version

from automask.selector import grammar

RULES = [
    'face:largest:grow(10%) - color("red", tol=12%) | #f80 ^ !@logo & rect(-5px, 0, 50%, 2)[1:-1]',
    'a(b=c(1..2%, >3deg), "x\\"y") ?? ~(d[0]:e):f',
]


@pytest.fixture
def text():
    return grammar.GRAMMAR.read_text("utf-8")


def test_the_kept_tables_are_those_of_the_grammar(text):
    head = json.loads(grammar.TABLES.read_bytes().partition(b"\n")[0])
    current = json.loads(grammar._head(text))
    assert head["grammar"] == current["grammar"], "run: python -m automask.selector.grammar"


@pytest.mark.parametrize("rule", RULES)
def test_kept_and_built_parsers_read_alike(text, rule, tmp_path, monkeypatch):
    monkeypatch.setattr(grammar, "TABLES", tmp_path / "tables")
    grammar.keep()
    kept = grammar.kept(text)
    assert kept is not None
    tree = kept.parse(rule)
    assert tree == grammar.built(text).parse(rule)
    assert tree.meta.end_pos == len(rule)


@pytest.mark.parametrize("rule", RULES)
def test_the_parser_in_use_reads_as_the_grammar_says(text, rule):
    assert grammar.grammar().parse(rule) == grammar.built(text).parse(rule)


def test_tables_of_another_grammar_or_lark_are_not_used(text, tmp_path, monkeypatch):
    monkeypatch.setattr(grammar, "TABLES", tmp_path / "tables")
    assert grammar.kept(text) is None  # there are none
    grammar.keep()
    assert grammar.kept(text) is not None
    assert grammar.kept(text + "\n// another") is None
    monkeypatch.setattr("lark.__version__", lark_version + ".1")
    assert grammar.kept(text) is None
