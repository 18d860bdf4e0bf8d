"""What is done with one picture: addresses in, facts out; it raises nothing.

It runs in a thread of this process or on another machine, knows no record and pays nobody.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automask import pipeline, selection
from automask.batch import layouts, outs
from automask.batch.items import Item, Options
from automask.batch.places import Places
from automask.batch.small import Small, limit_of, rule_of, small
from automask.batch.states import DONE, FAILED, MASKED, REVIEW, SKIPPED
from automask.errors import AutomaskError, ImageError, NeedsReview, NothingSelected
from automask.images import encode, files, preview, sources
from automask.images.header import shown
from automask.images.load import from_bytes
from automask.lazy import cached_property
from automask.providers.base import provider_of
from automask.selector.evaluate import Evaluation
from automask.types import Image, Mask, Region

if TYPE_CHECKING:
    from automask.selector.syntax import Rule

WHOLE_SHARE = 0.98  # a mask of more is the picture itself, or the wrong way round


@dataclass(frozen=True)
class Task:
    """A picture on its way to a worker.

    Parameters
    ----------
    item : Item
        With its rule, prompt and provider put in.
    options : Options
    out : str
        The path or address of the batch's results.
    known : str
        The sha256 of the picture's bytes with which all that is wanted is there already, in hex.
    has_twin : bool
        Whether another picture of the batch has the same name but for its ending.
    accepted : str
        The sha256 of the picture whose mask a person found right, whatever it measures; in hex.
    """

    item: Item
    options: Options
    out: str
    known: str = ""
    has_twin: bool = False
    accepted: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a picture.

    Parameters
    ----------
    name : str
    state : str
        "done", "review", "skipped" (the rule selects nothing), "failed"; "masked" where a paid
        job follows.
    reason : str
        Why it is not done.
    sha256 : str
        The hash of the picture's bytes, in hex; "" where they could not be read.
    unchanged : bool
        Whether it was found done, and nothing was computed; with a `reason` where the picture
        cannot be read any more.
    changed : bool
        Whether the picture has other bytes than were `known`: nothing was computed, since the
        record has to forget those first.
    outputs : tuple of (str, int)
        The files that were written, below the batch's folder, and their sizes in bytes.
    facts : dict
        Size, area, box, regions, models and seconds, for the report.
    no_room : bool
        Whether the disk was full: it would be for the next one as well.
    """

    name: str
    state: str
    reason: str = ""
    sha256: str = ""
    unchanged: bool = False
    changed: bool = False
    outputs: tuple[tuple[str, int], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    no_room: bool = False


def do(task: Task) -> Outcome:
    """What became of the picture of `task`; errors become words."""
    name, sha256 = task.item.name, ""
    try:
        started = time.perf_counter()
        try:
            data = sources.read(task.item.image)
        except ImageError as error:
            if not task.known:
                raise
            return Outcome(name, "", str(error), task.known, unchanged=True)  # done, and then gone
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == task.known:
            return Outcome(name, "", sha256=sha256, unchanged=True)
        if task.item.sha256 not in ("", sha256):
            why = f"{shown(name)} is not the picture that was planned; plan it again."
            return Outcome(name, FAILED, why, sha256)
        if task.known:
            return Outcome(name, "", sha256=sha256, changed=True)
        picture = _Picture(task, data, sha256, small(task.item, task.options, data, sha256))
        picture.seconds["read"] = time.perf_counter() - started
        return picture.outcome()
    except AutomaskError as error:
        return Outcome(name, FAILED, str(error), sha256, no_room=files.is_no_room(error))
    except MemoryError:
        return Outcome(name, FAILED, "There is not enough memory for this picture.", sha256)
    except Exception as error:  # noqa: BLE001  (one bad picture never stops the others)
        why = " ".join(str(error).split())
        return Outcome(name, FAILED, f"Unexpected {type(error).__name__}: {why}", sha256)


@dataclass
class _Picture:
    """The bytes of a picture and what comes of them."""

    task: Task
    data: bytes
    sha256: str
    small: Small | None
    seconds: dict[str, float] = field(default_factory=dict)
    outputs: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places = Places(Path(), self.task.item.name)
        if self.small is None:
            _ = self.image  # it is damaged now, or never

    @cached_property
    def image(self) -> Image:
        """The whole picture."""
        return from_bytes(self.data, self.task.item.name, self.sha256)

    @property
    def known(self) -> Image:
        """What is known of the whole picture but its pixels, which may be black."""
        return self.small.seen.blank if self.small else self.image

    def outcome(self) -> Outcome:
        started, layout = time.perf_counter(), self.task.options.layout
        tree = self.small.tree if self.small else rule_of(self.task.item.rule)
        evaluation = Evaluation(self.small.seen.image if self.small else self.image)
        try:
            array = evaluation.pixels(tree)
            if self.small:
                array = self.small.seen.enlarged(array)
                if not array.any():
                    return self._as_a_whole()
            found = self._found(array, evaluation.models)
            mask = found if found.box else self._filled(found)
            own = None if self.small else found.box  # that of the small mask is not known
            count = evaluation.count(tree, own) if found.box else 0
            regions = evaluation.regions(tree) if layouts.needs_regions(layout) else []
        except NeedsReview as error:
            if self.small:
                return self._as_a_whole()
            return self._review(str(error), None)
        except NothingSelected as error:
            return self._ended(SKIPPED, str(error), None)
        self.seconds["select"] = time.perf_counter() - started
        if why := self._suspicion(mask, evaluation, tree):
            return self._as_a_whole() if self.small else self._review(why, mask)
        state = self._written(mask, regions)
        return self._ended(state, "", mask, count)

    def _as_a_whole(self) -> Outcome:
        """The outcome at full size: what is empty or stopped when it is small may not be so."""
        self.small = None
        return self.outcome()

    def _found(self, array: Any, models: tuple[str, ...]) -> Mask:
        known = self.known
        rule = str(rule_of(self.task.item.rule))
        return Mask(array, rule, models, known.source, self.sha256, known.orientation)

    def _filled(self, empty: Mask) -> Mask:
        """All of the picture, where that is what an empty mask stands for."""
        if self.task.options.on_empty == "full":
            return replace(empty, array=np.ones_like(empty.array), rule=f"{empty.rule} ?? all")
        why = selection.nothing(rule_of(self.task.item.rule), empty.shape)
        what = f"T{why[1:]}."
        match self.task.options.on_empty:
            case "skip":
                raise NothingSelected(what)
            case "fail":
                raise AutomaskError(what)
        raise NeedsReview(what)

    def _suspicion(self, mask: Mask, evaluation: Evaluation, tree: Rule) -> str:
        """Why nobody should act on `mask` without a look; "" where all is well."""
        if self.task.accepted == self.sha256:
            return ""
        if self.task.options.limit:
            limit = limit_of(self.task.options.limit)
            counted = limit.count and evaluation.pixels(tree).any()
            try:  # only a count needs the regions themselves
                given = evaluation.regions(tree) if counted else Region.of(mask.array)
                limit.apply(given, Evaluation(self.known))
            except NeedsReview as error:
                return str(error)
        elif mask.coverage > WHOLE_SHARE and self.task.options.on_empty != "full":
            return f"The mask covers {mask.coverage:.1%} of the picture."
        return ""

    def _written(self, mask: Mask, regions: list[Region]) -> str:
        """The state after the mask was written, and what else is wanted."""
        started = time.perf_counter()
        options = self.task.options
        suffix = encode.suffix(options.format)
        self._write(self.places.mask(suffix), self._encoded(mask))
        if options.rest:
            rest = replace(mask, array=~mask.array, rule=f"!({mask.rule})")
            self._write(self.places.rest(suffix), self._encoded(rest))
        if options.preview:
            self._write(self.places.preview, _overlay(self.image, mask))
        if options.sidecar:
            self._write(self.places.sidecar, encode.sidecar(mask))
        if options.layout:
            made = layouts.Masked(self.task.item, self.image, mask, regions, self.task.has_twin)
            for place, data in layouts.outputs(options.layout, made):
                self._write(Path(place), data)
        self.seconds["write"] = time.perf_counter() - started
        return self._repainted(mask)

    def _repainted(self, mask: Mask) -> str:
        """The state after a free provider has repainted; a paid one has its turn later."""
        item = self.task.item
        if not item.provider:
            return DONE
        engine = provider_of(item.provider)
        if engine.paid:
            return MASKED
        made = pipeline.repainted(
            self.image, mask, engine, prompt=item.prompt, paste_back=self.task.options.paste_back
        )
        picture = encode.encode_picture(made.rgb, ".png", self.image.alpha)
        self._write(self.places.result(), picture)
        self.seconds["repaint"] = made.seconds
        return DONE

    def _encoded(self, mask: Mask) -> bytes:
        from automask.values import Quantity

        options = self.task.options
        feather = Quantity.parse(options.feather).of(self.known.shorter) if options.feather else 0.0
        notes = options.format in ("png", "cutout")
        image = self.image if options.format == "cutout" else None
        return encode.encode(mask, options.format, feather_px=feather, image=image, notes=notes)

    def _review(self, why: str, mask: Mask | None) -> Outcome:
        shown = mask or Mask(np.zeros(self.image.shape, bool))
        self._write(self.places.review_overlay, _overlay(self.image, shown))
        self._write(self.places.review_reason, f"{why}\n".encode())
        return self._ended(REVIEW, why, mask)

    def _write(self, place: Path, data: bytes) -> None:
        text = place.as_posix()
        outs.write(self.task.out, text, data)
        self.outputs.append((text, len(data)))

    def _ended(
        self, state: str, why: str, mask: Mask | None, regions: int | None = None
    ) -> Outcome:
        facts: dict[str, Any] = {"width": self.known.width, "height": self.known.height}
        if self.task.options.scale > 1:
            facts["scale"] = self.small.seen.scale if self.small else 1
        if mask:
            facts |= {"area": mask.area, "box": mask.box, "models": mask.models}
        if regions is not None:
            facts["regions"] = regions
        facts["seconds"] = {name: round(s, 4) for name, s in self.seconds.items()}
        outputs = tuple(self.outputs)
        return Outcome(self.task.item.name, state, why, self.sha256, outputs=outputs, facts=facts)


def _overlay(image: Image, mask: Mask) -> bytes:
    return encode.encode_pixels(preview.overlay(image, mask), ".jpg")
