"""Providers: where a job is submitted, one file each; `base.py` is the contract."""
