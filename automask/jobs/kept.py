"""What a job needs besides its row in the ledger, kept in a folder beside it until it is delivered.

The ledger holds keys and states and never sees an image. Here lie, by key, the mask of each job
with what its user wants of the result, and the parent's picture, which the service may have dropped
by the time the result is compared with it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from automask.errors import LedgerError
from automask.images import files
from automask.verify import Drift


@dataclass(frozen=True)
class Wishes:
    """What is wanted of a job's results.

    Parameters
    ----------
    folder : str
        Where they are written; absolute.
    paste_back : bool
        Whether the parent's own pixels are put back outside the mask.
    webhook : str
        The address that the service may tell of the job.
    """

    folder: str = ""
    paste_back: bool = False
    webhook: str = ""


@dataclass(frozen=True)
class Kept:
    """The files of the jobs of the ledger at `ledger`.

    Raises
    ------
    OutputError
        If one cannot be written.
    """

    ledger: Path

    def put(self, key: str, mask: bytes, parent: bytes, wishes: Wishes) -> None:
        """Keep them, whole and on the disk; what was kept of the same job is replaced."""
        if parent:
            files.write(self._place(key, ".parent"), parent)
        known = {name: self._told(key).get(name) for name in ("drifts", "delivered")}
        told = known | {"mask": base64.b64encode(mask).decode("ascii"), **asdict(wishes)}
        files.write(self._place(key, ".json"), json.dumps(told).encode())

    def mask(self, key: str) -> bytes:
        """The mask of the job.

        Raises
        ------
        LedgerError
            If it is not there any more.
        """
        if text := self._told(key).get("mask"):
            return base64.b64decode(text)
        raise LedgerError(
            f"The mask of job {key[:12]} is not in {self._place(key, '.json').parent} any more; "
            "make the job anew: it was not sent."
        )

    def parent(self, key: str) -> bytes:
        """The parent's picture; empty where it is not kept."""
        with suppress(OSError):
            return self._place(key, ".parent").read_bytes()
        return b""

    def wishes(self, key: str) -> Wishes:
        """What is wanted of the results."""
        told = self._told(key)
        folder, webhook = str(told.get("folder", "")), str(told.get("webhook", ""))
        return Wishes(folder, told.get("paste_back") is True, webhook)

    def wish(self, key: str, **news: Any) -> None:
        """Change what is wanted of the results."""
        told = self._told(key) | asdict(replace(self.wishes(key), **news))
        files.write(self._place(key, ".json"), json.dumps(told).encode())

    def drifts(self, key: str) -> tuple[Drift, ...]:
        """How far each delivered result left the parent; none where that was not found out."""
        return tuple(Drift(*pair) for pair in self._told(key).get("drifts") or [])

    def is_delivered(self, key: str, wishes: Wishes) -> bool:
        """Whether the results were last written as `wishes` has it."""
        return self._told(key).get("delivered") == [wishes.folder, wishes.paste_back]

    def note_delivery(self, key: str, wishes: Wishes, drifts: Sequence[Drift]) -> None:
        """Keep how the results were written, and what was found out about them."""
        found = [(each.share, each.mean) for each in drifts]
        done = {"delivered": [wishes.folder, wishes.paste_back], "drifts": found}
        told = self._told(key) | done
        files.write(self._place(key, ".json"), json.dumps(told).encode())

    def drop_parent(self, key: str) -> None:
        """Let go of the parent's picture, which is the large part."""
        with suppress(OSError):
            self._place(key, ".parent").unlink()

    def _place(self, key: str, ending: str) -> Path:
        folder = self.ledger.with_name(f"{self.ledger.name}-files")
        return folder / key[:2] / f"{key}{ending}"

    def _told(self, key: str) -> dict[str, Any]:
        try:
            told = json.loads(self._place(key, ".json").read_bytes())
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}
