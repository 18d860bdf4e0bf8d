"""Files of weights: what is known of each, where it is, how it comes here, which one is used.

A *model* is a row of ``weights.toml``; *weights* are its file on this machine, whose sha256 was
checked. Nothing here runs a model: that is what `automask.networks` does.
"""

from automask.weights.choose import check_pin, choose, get, to_be_had
from automask.weights.facts import Model, Wheel, facts, model
from automask.weights.fetch import fetch, missing, offline, sources
from automask.weights.find import Weights, find, folders

__all__ = [
    "Model",
    "Weights",
    "Wheel",
    "check_pin",
    "choose",
    "facts",
    "fetch",
    "find",
    "folders",
    "get",
    "missing",
    "model",
    "offline",
    "sources",
    "to_be_had",
]
