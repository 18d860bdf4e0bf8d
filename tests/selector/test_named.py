"""Named rules: put in where they are used, and refused when they are unknown or circular."""

import pytest

from automask.errors import RuleError
from automask.selector.named import expanded
from automask.selector.parse import parse
from automask.selector.syntax import MAX_DEPTH

TEXTS = {
    "logo": "rect(75%, 90%, 25%, 10%)",
    "marks": "@logo | text",
    "clean": "all - @marks",
    "loop": "all - @pool",
    "pool": "@loop | none",
    "self": "!@self",
    "broken": "all and none",
    "lost": "@nowhere",
    "uses_broken": "none | @broken",
}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@logo", "rect(75%, 90%, 25%, 10%)"),
        ("!@logo", "!rect(75%, 90%, 25%, 10%)"),
        ("@clean", "all - (rect(75%, 90%, 25%, 10%) | text)"),
        ("@marks | face", "rect(75%, 90%, 25%, 10%) | text | face"),
        ("face | @marks", "face | (rect(75%, 90%, 25%, 10%) | text)"),
        ("@marks:largest[0]", "(rect(75%, 90%, 25%, 10%) | text):largest[0]"),
        ("@marks[0:1]", "(rect(75%, 90%, 25%, 10%) | text)[0:1]"),
        ("face:inside(@logo):nearest(!@logo)", None),
        ("face ?? @logo", "face ?? rect(75%, 90%, 25%, 10%)"),
        ("face:grow(5px)", "face:grow(5px)"),
    ],
)
def test_names_are_replaced_by_their_rules(text, meant):
    meant = meant or text.replace("@logo", TEXTS["logo"])
    assert expanded(parse(text), TEXTS) == parse(meant)


@pytest.mark.parametrize(
    ("name", "chain"),
    [("loop", "@loop -> @pool -> @loop"), ("self", "@self -> @self")],
)
def test_names_that_refer_to_themselves(name, chain):
    with pytest.raises(RuleError) as caught:
        expanded(parse(f"face | @{name}"), TEXTS)
    assert str(caught.value) == f"The named rules refer to themselves: {chain}."


def test_a_name_may_be_used_twice():
    assert expanded(parse("@logo | @logo"), TEXTS) == parse(" | ".join([TEXTS["logo"]] * 2))


def test_unknown_names_are_listed_with_the_known_ones():
    with pytest.raises(RuleError, match="There is no rule named @nowhere") as caught:
        expanded(parse("@nowhere"), {"a": "all", "b": "none"})
    assert "known there: @a, @b" in str(caught.value)
    with pytest.raises(RuleError, match="known there: none"):
        expanded(parse("@nowhere"), {})
    with pytest.raises(RuleError, match="no rule named @nowhere"):
        expanded(parse("@lost"), TEXTS)


def test_a_mistake_in_a_named_rule_is_shown_in_that_rule():
    for text in ("@broken", "@uses_broken"):
        with pytest.raises(RuleError) as caught:
            expanded(parse(text), TEXTS)
        assert str(caught.value).split("\n")[:3] == [
            "In @broken: 'and' is not an operator of rules.",
            "  all and none",
            "      ^",
        ]


def test_names_cannot_get_round_the_limit_of_nesting():
    texts = {f"n{i}": f"!@n{i + 1}" for i in range(MAX_DEPTH * 2)} | {f"n{MAX_DEPTH * 2}": "all"}
    with pytest.raises(RuleError, match="nested"):
        expanded(parse("@n0"), texts)


def test_names_that_double_at_every_step_are_refused_at_once():
    texts = {f"r{i}": f"@r{i - 1} | !@r{i - 1}" for i in range(1, 40)} | {"r0": "all"}
    with pytest.raises(RuleError, match="parts, more than"):
        expanded(parse("@r39"), texts)
    assert str(expanded(parse("@r2"), texts)) == "all | !all | !(all | !all)"


def test_an_empty_text_is_told_with_its_name():
    with pytest.raises(RuleError, match="In @e: The rule is empty"):
        expanded(parse("@e"), {"e": ""})
