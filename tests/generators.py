"""What hypothesis makes rules, values and pictures from: everything that the registry knows."""

from typing import get_args

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

from automask import kinds
from automask.arguments import bind, parameters
from automask.errors import ArgumentError
from automask.filters.base import FILTERS
from automask.selector.build import rule
from automask.selector.parse import parse
from automask.selector.syntax import Apply, Combine, Find, Item, Named, Outside, Slice, walk
from automask.strategies.base import STRATEGIES
from automask.testing import PICTURE_FILES
from automask.types import Image
from automask.values import MOST, Colour, Quantity, Range

OPERATORS = ("|", "&", "-", "^", "??")


def numbers(least=-40.0, most=120.0):
    """Numbers that people write, and some that they do not."""
    whole = st.integers(int(least), int(most)).map(float)
    return whole | st.floats(least, most, allow_nan=False, allow_infinity=False)


def quantities(*units, least=-40.0, most=120.0):
    extreme = st.sampled_from([n for n in (-MOST, 1e-9, 1e5, MOST) if n >= least])
    return st.builds(Quantity, numbers(least, most) | extreme, st.sampled_from(units))


@st.composite
def ranges(draw, *units):
    unit = draw(st.sampled_from(units))
    lo, hi = sorted((draw(numbers(0)), draw(numbers(0))))
    lo, hi = (hi, lo) if unit == "deg" and draw(st.booleans()) else (lo, hi)
    shape = draw(st.sampled_from(["both", "one", "from", "to", "above", "below"]))
    made = {
        "both": lambda: Range(lo, hi, unit),
        "one": lambda: Range(lo, lo, unit),
        "from": lambda: Range(lo, None, unit),
        "to": lambda: Range(None, hi, unit),
        "above": lambda: Range(lo, None, unit, lo_open=True),
        "below": lambda: Range(None, hi, unit, hi_open=True),
    }
    return made[shape]()


