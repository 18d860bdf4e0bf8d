"""Text to tree and back: the tables beside this file, values, limits, and whatever is thrown in."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automask.errors import RuleError
from automask.filters.base import FILTERS
from automask.selector.mistakes import WORDS
from automask.selector.parse import MAX_DEPTH, parse
from automask.selector.syntax import Combine, Find, Rule
from automask.strategies.base import STRATEGIES
from tests.generators import rules

HERE = Path(__file__).parent


def table(name):
    """The rows of a table beside this file; a line that begins with "# " is a heading."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    width = len(lines[0].split("\t"))
    rows = [line.split("\t") for line in lines[1:] if not line.startswith("# ")]
    return [tuple(row + [""] * (width - len(row))) for row in rows]


@pytest.mark.parametrize(("text", "printed"), table("cases.tsv"))
def test_rules_and_how_they_print(text, printed):
    rule = parse(text)
    assert str(rule) == printed
    assert parse(printed) == rule
    assert hash(parse(printed)) == hash(rule)


@pytest.mark.parametrize(("text", "caret", "message", "suggestion"), table("bad.tsv"))
def test_mistakes_and_what_is_said(text, caret, message, suggestion):
    text = text.replace("\\u200b", "\u200b")
    with pytest.raises(RuleError) as caught:
        parse(text)
    error = caught.value
    assert (error.message, error.suggestion) == (message, suggestion)
    assert (error.text, error.position) == (text, int(caret))


@pytest.mark.parametrize("word", sorted(WORDS))
def test_words_for_operators_are_answered_with_the_symbol(word):
    for text in (f"none {word} all", f"none {word.upper()} all", f"{word} all", f"none {word}"):
        with pytest.raises(RuleError, match=f"(?i)'{word}' is not an operator") as caught:
            parse(text)
        assert text[caught.value.position :].lower().startswith(word)
        assert caught.value.suggestion == WORDS[word]


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_an_empty_rule(text):
    with pytest.raises(RuleError, match="The rule is empty"):
        parse(text)


def test_an_error_in_a_rule_of_several_lines_shows_its_line():
    with pytest.raises(RuleError) as caught:
        parse("all\n| nonne\n| all")
    assert str(caught.value).split("\n")[1:3] == ["  | nonne", "    ^"]


@pytest.mark.parametrize(
    "space", ["\t", "\n", "\r\n", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "  "]
)
def test_any_white_space_is_free(space):
    tokens = ["all", "-", "rect", "(", "0", "px", ",", "0", ",", "5", "%", ",", "h", "=", "1", ")"]
    assert parse(space + space.join(tokens) + space) == parse("all-rect(0px,0,5%,h=1)")


def test_names_are_letters_digits_and_underscores_so_that_minus_is_minus():
    assert parse("all-none") == parse("all - none")
    assert parse("@a_1-@b") == parse("@a_1 - @b")


def test_numbers_and_signs():
    assert parse("rect(-5px,-.5%,5,5)") == parse("rect(-5, -0.5%, 5px, 5.0px)")
    assert str(parse("rect(0.1, 0.30000000000000004, 1, 1)")) == (
        "rect(0.1px, 0.30000000000000004px, 1px, 1px)"
    )


def test_a_union_of_thousands():
    text = " | ".join(f"rect({i}, 0, 1, 1)" for i in range(2000))
    rule = parse(text)
    assert isinstance(rule, Combine)
    assert len(rule.operands) == 2000
    assert parse(str(rule)) == rule


def test_a_very_long_name_is_refused_like_a_short_one():
    with pytest.raises(RuleError, match="There is no strategy") as caught:
        parse("a" * 100_000)
    assert len(str(caught.value).split("\n")[1]) < 200


def test_what_is_wrong_is_shown_in_a_long_rule():
    text = " | ".join(["all"] * 500 + ["nonne"] + ["all"] * 500)
    with pytest.raises(RuleError) as caught:
        parse(text)
    _, line, caret, _ = str(caught.value).split("\n")
    assert line.startswith("  ...")
    assert line.endswith("...")
    assert len(line) < 200
    assert line[caret.index("^") :].startswith("nonne")


def brackets(depth):
    return "(" * depth + "all" + ")" * depth


def signs(depth):
    return "!" * depth + "all"


def chain(depth):
    return "all" + ":largest" * depth


def arguments(depth):
    return "all:inside(" * depth + "all" + ")" * depth


def mixed(depth):
    return "!(all:inside(none - " * (depth // 4) + "all" + "))" * (depth // 4)


@pytest.mark.parametrize("nested", [brackets, signs, chain, arguments, mixed])
def test_nesting_has_a_limit_and_works_up_to_it(nested):
    rule = parse(nested(MAX_DEPTH - 1))
    assert parse(str(rule)) == rule
    for depth in (MAX_DEPTH * 2, MAX_DEPTH * 50):
        with pytest.raises(RuleError, match=f"nested more than {MAX_DEPTH} deep"):
            parse(nested(depth))


def test_signs_side_by_side_are_not_nested():
    rule = parse(" | ".join(["!!all"] * (MAX_DEPTH * 2)))
    assert rule.depth == 4


def test_quoted_brackets_are_not_nested():
    assert isinstance(parse('"' + "(!" * (MAX_DEPTH * 2) + '"'), Find)


@given(st.text(max_size=60))
@example("face\x00")
@example("\ud800")
@example('"\\')
@example("9" * 5000)
@example("all[" + "9" * 5000 + "]")
@example("all[٣]")
@example("rect(٣, 1e5, 0x10, 1_000)")
def test_any_text_is_a_rule_or_a_rule_error(text):
    read_or_refused(text)


PIECES = [
    *(name for registry in (STRATEGIES, FILTERS) for name in registry),
    *"()[]:,=|&-^!~@#.<>%\"' ",
    *("??", "..", ">=", "5px", "10%", "45deg", "0.5", "-3", '"cup"', "#f80", "tol=", "\\"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_pieces_of_rules_in_any_order(text):
    read_or_refused(text)


@given(rules(list(STRATEGIES), list(FILTERS), named=True).map(str), st.data())
def test_rules_with_a_slip_of_the_finger(text, data):
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    typed = data.draw(st.sampled_from(PIECES) | st.text(max_size=2))
    read_or_refused(text[:at] + typed + text[at + cut :])


def read_or_refused(text):
    """A text is either a rule that prints and reads back, or a `RuleError` with a place in it."""
    try:
        rule = parse(text)
    except RuleError as refused:
        check_error(refused, text)
    else:
        assert isinstance(rule, Rule)
        assert parse(str(rule)) == rule


def check_error(error, text):
    assert error.message.endswith((".", "?"))
    assert error.text == text or not text.strip()
    assert 0 <= error.position <= len(text)
    assert error.message in str(error)
