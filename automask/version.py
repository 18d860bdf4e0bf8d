"""The version of automask, stated once."""

__version__ = "0.1.0"
