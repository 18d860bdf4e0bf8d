"""Every strategy and filter keeps its contract; the names come from the registry."""

import pytest

from automask.errors import ModelError
from automask.filters.base import FILTERS
from automask.networks.net import Net
from automask.selector.evaluate import Evaluation
from automask.selector.parse import parse
from automask.strategies.base import STRATEGIES
from automask.testing import FilterContract, ProviderContract, StrategyContract, pictures

WORKING = [name for name in STRATEGIES if not STRATEGIES[name].models]
SEEING = [name for name in STRATEGIES if STRATEGIES[name].models]


RUN = Net.run
ANSWERS = {}


def answered_once(net, blob, outputs=()):
    """`Net.run`, which computes the same input once for all tests: they see few pictures often."""
    named = blob if isinstance(blob, dict) else {"": blob}
    inputs = tuple((name, array.shape, array.tobytes()) for name, array in named.items())
    key = net.path, hash(inputs), tuple(outputs)
    if key not in ANSWERS:
        ANSWERS[key] = RUN(net, blob, outputs)
    return [array.copy() for array in ANSWERS[key]]


@pytest.mark.parametrize("name", WORKING)
class TestStrategies(StrategyContract):
    pass


@pytest.mark.weights
@pytest.mark.parametrize("name", SEEING)
class TestSeeing(StrategyContract):
    @pytest.fixture(autouse=True)
    def _weights(self, name, weights_of, request, monkeypatch):
        weights_of(*STRATEGIES[name].models)
        if "same_answer" not in request.node.name:
            monkeypatch.setattr(Net, "run", answered_once)


@pytest.mark.parametrize("name", list(FILTERS))
class TestFilters(FilterContract):
    pass


@pytest.mark.parametrize("name", ["opencv"])
class TestProviders(ProviderContract):
    pass


@pytest.mark.parametrize("name", SEEING)
def test_without_its_model_a_strategy_says_what_is_missing(name):
    """Three lines: what is missing, how to fetch it, where to put it by hand."""
    with pytest.raises(ModelError) as caught:
        Evaluation(pictures()["scene"]).pixels(parse(STRATEGIES[name].example))
    missing, fetch, _ = str(caught.value).splitlines()
    assert " is missing" in missing
    assert "automask models pull " in fetch
