import numpy as np
import pytest

import automask
from automask.errors import RuleError
from automask.registry import plugins
from automask.testing import FilterContract, StrategyContract


@pytest.mark.parametrize("name", ["stripes"])
class TestStripes(StrategyContract):
    pass


@pytest.mark.parametrize("name", ["thinned"])
class TestThinned(FilterContract):
    pass


def test_automask_finds_the_plugin():
    (found,) = [plugin for plugin in plugins() if plugin.name == "stripes"]
    assert not found.error
    assert set(found.added) == {"stripes", "thinned"}


def test_every_other_stripe():
    picture = np.zeros((2, 7, 3), np.uint8)
    mask = automask.mask(picture, "stripes(2px)")
    assert mask.array.astype(int).tolist() == [[1, 1, 0, 0, 1, 1, 0]] * 2


def test_thinned_from_python():
    picture = np.zeros((2, 12, 3), np.uint8)
    found = automask.regions(picture, automask.rule.stripes("2px").thinned(2))
    assert [tuple(region.box) for region in found] == [(0, 0, 2, 2), (8, 0, 10, 2)]


def test_mistakes_are_those_of_rules():
    with pytest.raises(RuleError, match=r"stripes\(0\) has no stripes"):
        automask.rule("stripes(0)")
