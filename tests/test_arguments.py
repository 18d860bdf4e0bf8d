"""Fields of a dataclass as arguments: bound, checked, printed and described."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automask import kinds
from automask.arguments import bind, parameters, signature, written
from automask.errors import ArgumentError
from automask.kinds import (
    Angle,
    AngleRange,
    AreaRange,
    ColourName,
    Count,
    Kind,
    Length,
    LengthRange,
    NumberRange,
    Operand,
    Share,
    ShareRange,
    SignedLength,
    Word,
)
from automask.values import Colour, Quantity, Range
from tests.generators import VALUES


@dataclass(frozen=True)
class Everything:
    length: Length
    side: Literal["left", "right"] = "left"
    share: Share = 0.5
    count: Count = 3
    number: float = 1.5
    text: str | None = None
    flag: bool = False
    colour: ColourName = Colour("red")
    made: int = field(default=0, init=False)
    only_named: int = field(default=7, kw_only=True)


@dataclass(frozen=True)
class List:
    first: Length = Quantity(1, "px")
    rest: tuple[SignedLength, ...] = ()
    flag: bool = False


def bound(*args, **named):
    return bind(Everything, "everything", args, named)


def test_arguments_by_place_and_by_name():
    assert bound(5) == Everything(Quantity(5, "px"))
    assert bound("5%", "right", "20%") == Everything(Quantity(5, "%"), "right", 0.2)
    assert bound(length=5, only_named=1) == Everything(Quantity(5, "px"), only_named=1)
    assert bound(5, text=None) == Everything(Quantity(5, "px"))


@pytest.mark.parametrize(
    ("args", "named", "message"),
    [
        ((), {}, r"everything\(\) needs length: a length such as 10px or 5%\."),
        ((5,), {"length": 5}, r"everything\(\) got length twice; give it once\."),
        ((5,), {"sidde": 5}, r"has no argument 'sidde'; did you mean 'side'\?$"),
        ((5,), {"zzz": 5}, r"has no argument 'zzz'; write everything\(length, side=left, .*\)\."),
        ((5,), {"made": 5}, "has no argument 'made'"),
        ((1, "left", 0, 1, 1, "x", True, "red", 9), {}, "Too many arguments; write everything"),
        ((-5,), {}, r"everything\(length\) cannot be -5; it takes 0 or more\."),
        (("5deg",), {}, r"everything\(length\) cannot be '5deg'; it takes a length such as"),
        (("x",), {}, r"everything\(length\): 'x' is not a number with a unit"),
        ((True,), {}, r"everything\(length\) cannot be True; it takes a length"),
        ((None,), {}, r"everything\(length\) cannot be None; it takes a length"),
        ((5, "lefft"), {}, r"it takes one of left, right; did you mean 'left'\?$"),
        ((5, "up"), {}, r"everything\(side\) cannot be 'up'; it takes one of left, right\."),
        ((5,), {"share": 1.5}, r"share\) cannot be 1.5; it takes 0% to 100%, or 0 to 1\."),
        ((5,), {"count": 1.5}, r"count\) cannot be 1.5; it takes a whole number\."),
        ((5,), {"count": "many"}, r"count\): 'many' is not a number"),
        ((5,), {"number": "5px"}, r"number\) cannot be '5px'; it takes a number\."),
        ((5,), {"number": float("nan")}, "nan is not a finite number"),
        ((5,), {"text": 5}, r"text\) cannot be 5; it takes a text in quotes"),
        ((5,), {"flag": "maybe"}, r"flag\) cannot be 'maybe'; it takes true or false\."),
        ((5,), {"colour": (1, 2, 300)}, "it takes red, green and blue as whole numbers"),
        ((5,), {"colour": (0.1, 0.2, 0.3)}, "it takes red, green and blue as whole numbers"),
        ((5,), {"colour": "#12345"}, r"colour\): #12345 is not a colour"),
    ],
)
def test_what_does_not_fit_is_told(args, named, message):
    with pytest.raises(ArgumentError, match=message):
        bound(*args, **named)


def test_a_list_takes_what_is_left():
    assert bind(List, "list", [1, 2, -3], {}) == List(
        Quantity(1, "px"), (Quantity(2, "px"), Quantity(-3, "px"))
    )
    assert bind(List, "list", [], {"flag": True}) == List(flag=True)
    with pytest.raises(ArgumentError, match="has no argument 'rest'"):
        bind(List, "list", [], {"rest": 5})


def test_what_stands_before_a_list_is_printed_in_its_place():
    made = bind(List, "list", [1, 2], {"flag": True})
    assert written(made) == "1px, 2px, flag=true"


def test_defaults_are_left_out_of_print():
    assert written(bound(5)) == "5px"
    assert written(bound("5%", only_named=2, share=0.25)) == "5%, share=25%, only_named=2"
    assert written(bound(5, side="right", text='a "b"')) == r'5px, side=right, text="a \"b\""'
    assert written(bound(5, colour="#f80", number=0.1)) == "5px, number=0.1, colour=#ff8800"


def test_needed_arguments_stand_before_named_ones_whatever_the_order_of_fields():
    @dataclass(frozen=True)
    class Base:
        model: str | None = field(default=None, kw_only=True)

    @dataclass(frozen=True)
    class Derived(Base):
        size: Length

    assert written(bind(Derived, "derived", [5], {"model": "m"})) == '5px, model="m"'


def test_the_signature_shows_the_defaults():
    assert signature(Everything, "everything").startswith("everything(length, side=left, share=50%")
    assert signature(List, "list") == "list(first=1px, rest, ..., flag=false)"


def test_python_numbers_of_every_kind_are_numbers():
    for five in (5, 5.0, np.int64(5), np.float32(5), np.uint8(5), "5", Quantity(5, "px")):
        assert bound(five).length == Quantity(5, "px")
    assert isinstance(bound(5, count=np.int64(2)).count, int)


def test_shares():
    assert bound(5, share="12%").share == bound(5, share=0.12).share == 0.12
    assert bound(5, share=Quantity(12, "%")).share == 0.12
    assert bound(5, share=1).share == 1.0


@given(st.floats(0, 1))
def test_shares_print_and_read_back_to_the_last_bit(share):
    kind = parameters(Everything)[2].kind
    shown = kind.show(share)
    assert kind.read(shown) == share
    assert set(shown) <= set(".0123456789%")


def test_truths():
    for yes in (True, "true", "yes", "True", Word("true"), Word("YES")):
        assert bound(5, flag=yes).flag is True
    for no in (False, "false", "no", "False", Word("false")):
        assert bound(5, flag=no).flag is False


def test_colours():
    for orange in (
        "#ff8800",
        "#F80",
        (255, 136, 0),
        [255, 136, 0],
        np.array([255, 136, 0]).tolist(),
    ):
        assert bound(5, colour=orange).colour == Colour("#f80")
    assert bound(5, colour=Word("red")).colour == Colour("red")


@dataclass(frozen=True)
class Ranges:
    area: AreaRange | None = None
    width: LengthRange | None = None
    number: NumberRange | None = None
    share: ShareRange | None = None
    angle: AngleRange | None = None


def ranged(**named):
    return bind(Ranges, "ranges", [], named)


def test_ranges_from_python():
    assert ranged(area=(1, 40)).area == ranged(area="1px..40px").area == Range(1, 40, "px")
    assert ranged(area=("1%", "40%")).area == ranged(area="1%..40%").area == Range(1, 40, "%")
    assert ranged(area=(500, None)).area == ranged(area=">=500").area == Range(500, None, "px")
    assert ranged(width=8).width == ranged(width="8px").width == Range(8, 8, "px")
    assert ranged(number=(0.5, 2)).number == Range(0.5, 2)
    assert ranged(angle=(340, 20)).angle == ranged(angle="340..20").angle == Range(340, 20, "deg")


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"area": (40, 1)}, "runs backwards; write 1px..40px"),
        ({"number": "2..1"}, r"runs backwards; write 1\.\.2"),
        ({"number": Range(2, 1)}, "runs backwards"),
        ({"area": ("1%", "40px")}, "mixes units"),
        ({"area": (1, 2, 3)}, "at least one end"),
        ({"area": (None, None)}, "at least one end"),
        ({"area": True}, r"ranges\(area\) cannot be True; it takes a range such as"),
        ({"width": "5deg.."}, r"ranges\(width\) cannot be '5deg\.\.'; it takes a range such as"),
        ({"share": "0.2..0.7"}, r"it takes percents, such as 20%\.\.70%"),
        ({"share": (0.2, None)}, r"it takes percents, such as 20%\.\."),
    ],
)
def test_ranges_that_do_not_fit(named, message):
    with pytest.raises(ArgumentError, match=message):
        ranged(**named)


def test_ranges_of_shares_are_percents():
    assert ranged(share="20..70").share == Range(20, 70, "%")
    assert ranged(share="0..1").share == Range(0, 1, "%")
    assert ranged(share="0.5%..1%").share == Range(0.5, 1, "%")


ANNOTATIONS = (Length, SignedLength, Angle, Share, Count, NumberRange, LengthRange, AreaRange,
               ShareRange, AngleRange, ColourName)  # fmt: skip


@pytest.mark.parametrize("kind", list(VALUES), ids=lambda kind: kind.what)
def test_every_kind_reads_what_it_shows(kind):
    @given(VALUES[kind])
    def reads_back(value):
        held = kind.read(value)
        shown = kind.show(held)
        if kind is kinds.TEXT:  # a text is shown in quotes, which the parser takes off
            assert shown[0] == shown[-1] == '"'
        else:
            assert kind.read(shown.strip('"')) == held
        assert kind.read(held) == held

    reads_back()


def test_the_annotations_that_rules_can_write_are_all_tested():
    tested = {kind.what for kind in VALUES} | {kinds.RULE.what}
    public = {name: hint for name, hint in vars(kinds).items() if hasattr(hint, "__metadata__")}
    assert {hint.__metadata__[0].what for hint in public.values()} <= tested


def test_a_plugin_makes_kinds_of_its_own():
    knots = Kind(
        "a speed such as 5kn", lambda text: float(text.removesuffix("kn")), "{:g}kn".format
    )

    @dataclass(frozen=True)
    class Boat:
        speed: Annotated[float, knots]

    globals()["knots"] = knots
    assert written(bind(Boat, "boat", ["5kn"], {})) == "5kn"
    with pytest.raises(ArgumentError, match=r"boat\(speed\) cannot be 'fast'"):
        bind(Boat, "boat", ["fast"], {})


def test_an_operand_is_a_rule():
    @dataclass(frozen=True)
    class Near:
        other: Operand

    (parameter,) = parameters(Near)
    assert parameter.takes_rule
    assert parameter.required


def test_choices_know_their_options():
    side = parameters(Everything)[1]
    assert side.kind.options == ("left", "right")


def test_a_field_that_no_rule_can_write_is_the_programmers_mistake():
    @dataclass(frozen=True)
    class Odd:
        table: dict[str, Any]

    with pytest.raises(TypeError, match="Odd has a field that rules cannot write"):
        parameters(Odd)
