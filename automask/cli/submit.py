"""``automask submit``: a mask that is there already, for a picture that the service keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from automask.cli import boundary, options, submitting, talk

if TYPE_CHECKING:
    from automask.types import Mask


@click.command("submit")
@click.option(
    "--message-id", required=True, metavar="ID", type=options.Name(),
    help="The service's name of the picture to edit.",
)  # fmt: skip
@click.option(
    "--mask", "source", required=True, metavar="FILE", type=click.Path(),
    help="What to repaint, in white, of the very size of that picture; - for stdin.",
)  # fmt: skip
@options.prompt_option
@click.option(
    "--provider", default="imaginepro", show_default=True, metavar="NAME", help="Who repaints."
)
@options.paste_option
@submitting.paid_options
@click.option("-o", "--output", "out", metavar="DIR", help="Where to write the results; here.")
@options.json_option
def submit(message_id: str, source: str, **how: Any) -> int:
    """Have the white part of a mask repainted in a picture that the service keeps.

    The same job is paid once, however often it is asked for. Without --wait the job is left
    running; `automask jobs wait` fetches its results.
    """
    with boundary.about(source):
        mask = _mask(source)
    return submitting.submit(message_id, mask, **how)


def _mask(source: str) -> Mask:
    from automask.errors import ImageError, NothingSelected
    from automask.types import Mask

    image = options.read_image(source)
    name = "The standard input" if source == "-" else talk.named(source)
    if image.alpha is not None and not (image.alpha == 255).all():
        raise ImageError(
            f"{name} is transparent in places, which may mean either; give a mask of opaque black "
            "(keep) and white (repaint), such as `automask mask` writes."
        )
    gray = image.gray
    if not ((gray == 0) | (gray == 255)).all():
        raise ImageError(
            f"{name} has other values than 0 and 255; give a mask of pure black (keep) and "
            "white (repaint), such as `automask mask` writes."
        )
    if not gray.any():
        raise NothingSelected(
            f"{name} is black all over, so there is nothing to repaint; nothing was sent."
        )
    return Mask(gray == 255, source=source)
