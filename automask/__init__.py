"""Select a region of an image by rule, not by drawing, and have it repainted, hands-free."""

__version__ = "0.1.0"
