"""`color`: the pixels of a colour, by word, CSS name or hex digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from automask import colours
from automask.colours import words
from automask.kinds import ColourName, Share
from automask.strategies.base import STRATEGIES, PixelStrategy
from automask.types import Bits, Image


@STRATEGIES.register("color")
@dataclass(frozen=True)
class Color(PixelStrategy):
    """Pixels of a colour: a basic word, a CSS name or #rrggbb, and what is within `tol` of it.

    A basic word (black white red green yellow blue brown orange pink purple grey) is what people
    call by it, from light to dark; `tol` adds what is near to the CSS colour of that name. Any
    other CSS name, and hex digits, are one point, and `tol` is 12 % unless given. It is a distance
    in CIELAB, in percent of the distance from black to white.
    """

    color: ColourName
    tol: Share | None = None
    group: ClassVar[str] = "colour"
    example: ClassVar[str] = 'color("red", tol=12%)'
    reducible: ClassVar[bool] = True

    def __post_init__(self) -> None:
        words.check(self.color)

    def select(self, image: Image) -> Bits:
        """The pixels of that colour."""
        return colours.select(image, self.color, self.tol)
