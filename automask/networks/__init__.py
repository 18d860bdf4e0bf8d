"""Families of networks: pixels in, numbers out; one file a family, none knows rules or regions."""
