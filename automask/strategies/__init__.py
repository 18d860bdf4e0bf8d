"""Strategies: image to regions, one file per strategy or family; `base.py` is the contract."""
