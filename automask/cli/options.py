"""Arguments and options that several commands take."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from automask.errors import ArgumentError, RuleError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from automask.selector.syntax import Rule
    from automask.types import Image

    ParamType = click.ParamType[Any]  # generic since click 8.4 only
else:
    ParamType = click.ParamType


class RuleText(ParamType):
    """The text of a rule; completes the names of strategies."""

    name = "rule"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """The strategies that begin with what is typed."""
        from click.shell_completion import CompletionItem

        from automask.strategies.base import STRATEGIES

        return [CompletionItem(name) for name in STRATEGIES if name.startswith(incomplete)]


class LengthText(ParamType):
    """A length such as ``4px`` or ``1%`` of the shorter side; gives a `Quantity`."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The quantity that `value` writes; a bare number is in pixels."""
        from automask.values import Quantity

        try:
            quantity = value if isinstance(value, Quantity) else Quantity.parse(value)
        except ArgumentError as error:
            self.fail(str(error), param, ctx)
        if quantity.unit == "deg" or quantity.value < 0:
            self.fail(f"{value!r} is not a length; write one such as 4px or 1%.", param, ctx)
        return quantity


rule_argument = click.argument("rule", type=RuleText())
image_argument = click.argument("image", type=click.Path())
images_argument = click.argument(
    "images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path()
)
json_option = click.option("as_json", "--json", is_flag=True, help="Print the result as JSON.")
lines_option = click.option(
    "as_lines", "--nl", is_flag=True, help="Print the result as JSON, one object a line."
)


def read_rule(text: str) -> Rule:
    """The rule that `text` writes, its named rules put in.

    Raises
    ------
    RuleError
        If it is not a rule; where it is a file instead, the message says in which order to write.
    """
    from automask import selection

    try:
        return selection.read_rule(text)
    except RuleError as error:
        if os.path.exists(text):  # noqa: PTH110  (os.path takes any text; Path may refuse)
            raise ArgumentError(
                f"{text} is an existing file, not a rule: the rule comes first, as in "
                f"`automask mask RULE {text}`."
            ) from None
        raise error from None


def read_image(source: str) -> Image:
    """The picture at `source`: a path, an address, "-" for stdin.

    Raises
    ------
    ImageError
        If it cannot be read as a picture.
    """
    from automask import images

    return images.load(source)
