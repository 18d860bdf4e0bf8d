"""The contract of a strategy: a named way to find regions in an image.

A strategy is a frozen dataclass in a file of its own in this folder. Its fields are its arguments
(`automask.kinds` says which annotations there are), which gives parsing, checking, help and
equality. It knows nothing of rules, services or records::

    @STRATEGIES.register("stripes")
    @dataclass(frozen=True)
    class Stripes(Strategy):
        \"\"\"Every other stripe of the image.\"\"\"

        width: Length

        def find(self, image: Image) -> list[Region]: ...

A strategy that judges pixels one by one derives from `PixelStrategy` instead and only says which
pixels it selects.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from automask import maskops
from automask.arguments import check_class
from automask.registry import Registry
from automask.types import Bits, Image, Region

if TYPE_CHECKING:
    from automask.weights import Weights


@dataclass(frozen=True)
class Strategy(ABC):
    """A way to find regions in an image.

    Attributes
    ----------
    name : str
        The name in rules; set by the registry.
    group : str
        The heading it stands under in lists: colour, shape, what stands out, things, words, files.
    example : str
        A rule that uses it, for the documentation and the contract tests.
    needs : str
        What it cannot run without ("a face detection model"); empty when it needs nothing.
    models : tuple of str
        The models that would do, the best first (`automask.weights`); empty when it needs none.
    reducible : bool
        Whether it finds about the same on a picture that was made a few times smaller.
    """

    name: ClassVar[str]
    group: ClassVar[str] = "other"
    example: ClassVar[str] = ""
    needs: ClassVar[str] = ""
    models: ClassVar[tuple[str, ...]] = ()
    reducible: ClassVar[bool] = False

    @abstractmethod
    def find(self, image: Image) -> list[Region]:
        """The regions in reading order (`automask.types.reading_order`); an empty list is normal.

        The image is read-only. The same image and arguments always give the same regions.
        """

    def weights(self) -> tuple[Weights, ...]:
        """The files of the models that `find` may use on this machine, whatever the image."""
        return ()

    def took_part(self, image: Image) -> tuple[Weights, ...]:  # noqa: ARG002
        """Those of `weights` that ran for what `find` gives on `image`, for masks and reports.

        It is asked after `find`. All of them, for a strategy that looks at every image with all.
        """
        return self.weights()

    def is_outside(self, shape: tuple[int, int]) -> bool:  # noqa: ARG002
        """Whether the place that it is about lies outside of an image of `shape` (H, W).

        It finds nothing there, and people are told why. Never, for what is about no place.
        """
        return False

    @classmethod  # noqa: B027  (most have nothing to share)
    def together(cls, image: Image, strategies: Sequence[Strategy]) -> None:
        """Compute at once what several of this class need that are all evaluated on `image`.

        For models that are quicker that way; `find` takes what is there. Nothing by default.
        """


@dataclass(frozen=True)
class PixelStrategy(Strategy):
    """A strategy that judges pixels; its regions are the connected parts of what it selects."""

    @abstractmethod
    def select(self, image: Image) -> Bits:
        """The selected pixels, bool of shape (H, W)."""

    def find(self, image: Image) -> list[Region]:
        """The 8-connected parts of the selected pixels, in reading order."""
        return self.parts(self.select(image))

    def parts(self, selected: Bits) -> list[Region]:
        """The regions of the `selected` pixels, bool of shape (H, W)."""
        return maskops.split(selected, label=self.name, source=self.name)


STRATEGIES: Registry[Strategy] = Registry(
    "strategy", "automask.strategies", lambda cls: check_class(cls, Strategy)
)
