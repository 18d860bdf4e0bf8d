"""Masks in the places and forms in which other tools look for them: `--layout`.

Each is one more tree below the batch's folder; what was found out of each tool from its source:

=========  =======================================================================================
iopaint    ``iopaint run --image DIR --mask DIR``: one folder, without those below it; a mask
           belongs to the picture of the same stem; the picture is not turned by its EXIF
           orientation, and so the mask is as stored; white is repainted.
a1111      AUTOMATIC1111's img2img, Batch, "inpaint batch mask directory" (1.4 and later): one
           folder; the same stem; the picture is turned by its EXIF orientation; white is repainted.
comfy      ComfyUI's Load Image: its MASK is 1 where the picture is transparent, and so is the part
           to repaint; the colours are kept there.
coco       COCO's object detection: one ``annotations.json``, an annotation a region; the masks as
           run lengths, which say holes and parts, as polygons of COCO cannot.
=========  =======================================================================================

Sources: IOPaint ``batch_processing.py``; stable-diffusion-webui ``modules/img2img.py``; ComfyUI
``nodes.py``; cocodataset/cocoapi.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from automask.batch.items import Item
from automask.errors import ArgumentError
from automask.images import encode, rle
from automask.types import Image, Mask, Region

COCO = "coco"


@dataclass(frozen=True)
class Masked:
    """A picture with its mask, from which a layout makes a file.

    Parameters
    ----------
    item : Item
    image : Image
    mask : Mask
    regions : sequence of Region
        What the mask is made of.
    has_twin : bool
        Whether another picture of the batch has this one's name but for the ending.
    """

    item: Item
    image: Image
    mask: Mask
    regions: Sequence[Region] = ()
    has_twin: bool = False


def _iopaint(made: Masked) -> bytes:
    return encode.encode(made.mask, "png", stored_orientation=True)


def _a1111(made: Masked) -> bytes:
    return encode.encode(made.mask, "png")


def _comfy(made: Masked) -> bytes:
    alpha = np.where(made.mask.array, np.uint8(0), np.uint8(255))
    return encode.encode_pixels(np.dstack([made.image.rgb, alpha]), ".png")


def _coco(made: Masked) -> bytes:
    """The annotations of one picture, without the numbers that they get among all of them."""
    regions = made.regions or Region.of(made.mask.array, label="selected")
    found = [_annotation(region, made.image.shape) for region in regions]
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()


def _annotation(region: Region, shape: tuple[int, int]) -> dict[str, Any]:
    box = region.box
    return {
        "category": region.label or "selected",
        "segmentation": {"size": list(shape), "counts": rle.counts(region.mask, box, shape)},
        "area": region.area,
        "bbox": [box.x0, box.y0, box.width, box.height],
        "iscrowd": 0,
    }


LAYOUTS: Mapping[str, Callable[[Masked], bytes]] = MappingProxyType(
    {"iopaint": _iopaint, "a1111": _a1111, "comfy": _comfy, COCO: _coco}
)
_BY_STEM = ("iopaint", "a1111")


def read(names: Sequence[str]) -> str:
    """The value of `Options.layout` for some of `LAYOUTS`, in any order and number.

    >>> read(["coco", "a1111", "coco"])
    'a1111,coco'

    Raises
    ------
    ArgumentError
        If there is no such layout.
    """
    for name in names:
        if name not in LAYOUTS:
            raise ArgumentError(f"There is no layout {name!r}; choose one of {', '.join(LAYOUTS)}.")
    return ",".join(sorted(set(names)))


def needs_stems(layout: str) -> bool:
    """Whether a layout of `layout` knows pictures by their names without the ending."""
    return any(name in _BY_STEM for name in layout.split(","))


def needs_regions(layout: str) -> bool:
    """Whether a layout of `layout` tells the regions of a mask apart."""
    return COCO in layout.split(",")


def outputs(layout: str, made: Masked) -> Iterator[tuple[str, bytes]]:
    """The files that the layouts in `layout` want of a picture: place below the batch's folder."""
    for name in filter(None, layout.split(",")):
        if made.has_twin and name in _BY_STEM:
            continue  # no name for it that is not, or may become, another picture's
        yield f"{name}/{_place(name, made)}", LAYOUTS[name](made)


def _place(layout: str, made: Masked) -> str:
    whole = made.item.name
    if layout == COCO:
        return f"pictures/{whole}.json"
    return f"{stem(made.item) if layout in _BY_STEM else whole}.png"


def stem(item: Item) -> str:
    """The name of a picture without its ending; pictures of a service have none.

    >>> stem(Item("a/x.tar.jpg", "x.tar.jpg")), stem(Item("m.1", message_id="m.1"))
    ('a/x.tar', 'm.1')
    """
    folder, slash, last = item.name.rpartition("/")
    return item.name if item.message_id else folder + slash + Path(last).stem
