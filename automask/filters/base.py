"""The contract of a filter: a named way to choose or change regions.

Like a strategy, a filter is a frozen dataclass whose fields are its arguments. A field annotated
`Operand` holds another rule; ``scene.regions(self.other)`` evaluates it on the same image.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from automask.arguments import check_class
from automask.registry import Registry
from automask.types import Bits, Image, Region

if TYPE_CHECKING:
    from automask.weights import Weights


class Scene(Protocol):
    """What a filter may ask about besides its regions."""

    @property
    def image(self) -> Image:
        """The image that the rule is evaluated on."""

    def regions(self, rule: Any) -> list[Region]:
        """The regions that another rule selects in this image."""

    def pixels(self, rule: Any) -> Bits:
        """The union of what another rule selects, bool of shape (H, W); do not write to it."""


@dataclass(frozen=True)
class Filter(ABC):
    """A way to choose among regions or to change them.

    Attributes
    ----------
    name : str
        The name in rules; set by the registry.
    group : str
        The heading it stands under in lists: pick, keep if, relate, shape, group, guard.
    example : str
        A rule that uses it, for the documentation and the contract tests.
    distributes : bool
        Whether the union of the filtered regions is the filtered union (growing is like that,
        shrinking is not). Then it runs once where only the pixels are wanted.
    keeps_count : bool
        Whether it always gives as many regions as it is given, so that they can be counted
        without it.
    reducible : bool
        Whether it does about the same to the regions of a picture that was made a few times
        smaller: false where it counts regions, or looks at the edges in the picture. Where that
        depends on what it is given, `irreducible` says so.
    """

    name: ClassVar[str]
    group: ClassVar[str] = "other"
    example: ClassVar[str] = ""
    distributes: ClassVar[bool] = False
    keeps_count: ClassVar[bool] = False
    reducible: ClassVar[bool] = True

    @abstractmethod
    def apply(self, regions: Sequence[Region], scene: Scene) -> list[Region]:
        """The regions that are kept or made; an empty list is normal."""

    def irreducible(self) -> str:
        """Why it does something else to the regions of a smaller picture; "" where it does not."""
        return "" if self.reducible else f"{self.name} needs the whole picture."

    def weights(self) -> tuple[Weights, ...]:
        """The files of the models that `apply` may use on this machine, whatever it is given."""
        return ()

    def took_part(self, regions: Sequence[Region], image: Image) -> tuple[Weights, ...]:  # noqa: ARG002
        """Those of `weights` that ran for what `apply` makes of `regions`, for masks and reports.

        It is not asked where there are none. All, for a filter that uses all for every region.
        """
        return self.weights()


FILTERS: Registry[Filter] = Registry(
    "filter", "automask.filters", lambda cls: check_class(cls, Filter)
)
