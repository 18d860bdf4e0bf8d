"""Where the pictures of a batch are worked on; `base.py` is the contract.

An engine is a file; `cluster.py` is how that of Ray gets its machines.
"""
