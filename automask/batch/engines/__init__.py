"""Where the pictures of a batch are worked on; `base.py` is the contract, one file each."""