COLOURS = st.builds(
    Colour, st.sampled_from(["red", "white", "black", "Light Gray", "tomato", "#08f", "#00ff88"])
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


def kind(annotation):
    return next(m for m in get_args(annotation) if isinstance(m, kinds.Kind))


VALUES = {
    kind(kinds.Length): quantities("px", "%", least=0),
    kind(kinds.SignedLength): quantities("px", "%"),
    kind(kinds.Angle): quantities("deg", least=-400, most=400),
    kind(kinds.Share): st.floats(0, 1) | st.integers(0, 100).map(lambda n: n / 100),
    kind(kinds.Count): st.integers(0, 12),
    kind(kinds.NumberRange): ranges(""),
    kind(kinds.RatioRange): ranges("", "%"),
    kind(kinds.LengthRange): ranges("px", "%"),
    kind(kinds.Area): quantities("px", "%", least=0),
    kind(kinds.AreaRange): ranges("px", "%"),
    kind(kinds.ShareRange): ranges("%"),
    kind(kinds.AngleRange): ranges("deg"),
    kind(kinds.ColourName): COLOURS,
    kinds.TEXT: TEXTS,
    kinds.PLAIN[int]: st.integers(0, 12),
    kinds.PLAIN[float]: numbers(0, 3),
    kinds.PLAIN[bool]: st.booleans(),
}


def values(parameter, rules):
    """What may stand for `parameter`; None where this file knows no values of its kind."""
    if parameter.takes_rule:
        return rules
    if parameter.kind.options:
        return st.sampled_from(parameter.kind.options)
    return VALUES.get(parameter.kind)


def can_make(cls):
    """Whether `instances` can make any of `cls` but its example."""
    needed = [p for p in parameters(cls) if p.required]
    return all(values(p, st.none()) is not None for p in needed)


@st.composite
def instances(draw, cls, rules):
    """An instance of a strategy or filter: with random arguments, or that of its example."""
    if not can_make(cls) or draw(st.integers(0, 3)) == 0:
        return example(cls)
    args, named = [], {}
    for parameter in parameters(cls):
        made = values(parameter, rules)
        if parameter.variadic:
            args = draw(st.lists(made, min_size=6, max_size=8))
        elif made is not None and (parameter.required or draw(st.booleans())):
            named[parameter.name] = draw(made)
    try:
        return bind(cls, cls.name, args, named)
    except ArgumentError:
        reject()


def example(cls):
    """The instance of `cls` in its own example."""
    for part in walk(parse(cls.example)):
        held = getattr(part, "strategy", getattr(part, "step", None))
        if isinstance(held, cls):
            return held
    raise AssertionError(f"the example of {cls.name} does not use it")


def reads_files(cls):
    return any(
        isinstance(getattr(example(cls), p.name), str)
        and getattr(example(cls), p.name).endswith(tuple(PICTURE_FILES))
        for p in parameters(cls)
    )


def runnable():
    """The strategies that need neither a model nor a file."""
    return [n for n in STRATEGIES if not STRATEGIES[n].needs and not reads_files(STRATEGIES[n])]


def unguarded():
    """The filters that never ask for a review."""
    return [name for name in FILTERS if FILTERS[name].group != "guard"]


def rules(strategies=None, filters=None, *, named=False, max_leaves=5):
    """Random rules: by default made of what runs on any picture and never asks for a review."""
    strategies = runnable() if strategies is None else strategies
    filters = unguarded() if filters is None else filters
    found = st.sampled_from(strategies).flatmap(lambda n: instances(STRATEGIES[n], st.none()))
    leaves = found.map(Find)
    if named:
        leaves |= st.sampled_from(["logo", "été", "no"]).map(Named)
    return st.recursive(leaves, lambda inner: _larger(inner, filters), max_leaves=max_leaves)


def telling_rules(max_leaves=4):
    """Random rules that mostly select something, but not everything: any law holds of nothing."""
    found = st.sampled_from(runnable()).flatmap(lambda n: instances(STRATEGIES[n], st.none()))
    leaves = shapes() | shapes() | shapes() | found.map(Find)
    return st.recursive(leaves, lambda inner: _larger(inner, unguarded()), max_leaves=max_leaves)


def shapes():
    """Rules for one shape, or several apart, that lie mostly inside the image."""
    x, y, w, h = (
        st.builds(Quantity, st.integers(*ends), st.just("%"))
        for ends in ((-10, 70), (-10, 70), (20, 80), (20, 80))
    )
    cells = st.builds(rule.grid, st.integers(2, 4), st.integers(2, 3))
    return (
        st.builds(rule.rect, x, y, w, h)
        | st.builds(rule.ellipse, x, y, w, h)
        | st.builds(Slice, cells, st.integers(0, 2), st.integers(3, 7))
        | st.builds(lambda dark: rule.luma((None, dark)), st.integers(30, 70))
    )


def _larger(inner, filters):
    index = st.integers(-3, 3)
    end = st.none() | index
    step = st.sampled_from(filters).flatmap(lambda name: instances(FILTERS[name], inner))
    joined = st.lists(inner, min_size=2, max_size=3).map(tuple)
    applied = st.builds(Apply, inner, step)
    return (
        st.builds(Combine, st.sampled_from(OPERATORS), joined)
        | applied
        | applied
        | st.builds(Outside, inner)
        | st.builds(Item, inner, index)
        | st.builds(Slice, inner, end, end)
    )


@st.composite
def pictures(draw):
    """Small pictures of a few flat patches and some noise, hardly ever square."""
    height, width = draw(st.integers(1, 21)), draw(st.integers(1, 27))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    palette = rng.integers(0, 256, (draw(st.integers(1, 5)), 3))
    patches = rng.integers(0, len(palette), (-(-height // 4), -(-width // 4)))
    patches = patches.repeat(4, 0).repeat(4, 1)[:height, :width]
    noise = rng.integers(-9, 10, (height, width, 3)) * draw(st.integers(0, 1))
    return Image(np.clip(palette[patches] + noise, 0, 255).astype(np.uint8))
