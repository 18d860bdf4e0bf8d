"""Arguments and options that several commands take."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING, Any

import click

from automask.cli import talk
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


class PlainText(ParamType):
    """Text that can be sent and written down; the shell may hand over bytes that are none."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`value` itself."""
        if not isinstance(value, str):
            return value
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail(f"{talk.named(value)!r} has bytes that are no UTF-8 text.", param, ctx)
        return value


class Name(PlainText):
    """Text that names something, without the blanks around it that copying leaves."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`value` without blanks at its ends."""
        name = super().convert(value, param, ctx).strip()
        return name or self.fail("it is empty; give the name of one.", param, ctx)


class Credits(ParamType):
    """A number of credits, 0 or more."""

    name = "credits"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number that `value` writes; neither "nan", which compares with nothing, nor "inf"."""
        import math

        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and number >= 0):
            self.fail(f"{talk.named(value)!r} is no number of credits, 0 or more.", param, ctx)
        return number


class Words(click.Group):
    """A group that says how to show one thing, where its name alone is given."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command and its arguments."""
        name, way = args[0], f"automask {self.name}"
        if name not in self.commands and not name.startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name, self.commands, 1, 0.8)  # not last for list
            if near:
                raise click.UsageError(f"Did you mean `{way} {near[0]}`?", ctx)
            raise click.UsageError(f"Write `{way} show {name}` for one, `{way}` for all.", ctx)
        return super().resolve_command(ctx, args)


prompt_option = click.option(
    "--prompt", default="", metavar="TEXT", type=PlainText(), help="What to paint there, in words."
)
budget_option = click.option(
    "--budget", type=Credits(), metavar="CREDITS",
    help="Submit nothing that takes this command beyond it.",
)  # fmt: skip
paste_option = click.option(
    "--paste-back", is_flag=True,
    help="Put the picture's own pixels back outside the mask, with a soft seam.",
)  # fmt: skip
upscale_option = click.option(
    "--upscale", type=click.IntRange(1, 4), metavar="N",
    help="Upscale picture N of a grid first, 1 to 4; paid.",
)  # fmt: skip
feather_option = click.option(
    "--feather", type=LengthText(), metavar="LENGTH",
    help="Soften the edge over 4px, or 1% of the shorter side (png, cutout).",
)  # fmt: skip
rule_argument = click.argument("rule", type=RuleText())
# click would stop at the first file without the right to read it; images.load says what is wrong.
_image = click.Path(readable=False)
image_argument = click.argument("image", type=_image)
images_argument = click.argument("images", metavar="IMAGE...", nargs=-1, required=True, type=_image)
json_option = click.option(
    "as_json", "--json", is_flag=True, help="Print the result as JSON.",
    callback=lambda ctx, _, here: here or bool(ctx.parent and ctx.parent.params.get("as_json")),
)  # fmt: skip
lines_option = click.option(
    "as_lines", "--nl", is_flag=True, help="Print the result as JSON, one object a line."
)


def read_rule(text: str) -> Rule:
    """The rule that `text` writes, its named rules put in.

    Raises
    ------
    RuleError
        If it is not a rule; where it is a file instead, the message says in which order to write,
        and where it is a phrase, how the shell lets its quotes through.
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
        raise _as_phrase(text, error) from None


def _as_phrase(text: str, error: RuleError) -> RuleError:
    """The error, with what to write where `text` is a phrase that lost its quotes to the shell."""
    from automask.selector.spelling import is_bare_phrase

    if error.text != text or not is_bare_phrase(text):
        return error
    inner = f"'{text}'" if "'" not in text else f'\\"{text}\\"'
    offer = f'As a phrase it takes quotes inside those of the shell: "{inner}".'
    return RuleError(error.message, text, error.position, offer)


def read_image(source: str) -> Image:
    """The picture at `source`: a path, an address, "-" for stdin.

    What its decoder complains of while it decodes is said as a warning: a picture that lost some of
    its data looks whole, apart from a grey or shifted part.

    Raises
    ------
    ImageError
        If it cannot be read as a picture.
    """
    from automask import images

    with talk.overheard() as complaints:
        image = images.load(source)
    if complaints:
        talk.warn(f"{talk.named(source)} may be damaged: {'; '.join(complaints[:3])}")
    return image


def refuse_both(as_json: bool, as_lines: bool) -> None:
    """Raise `ArgumentError` if both kinds of JSON are asked for."""
    if as_json and as_lines:
        raise ArgumentError("--json and --nl print the same in two ways; give one of them.")


def files_of(rule: Rule) -> list[str]:
    """The files that `rule` reads, such as the one of ``mask("sky.png")``."""
    from automask.selector.syntax import Find, walk

    found = [getattr(p.strategy, "path", None) for p in walk(rule) if isinstance(p, Find)]
    return [path for path in found if isinstance(path, str)]
