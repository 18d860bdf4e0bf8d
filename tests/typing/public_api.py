"""How the public API is used, for the type checker alone: nothing runs this file."""

from __future__ import annotations

from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import automask
from automask import Box, Image, Mask, Region, Rule


def uses() -> None:
    """Never called: what matters is what the type checker says of it."""
    picture: NDArray[np.uint8] = np.zeros((4, 6, 3), np.uint8)

    mask = automask.mask("photo.jpg", "face:largest:grow(10%)")
    assert_type(mask, Mask)
    assert_type(mask.array, NDArray[np.bool_])
    assert_type(mask.box, Box | None)
    assert_type(mask.coverage, float)

    people = automask.rule("person") - automask.rule("face").grow("5%")
    assert_type(people, Rule)
    assert_type(people | automask.rule.color("red", tol=0.12), Rule)
    assert_type("face" | people, Rule)
    assert_type(~people[0], Rule)
    assert_type(people[1:3].otherwise("all"), Rule)
    assert_type(str(people), str)

    found = automask.regions(picture, people)
    assert_type(found, list[Region])
    assert_type(found[0].box, Box)
    assert_type(found[0].box.width, int)
    assert_type(found[0].mask, NDArray[np.bool_])

    loaded = automask.load("photo.jpg")
    assert_type(loaded, Image)
    assert_type(loaded.rgb, NDArray[np.uint8])
    assert_type(automask.mask(loaded, people).area, int)

    result = automask.run(picture, people, prompt="")
    assert_type(result.mask, Mask)
    assert_type(result.rgb, NDArray[np.uint8])

    try:
        automask.rule("face and hair")
    except automask.RuleError as error:
        assert_type(error.position, int)
