"""Which of the eleven basic colour words people use for a colour.

The words are those of B. Berlin and P. Kay, "Basic Color Terms" (1969). A colour's name is the
largest of eleven quadratic forms over CIELAB: a multinomial logistic regression of people's
answers, so that a word is a region with curved borders and not a distance from one point. The
coefficients were fitted to

* the shares of names that English speakers gave the colours of each bin of 10 CIELAB units, from
  Y. Kim, K. Thayer, G. S. Gorsky and J. Heer, "Color Names Across Languages" (EuroVis 2019), weight
  1 a bin;
* the colours of the xkcd colour survey (R. Munroe, 2010) whose name ends in a basic word, weight
  0.1 each;
* 16 greys from black (below L* 16) to white (from L* 90), weight 0.5 each.

Every colour has exactly one of the names: teal, cream or tan go to the nearest basic word.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from automask.colours.cells import lab_of_cells, look_up
from automask.types import Bits, Image
from automask.values import Colour

# One row a name. The columns multiply 1, l, a, b, ll, aa, bb, la, lb, ab, where l = L*/100 - 0.5,
# a = a*/100, b = b*/100.
_FORMS: dict[str, tuple[float, ...]] = {
    "black": (0, -15.8, -6.5, 0.7, 8.6, 0.4, 0.6, 3.1, 0.1, -1),
    "white": (-1.2, 9.2, 0.3, -3, 6.3, -1.8, -1.7, 0.8, -1.5, 0.4),
    "red": (-2.7, -4.7, 12.6, 5.1, -1.3, 8.4, -1.7, -3.4, -3.8, 8),
    "green": (2, -3.6, -23.1, 6.3, 0.2, 1.4, 2.2, -0.5, 1.9, -4),
    "yellow": (-4.8, 8.8, -1.1, 9.6, 5.8, -0.4, 9.1, -0.4, 7.8, -1.5),
    "blue": (1.5, -1.4, -19.9, -20.7, 6.5, 8.3, 8.6, -9.5, 4.7, -2.4),
    "brown": (2.7, -5.7, 5.3, 12, -5.1, -11.4, -3.3, -5.5, -4.9, -0.2),
    "orange": (-3, 4.6, 11, 9.8, -2.5, -2.8, 4.9, 5.6, 2.8, 7),
    "pink": (-1.2, 10.8, 17.4, -3.2, -4.1, 5.8, -7.6, 12.6, 0.8, -2.8),
    "purple": (1.7, -1.6, 11.6, -13.6, -5.8, -1.2, -2.1, -3.7, -6, -3.1),
    "grey": (5, -0.7, -7.5, -3, -8.7, -6.8, -8.9, 1, -1.9, -0.4),
}
BASIC = tuple(_FORMS)
"""The eleven basic colour words, in the order of their numbers."""


def is_basic(colour: Colour) -> bool:
    """Whether `colour` is written as a basic word; "gray" is "grey"."""
    return _british(colour.text) in BASIC


def named(image: Image, colour: Colour) -> Bits:
    """The pixels that people call by the basic word `colour`, bool of shape (H, W)."""
    # Comparing costs a twentieth of the look-up, so a second word in a rule is nearly free.
    numbers = image.once("colour names", lambda: look_up(image, table()))
    called: Bits = numbers == BASIC.index(_british(colour.text))
    return called


@cache
def table() -> NDArray[np.uint8]:
    """The number of the basic word for the middle of each cell, uint8 of shape (32768,)."""
    l, a, b = (lab_of_cells().T / 100 - (0.5, 0, 0)).T  # noqa: E741  (as in the formula)
    terms = np.stack([np.ones_like(l), l, a, b, l * l, a * a, b * b, l * a, l * b, a * b])
    forms = np.array(list(_FORMS.values()))
    names: NDArray[np.uint8] = (forms @ terms).argmax(axis=0).astype(np.uint8)
    return names


def _british(word: str) -> str:
    return "grey" if word == "gray" else word
