"""Every strategy and filter keeps its contract; the names come from the registry."""

import pytest

from automask.errors import ModelError
from automask.filters.base import FILTERS
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.selector.syntax import Rule
from automask.strategies.base import STRATEGIES
from automask.testing import DescribedContract, FilterContract, StrategyContract, pictures

WORKING = [name for name in STRATEGIES if not STRATEGIES[name].needs]
SEEING = [name for name in STRATEGIES if STRATEGIES[name].models]
AWAITING = [n for n in STRATEGIES if STRATEGIES[n].needs and n not in SEEING]


@pytest.mark.parametrize("name", WORKING)
class TestStrategies(StrategyContract):
    pass


@pytest.mark.weights
@pytest.mark.parametrize("name", SEEING)
class TestSeeing(StrategyContract):
    @pytest.fixture(autouse=True)
    def _weights(self, name, weights_of):
        weights_of(*STRATEGIES[name].models)


@pytest.mark.parametrize("name", list(FILTERS))
class TestFilters(FilterContract):
    def test_method_of_rules(self, name):
        """A filter is a method of rules, so its name must not be that of something else there."""
        assert not hasattr(Rule, name)


@pytest.mark.parametrize("name", AWAITING)
class TestAwaiting(DescribedContract):
    registry = STRATEGIES

    def test_says_what_is_missing(self, name):
        """Evaluating says which strategy cannot run, what it needs and what works instead."""
        rule = parse(STRATEGIES[name].example)
        with pytest.raises(ModelError) as caught:
            Evaluation(pictures()["scene"]).pixels(rule)
        assert STRATEGIES[name].needs in str(caught.value)
        assert str(caught.value).startswith(f"{name} needs ")
        assert str(caught.value).endswith(".")
