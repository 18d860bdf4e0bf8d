"""Images in, masks and pictures out: files, bytes and addresses to arrays and back."""

from __future__ import annotations

from automask.images.load import load

__all__ = ["load"]
