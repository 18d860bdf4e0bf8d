"""One image of ``automask mask``: load, select, write, and say what became of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from automask import selection
from automask.cli import boundary, options, outputs, talk
from automask.cli.outcome import EMPTY, STATUS, Outcome
from automask.errors import NothingSelected
from automask.images import encode, files, preview
from automask.types import Image, Mask

if TYPE_CHECKING:
    from automask.selector.syntax import Rule
    from automask.values import Quantity


@dataclass(frozen=True)
class Masking:
    """What is done to each image; the fields are the options of the command."""

    rule: Rule
    format: str
    read: tuple[str, ...]
    feather: Quantity | None
    preview: bool
    sidecar: bool
    on_empty: str
    stored_orientation: bool

    def one(self, source: str, place: Path | None) -> Outcome:
        """What became of `source`, whose mask goes to `place`; None is stdout.

        Whatever goes wrong is said on stderr, and the next image has its turn.
        """
        try:
            return self._written(source, place)
        except BrokenPipeError:
            raise
        except NothingSelected as error:
            return self._empty(source, error)
        except Exception as error:  # noqa: BLE001  (one bad image never stops the others)
            code = boundary.failure(error, source)
            text = boundary.message(error)
            return Outcome(source, code, STATUS.get(code, "failed"), error=text)

    def _written(self, source: str, place: Path | None) -> Outcome:
        image = options.read_image(source)
        mask = self._filled(selection.mask(image, self.rule), source)
        data = encode.encode(
            mask,
            self.format,
            feather_px=self.feather.of(image.shorter) if self.feather else 0.0,
            image=image,
            stored_orientation=self.stored_orientation,
            notes=self.format in ("png", "cutout"),  # not where it is made to be sent on
        )
        outcome = _outcome(source, mask, place)
        if place is None:
            talk.put_bytes(
                data, text=outputs.FORMATS[self.format].endswith((".b64", ".txt", ".json"))
            )
            return outcome
        return self._saved(outcome, place, data, image, mask)

    def _filled(self, mask: Mask, source: str) -> Mask:
        """The mask itself, or all of the picture where it is empty and that is wanted."""
        if mask.area:
            return mask
        why = selection.nothing(self.rule, mask.shape)
        if self.on_empty != "full":
            raise NothingSelected(f"{why}; no mask was written")
        talk.warn(f"{talk.named(source)}: {why}, so all of it was selected")
        rule = str(self.rule.otherwise("all"))
        return dataclasses.replace(mask, array=np.ones(mask.shape, bool), rule=rule)

    def _empty(self, source: str, error: NothingSelected) -> Outcome:
        if self.on_empty == "skip":
            talk.say(f"{talk.named(source)}: {error}")
            return Outcome(source, status=STATUS[EMPTY], area=0)
        code = boundary.failure(error, source)
        return Outcome(source, code, STATUS[EMPTY], area=0, error=str(error))

    def _saved(
        self, outcome: Outcome, place: Path, data: bytes, image: Image, mask: Mask
    ) -> Outcome:
        overlay = outputs.companion(place, ".preview.jpg") if self.preview else None
        sidecar = place.with_name(place.name + ".json") if self.sidecar else None
        outputs.refuse_inputs(self.read, [overlay, sidecar])
        if overlay:
            files.write(overlay, encode.encode_pixels(preview.overlay(image, mask), ".jpg"))
        if sidecar:
            files.write(sidecar, encode.sidecar(mask))
        files.write(place, data)
        names = f"{talk.named(outcome.image)} -> {talk.named(str(place))}"
        talk.say(f"{names}  {talk.percent(outcome.coverage)} selected")
        return dataclasses.replace(
            outcome,
            preview=str(overlay) if overlay else None,
            sidecar=str(sidecar) if sidecar else None,
        )


def _outcome(source: str, mask: Mask, place: Path | None) -> Outcome:
    box = mask.box
    return Outcome(
        source,
        output=outputs.STDIO if place is None else str(place),
        width=mask.shape[1],
        height=mask.shape[0],
        area=mask.area,
        box=box,
        models=mask.models,
    )
