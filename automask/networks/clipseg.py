"""CLIPSeg: how much each place of a picture is what some words describe."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from automask.errors import ModelError
from automask.networks.net import Floats, net
from automask.networks.shared import LOADING
from automask.networks.squares import stretched
from automask.types import Image, Pixels, read_only
from automask.weights import Weights

SIDE_PX = 352
MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet, RGB, 0 .. 1
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
START, END = 49406, 49407  # the tokens around each text
MOST_TOKENS = 77  # of one text, those two included: what CLIP was trained with
AT_ONCE = 8  # texts in one run of the network: each takes the memory of a picture


def heat_maps(
    image: Image, texts: Sequence[str], weights: Weights, tokens: Weights
) -> dict[str, Floats]:
    """How much each place is what each of `texts` describes, 0 .. 1; float32 of shape (352, 352).

    Each map covers the whole picture, whatever its proportions. A text is computed once an image,
    and those that are missing together.

    Parameters
    ----------
    weights, tokens : Weights
        Of the network, and of the tokenizer that goes with it.

    Raises
    ------
    ModelError
        If a file is not what it should be, or a library for it is not installed.

    Notes
    -----
    Lüddecke, Ecker: "Image segmentation using text and image prompts", CVPR 2022.
    """
    kept: dict[str, Floats] = image.once(("phrases", weights.path), dict)
    missing = [text for text in dict.fromkeys(texts) if text not in kept]
    for start in range(0, len(missing), AT_ONCE):
        some = missing[start : start + AT_ONCE]
        kept |= zip(some, _run(image.rgb, some, weights, tokens), strict=True)
    return {text: kept[text] for text in texts}


def _run(rgb: Pixels, texts: Sequence[str], weights: Weights, tokens: Weights) -> list[Floats]:
    ids, attention = _numbered(texts, tokens.path)
    pixels = np.repeat(_blob(rgb), len(texts), axis=0)
    given = {"pixel_values": pixels, "input_ids": ids, "attention_mask": attention}
    (logits,) = net(weights).run(given, ["logits"])
    sure = np.clip(logits.reshape(len(texts), SIDE_PX, SIDE_PX), -30, 30).astype(np.float32)
    return [read_only(each) for each in 1 / (1 + np.exp(-sure))]


def _blob(rgb: Pixels) -> Floats:
    scaled = (stretched(rgb, SIDE_PX).astype(np.float32) / 255 - MEAN) / DEVIATION
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def _numbered(texts: Sequence[str], path: Path) -> tuple[Any, Any]:
    """The token ids and where they count, int64 of shape (texts, tokens of the longest)."""
    with LOADING:
        tokenizer = _tokenizer(path)
    rows = [_framed(tokenizer.encode(text).ids) for text in texts]
    longest = max(map(len, rows))
    ids = np.full((len(rows), longest), END, np.int64)
    attention = np.zeros_like(ids)
    for line, row in enumerate(rows):
        ids[line, : len(row)] = row
        attention[line, : len(row)] = 1
    return ids, attention


def _framed(ids: Sequence[int]) -> list[int]:
    """The ids between the two tokens that CLIP expects, whether the tokenizer sets them or not."""
    inner = [number for number in ids if number not in (START, END)]
    return [START, *inner[: MOST_TOKENS - 2], END]


@lru_cache(4)
def _tokenizer(path: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise ModelError(
            "Phrases need tokenizers, which is not installed: pip install 'automask[phrase]'."
        ) from None
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # its errors are made in Rust and have no class of their own
        raise ModelError(f"{path} is no tokenizer that can be read: {error}.") from error
