"""What a job needs besides its row in the ledger, kept in a folder beside it until it is delivered.

The ledger holds keys and states and never sees an image. Here lie, by ref, the mask of each job
with what its user wants of the result, and the parent's picture, which the service may have dropped
by the time the result is compared with it. A row that is paid once more has files of its own; where
it has none, those of the first row of its key, which asked for the same, stand in.
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
    stem : str
        What the names of the files begin with; the service's name of the job when left out.
    """

    folder: str = ""
    paste_back: bool = False
    webhook: str = ""
    stem: str = ""


@dataclass(frozen=True)
class Kept:
    """The files of the jobs of the ledger at `ledger`.

    Raises
    ------
    OutputError
        If one cannot be written.
    """

    ledger: Path

    def put(
        self, ref: str, mask: bytes, parent: bytes, wishes: Wishes, models: Sequence[str] = ()
    ) -> None:
        """Keep them, whole and on the disk; what was kept of the same row is replaced.

        The models stay those that made the mask first: it is the same mask.
        """
        own = self._read(ref)
        if parent and (not own or self.parent(ref) != parent):
            files.write(self._place(ref, ".parent"), parent)
        known = {name: own.get(name) for name in ("drifts", "delivered")}
        known["models"] = own.get("models") or list(models)
        told = known | {"mask": base64.b64encode(mask).decode("ascii"), **asdict(wishes)}
        if told != own:
            self._write(ref, told)

    def has(self, ref: str) -> bool:
        """Whether something is kept of the row."""
        return bool(self._told(ref))

    def mask(self, ref: str) -> bytes:
        """The mask of the job.

        Raises
        ------
        LedgerError
            If it is not there any more.
        """
        if text := self._told(ref).get("mask"):
            return base64.b64decode(text)
        raise LedgerError(
            f"The mask of job {ref[:12]} is not in {self._place(ref, '.json').parent} any more; "
            "make the job anew: it was not sent."
        )

    def parent(self, ref: str) -> bytes:
        """The parent's picture; empty where it is not kept."""
        for name in dict.fromkeys((ref, _first(ref))):
            with suppress(OSError):
                return self._place(name, ".parent").read_bytes()
        return b""

    def models(self, ref: str) -> tuple[str, ...]:
        """The models that made the mask, as in `Mask.models`; none where it took none."""
        return tuple(self._told(ref).get("models") or ())

    def wishes(self, ref: str) -> Wishes:
        """What is wanted of the results."""
        told = self._told(ref)
        folder, webhook = str(told.get("folder", "")), str(told.get("webhook", ""))
        return Wishes(folder, told.get("paste_back") is True, webhook, str(told.get("stem", "")))

    def wish(self, ref: str, **news: Any) -> None:
        """Change what is wanted of the results."""
        self._write(ref, self._told(ref) | asdict(replace(self.wishes(ref), **news)))

    def drifts(self, ref: str) -> tuple[Drift, ...]:
        """How far each delivered result left the parent; none where that was not found out."""
        return tuple(Drift(*pair) for pair in self._told(ref).get("drifts") or [])

    def is_delivered(self, ref: str, wishes: Wishes) -> bool:
        """Whether the results were last written as `wishes` has it."""
        return self._told(ref).get("delivered") == [wishes.folder, wishes.paste_back]

    def note_delivery(self, ref: str, wishes: Wishes, drifts: Sequence[Drift]) -> None:
        """Keep how the results were written, and what was found out about them."""
        found = [(each.share, each.mean) for each in drifts]
        done = {"delivered": [wishes.folder, wishes.paste_back], "drifts": found}
        self._write(ref, self._told(ref) | done)

    def drop_parent(self, ref: str) -> None:
        """Let go of the parent's picture, which is the large part."""
        with suppress(OSError):
            self._place(ref, ".parent").unlink()

    def _place(self, ref: str, ending: str) -> Path:
        folder = self.ledger.with_name(f"{self.ledger.name}-files")
        return folder / ref[:2] / f"{ref}{ending}"

    def _told(self, ref: str) -> dict[str, Any]:
        own = self._read(ref)
        if own or ref == _first(ref):
            return own
        shared = self._read(_first(ref))
        return {name: shared[name] for name in _ASKED if name in shared}

    def _read(self, ref: str) -> dict[str, Any]:
        try:
            told = json.loads(self._place(ref, ".json").read_bytes())
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def _write(self, ref: str, told: dict[str, Any]) -> None:
        files.write(self._place(ref, ".json"), json.dumps(told).encode())


# what the rows of one key may share
_ASKED = ("mask", "models", "folder", "paste_back", "webhook", "stem")


def _first(ref: str) -> str:
    """The ref of the first row of the same key."""
    return ref.partition(".")[0]
