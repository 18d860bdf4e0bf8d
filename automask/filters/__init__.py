"""Filters: regions to regions; `base.py` is the contract."""
