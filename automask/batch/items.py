"""One picture of a batch, and what is wanted of all of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, Self

from automask.errors import ArgumentError

OnEmpty = Literal["review", "skip", "fail", "full"]


@dataclass(frozen=True)
class Item:
    """One picture of a batch; what is "" or 0 comes from the batch's `Options`.

    Parameters
    ----------
    name : str
        Its place in the output tree, with slashes: "a/x.jpg". No two items have the same.
    image : str
        Where it is: a path or an address; "" where a service keeps it.
    message_id : str
        The service's name of it; "" where it is here.
    rule, prompt, ref, provider : str
    upscale : int
        The picture of a grid to upscale first, 1 to 4.
    sha256 : str
        The hash that its bytes must have, in hex; "" takes any. A plan that was looked at is done
        with the pictures that were looked at.
    instead, instead_of : str
        The rule by which a person had it done again, and the one that this was instead of: it
        holds as long as the picture is listed with that one.
    """

    name: str
    image: str = ""
    message_id: str = ""
    rule: str = ""
    prompt: str = ""
    ref: str = ""
    provider: str = ""
    upscale: int = 0
    sha256: str = ""
    instead: str = ""
    instead_of: str = ""

    def as_json(self) -> str:
        """The fields that are set, as JSON; in ASCII, since names of files may be no text."""
        return json.dumps({k: v for k, v in vars(self).items() if v})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The item that `as_json` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True)
class Options:
    """What is wanted of every picture of a batch.

    Parameters
    ----------
    rule : str
        In canonical form, its named rules put in.
    provider : str
        Who repaints; "" makes masks only.
    prompt, ref : str
    upscale : int
    paste_back : bool
    on_empty : "review", "skip", "fail" or "full"
        What happens where the rule selects nothing.
    limit : str
        Arguments of the filter `limit`, such as "area=1%..60%"; a mask outside goes to review.
    format : str
        How masks are written: a key of `automask.images.encode.FORMATS`.
    feather : str
        A length; "" for a hard border.
    preview, sidecar, rest : bool
        Also write the overlay, the facts as JSON, the mask of everything else.
    layout : str
        Trees for other tools: keys of `automask.batch.layouts.LAYOUTS` with commas between.
    scale : int
        1, 2 or 4: the rule is computed on a picture so many times smaller on each side.
    out : str
        Where the results go, a path or an address; "" is beside the record.
    """

    rule: str = ""
    provider: str = ""
    prompt: str = ""
    ref: str = ""
    upscale: int = 0
    paste_back: bool = False
    on_empty: OnEmpty = "review"
    limit: str = ""
    format: str = "png"
    feather: str = ""
    preview: bool = False
    sidecar: bool = False
    rest: bool = False
    layout: str = ""
    scale: int = 1
    out: str = ""

    def completed(self, item: Item) -> Item:
        """`item` with what it leaves to the options, and with the rule that it is done by."""
        rule = item.rule or self.rule
        return replace(
            item,
            rule=item.instead if item.instead and item.instead_of == rule else rule,
            instead="",
            instead_of="",
            prompt=item.prompt or self.prompt,
            ref=item.ref or self.ref,
            provider=item.provider or self.provider,
            upscale=item.upscale or self.upscale,
        )

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """The options that `as_json` wrote.

        Raises
        ------
        ArgumentError
            If one is unknown, as those of a newer automask are, or of another type.
        """
        usual = cls()
        for name, value in told.items():
            if name not in asdict(usual):
                raise ArgumentError(f"there is no option {name!r} here; update automask.")
            kind = type(getattr(usual, name))
            if type(value) is not kind:
                raise ArgumentError(f"{name} cannot be {value!r}; it is a {kind.__name__}.")
        return cls(**told)

    def results(self, beside: Path) -> str:
        """The path or address of the results of the batch whose record is in `beside`."""
        return self.out or str(beside)

    def as_json(self) -> dict[str, Any]:
        """The options that are not the usual ones."""
        usual = type(self)()
        pairs = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in pairs if value != getattr(usual, name)}
