"""Rules from Python: operators, methods, the printed form, mistakes without a text."""

import copy
import pickle

import numpy as np
import pytest

from automask.errors import ArgumentError, RuleError
from automask.filters.base import FILTERS
from automask.selector.build import rule
from automask.selector.parse import parse
from automask.selector.syntax import MAX_DEPTH, Combine, Item, Slice, walk
from automask.strategies.base import STRATEGIES

A, B, C = (parse(text) for text in ("face", "person", "text"))


def test_operators_are_those_of_the_text():
    assert A | B & C - A ^ ~B == parse("face | person & text - face ^ !person")
    assert (A - B) | C == parse("face - person | text")
    assert A - (B | C) == parse("face - (person | text)")
    assert A.otherwise(B).otherwise(C) == parse("face ?? person ?? text")
    assert A.otherwise(B.otherwise(C)) == parse("face ?? (person ?? text)")


def test_texts_may_stand_on_either_side():
    assert A | "person" == parse("face | person")
    assert "person" | A == parse("person | face")
    assert "person" & A == parse("person & face")
    assert "person" - A == parse("person - face")
    assert "person" ^ A == parse("person ^ face")
    assert A.otherwise("person - text") == parse("face ?? (person - text)")


def test_operators_of_one_rank_continue():
    assert (A | B) | C == parse("face | person | text")
    assert len(((A | B) | C).operands) == 3
    assert A | (B | C) == parse("face | (person | text)")
    assert Combine("-", (Combine("-", (A, B)), C)) == parse("face - person - text")


def test_indexes_and_slices():
    assert A[0] == parse("face[0]") == Item(A, 0)
    assert A[-1] == parse("face[-1]")
    assert A[1:3] == parse("face[1:3]") == Slice(A, 1, 3)
    assert A[:] == parse("face[:]")
    assert A[np.int64(2)] == parse("face[2]")
    assert str(A[True]) == "face[1]"


def test_an_index_is_a_whole_number():
    with pytest.raises(RuleError, match=r"takes no step in \[0:4:2\]"):
        A[0:4:2]
    for index in (1.5, "0", None):
        with pytest.raises(TypeError):
            A[index]


def test_filters_are_methods():
    assert A.largest().grow("10%") == parse("face:largest:grow(10%)")
    assert (
        A.grow(5) == A.grow("5px") == A.grow(5.0) == A.grow(np.float32(5)) == parse("face:grow(5)")
    )
    assert A.inside(B) == A.inside("person") == parse("face:inside(person)")
    assert A.inside(B.largest(), 0.8) == parse("face:inside(person:largest, 80%)")
    assert A.area((500, 20000)) == parse("face:area(500..20000)")
    assert A.area(("1%", "40%")) == parse("face:area(1%..40%)")
    assert A.area((500, None)) == A.area(">=500px") == parse("face:area(500..)")


def test_strategies_are_attributes_of_rule():
    assert rule.color("red", tol=0.12) == parse('color("red", tol=12%)')
    assert rule.color((255, 136, 0)) == parse("#ff8800")
    assert rule.rect(0, "80%", w="100%", h="20%") == parse("rect(0, 80%, 100%, 20%)")
    assert rule("face") == A
    assert rule(A) is A
    assert rule("person") - rule("face").grow("5%") | rule.color("red", tol=0.12) == parse(
        'person - face:grow(5%) | color("red", tol=12%)'
    )


def test_names_that_do_not_exist():
    with pytest.raises(AttributeError, match="there is no filter 'gorw'; did you mean 'grow'"):
        A.gorw(5)
    with pytest.raises(AttributeError, match="there is no strategy 'facce'; did you mean 'face'"):
        rule.facce()
    assert not hasattr(A, "zzzzzzzz")
    assert not hasattr(rule, "zzzzzzzz")
    assert "color" in dir(rule)


def test_mistakes_without_a_text_have_no_caret():
    with pytest.raises(ArgumentError) as caught:
        rule.rect(1, 2)
    assert str(caught.value) == "rect() needs w: a length such as 10px or 5%."
    with pytest.raises(ArgumentError, match=r"rect\(\) has no argument 'hh'; did you mean 'h'\?"):
        rule.rect(1, 2, 3, hh=4)
    with pytest.raises(ArgumentError, match="Too many arguments; write rect"):
        rule.rect(1, 2, 3, 4, 5)
    with pytest.raises(ArgumentError, match=r"grid\(cols\) cannot be 1.5; it takes a whole number"):
        rule.grid(1.5, 2)


def test_a_mistake_in_an_operand_that_is_a_text_has_its_caret():
    with pytest.raises(RuleError, match="There is no strategy 'persn'") as caught:
        A.inside("none | persn")
    assert (caught.value.text, caught.value.position) == ("none | persn", 7)
    with pytest.raises(RuleError, match="'and' is not an operator"):
        A | "face and person"


@pytest.mark.parametrize("other", [5, None, ["face"], b"face"])
def test_what_is_not_a_rule_is_refused(other):
    for join in (lambda: A | other, lambda: other - A, lambda: A.otherwise(other)):
        with pytest.raises(ArgumentError, match="is not a rule; give one, or its text"):
            join()
    with pytest.raises(ArgumentError, match="is not a rule"):
        rule(other)


def test_an_operand_that_is_not_a_rule_is_refused():
    with pytest.raises(ArgumentError, match="5 is not a rule"):
        A.inside(5)


def test_python_words_are_refused_rather_than_misread():
    for misread in (lambda: A and B, lambda: A or B, lambda: not A, lambda: bool(A)):
        with pytest.raises(TypeError, match="neither true nor false"):
            misread()
    with pytest.raises(TypeError):
        list(A)
    with pytest.raises(TypeError):
        len(A)


def test_an_editor_is_told_the_names_and_what_they_mean():
    assert {"grow", "largest", "otherwise"} <= set(dir(A))
    assert {"face", "rect"} <= set(dir(rule))
    assert A.grow.__doc__ == FILTERS["grow"].__doc__
    assert rule.rect.__doc__ == STRATEGIES["rect"].__doc__


def test_rules_are_values():
    made = parse("face:grow(5px) - person[0]")
    assert made == parse("face : grow( 5 ) - person [ 0 ]")
    assert {made: 1}[parse(str(made))] == 1
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made  # noqa: S301
    assert made != parse("face:grow(6px) - person[0]")
    assert repr(made) == "<rule face:grow(5px) - person[0]>"
    with pytest.raises(AttributeError):
        made.operator = "|"


def test_walking_meets_every_part_outermost_first():
    made = parse("face:inside(person | text) - all[0]")
    assert [str(part) for part in walk(made)] == [
        "face:inside(person | text) - all[0]",
        "face:inside(person | text)",
        "face",
        "person | text",
        "person",
        "text",
        "all[0]",
        "all",
    ]


def test_nesting_has_a_limit_from_python_too():
    made = A
    for _ in range(MAX_DEPTH - 1):
        made = ~made
    assert made.depth == MAX_DEPTH
    assert parse(str(made)) == made
    with pytest.raises(RuleError, match=f"nested more than {MAX_DEPTH} deep"):
        ~made  # noqa: B018
