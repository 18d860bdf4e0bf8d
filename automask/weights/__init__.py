"""Files of weights: what is known of each, where it is, and which one a strategy uses.

A *model* is a row of ``weights.toml``; *weights* are its file on this machine, whose sha256 was
checked. Nothing here runs a model: that is what `automask.networks` does.
"""

from automask.weights.facts import Model, Wheel, facts, model
from automask.weights.find import Weights, choose, find, get

__all__ = ["Model", "Weights", "Wheel", "choose", "facts", "find", "get", "model"]
