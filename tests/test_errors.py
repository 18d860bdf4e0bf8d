"""The tree of errors: what the shell sees of each, and how a place in a rule is shown."""

import inspect

import pytest

from automask import errors
from automask.display import printable, width
from automask.errors import AutomaskError, RuleError

CLASSES = [c for c in vars(errors).values() if inspect.isclass(c) and issubclass(c, AutomaskError)]


def test_the_tree_at_the_top_of_the_file_is_the_tree():
    for cls in CLASSES:
        if cls is AutomaskError:
            continue
        line = next(line for line in errors.__doc__.splitlines() if f"- {cls.__name__} " in line)
        assert line.endswith(f"exit {cls.exit_code}")
        nested = line.startswith("    |")
        assert (cls.__mro__[1] is not AutomaskError) == nested


def test_a_program_can_tell_what_was_asked_wrongly_from_what_failed():
    codes = {cls.__name__: cls.exit_code for cls in CLASSES}
    assert set(codes.values()) == {1, 2, 3, 4}
    assert {name for name, code in codes.items() if code == 2} == {
        "RuleError", "ArgumentError", "SettingsError",
    }  # fmt: skip
    assert (codes["NothingSelected"], codes["NeedsReview"]) == (3, 4)


def test_a_rule_error_marks_its_place():
    error = RuleError("Wrong.", "face | hat", 7, "Write another.")
    assert str(error) == "Wrong.\n  face | hat\n         ^\nWrite another."
    assert str(RuleError("Wrong.")) == "Wrong."
    assert str(RuleError("Wrong.", "face")) == "Wrong.\n  face\n  ^"


@pytest.mark.parametrize(("position", "kept"), [(-5, 0), (2, 2), (99, 4)])
def test_a_place_is_inside_the_rule(position, kept):
    assert RuleError("Wrong.", "face", position).position == kept


@pytest.mark.parametrize(
    ("before", "columns"),
    [
        ("abc", 3),
        ("été", 3),
        ("e\u0301te\u0301", 3),
        ("寿司", 4),
        ("🍣", 2),
        ("a\u200db", 2),
        ("", 0),
    ],
)
def test_the_caret_stands_under_its_character(before, columns):
    assert width(before) == columns
    _, line, caret = str(RuleError("Wrong.", before + "X", len(before))).split("\n")
    assert (
        width(printable(line[: line.index("X")]))
        == caret.index("^")
        == columns + 2 - ("\u200d" in before and -1)
    )


def test_what_a_terminal_would_obey_is_blanked():
    error = RuleError("Wrong.", "a\x1b[31m\tb\x07\r", 5)
    assert "\x1b" not in str(error)
    assert str(error).split("\n")[1] == "  a [31m b  "


def test_long_lines_are_shown_around_the_place():
    text = "x" * 1000 + "Y" + "z" * 1000
    _, line, caret = str(RuleError("Wrong.", text, 1000)).split("\n")
    assert len(line) < 140
    assert line[caret.index("^")] == "Y"
    _, line, caret = str(RuleError("Wrong.", text, 0)).split("\n")
    assert line.startswith("  xxx")
    assert caret == "  ^"
    _, line, caret = str(RuleError("Wrong.", text, len(text))).split("\n")
    assert line.endswith("zzz")
    assert len(caret) == len(line) + 1
