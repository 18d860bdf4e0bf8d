"""Which pixels have a colour: a basic word's region, or a distance from one colour.

A pixel is judged by its 15-bit colour where that settles the matter (`automask.colours.cells`), so
a picture costs one look at each pixel, however a colour is described.
"""

from __future__ import annotations

from automask.colours.cells import near
from automask.colours.names import is_basic, named
from automask.colours.words import rgb_of
from automask.types import Bits, Image
from automask.values import Colour

TOLERANCE = 0.12
"""How far from a CSS or hex colour is still that colour, as a share of black to white."""


def select(image: Image, colour: Colour, tol: float | None = None) -> Bits:
    """The pixels of `image` that have `colour`, bool of shape (H, W).

    Parameters
    ----------
    image : Image
    colour : Colour
        One of the eleven basic words means what people call that colour; a CSS name or hex digits
        mean that point and what is within `tol` of it.
    tol : float, optional
        A distance in CIELAB (CIE76) as a share of the distance from black to white. For a basic
        word it adds what is this near to the CSS colour of that name: nothing unless given.
        `TOLERANCE` for all other colours unless given.

    Raises
    ------
    ArgumentError
        If the word is not a colour.
    """
    if not is_basic(colour):
        return near(image, rgb_of(colour), TOLERANCE if tol is None else tol)
    found = named(image, colour)
    return found | near(image, rgb_of(colour), tol) if tol else found
