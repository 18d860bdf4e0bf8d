"""``automask sandbox``: a stand-in of the paid service on this machine."""

from __future__ import annotations

import shlex
import signal
import time
from typing import TYPE_CHECKING, Any

import click

from automask.cli import boundary, talk
from automask.cli.outcome import DONE

if TYPE_CHECKING:
    from automask.testing.sandbox import Sandbox

LOOK_S = 0.5  # how often it looks whether it is to stop, where signals do not wake it


@click.command("sandbox")
@click.option("--port", default=0, metavar="N", help="Where to listen on 127.0.0.1; any free one.")
@click.option(
    "--parent", "parents", multiple=True, metavar="PICTURE", type=click.Path(),
    help="Register a finished upscale with PICTURE; may be repeated.",
)  # fmt: skip
@click.option(
    "--grid", "grids", multiple=True, metavar="PICTURE", type=click.Path(),
    help="The same as a grid of four, which has to be upscaled first.",
)  # fmt: skip
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME[=VALUE]",
    help="What is to go wrong, with CALL: before it for other calls than submit; repeatable.",
)  # fmt: skip
@click.option(
    "--fault-share", default=1.0, metavar="SHARE", help="In which share of the calls, 0 to 1."
)
@click.option("--list-faults", is_flag=True, help="List the faults there are, and stop.")
@click.option(
    "--time-scale", default=0.1, show_default=True, metavar="X",
    help="1 as slow as the service, 0 done at once.",
)  # fmt: skip
@click.option("--credits", default=10_000, show_default=True, metavar="N", help="To begin with.")
@click.option(
    "--pictures", default="4", show_default=True, type=click.Choice(["1", "4"]),
    help="How many pictures a region edit gives.",
)  # fmt: skip
@click.option("--limits", is_flag=True, help="Enforce the documented rates, with 429.")
@click.option(
    "--shell", "as_shell", is_flag=True,
    help="Print variables for a shell in place of JSON: what automask needs, PARENT and GRID.",
)  # fmt: skip
@click.option("--seed", type=int, metavar="N", help="The same key and message ids every time.")
def sandbox(
    parents: tuple[str, ...],
    grids: tuple[str, ...],
    list_faults: bool,
    pictures: str,
    as_shell: bool,
    **how: Any,
) -> int:
    """Serve a stand-in of the ImaginePro API on this machine.

    Prints its address, its key and the message ids of the pictures as JSON, then serves until
    Ctrl-C. Nothing is paid and nothing leaves the machine.
    """
    from automask.testing.sandbox import Sandbox

    if list_faults:
        return _list_faults()
    with Sandbox(pictures=int(pictures), **how) as served:
        found = {"parents": _registered(served, parents, upscaled=True)}
        found["grids"] = _registered(served, grids, upscaled=False)
        if as_shell:
            talk.put(_variables(served, found))
        else:
            talk.put_json({"url": served.url, "key": served.key, **found})
        talk.flush()
        _wait()
    spent = sum(charge.credits for charge in served.charges)
    talk.say(
        f"sandbox: {len(served.requests)} requests, {len(served.charges)} jobs billed, "
        f"{spent} credits"
    )
    return DONE


def _registered(served: Sandbox, pictures: tuple[str, ...], *, upscaled: bool) -> list[str]:
    names = []
    for picture in pictures:
        with boundary.about(picture):
            names.append(served.add_parent(picture, upscaled=upscaled))
    return names


def _variables(served: Sandbox, found: dict[str, list[str]]) -> str:
    """What a shell sources: where the sandbox is, and the first picture of each sort."""
    wanted = served.environment | {"IMAGINEPRO_LIMITS": "off"}
    first = {"PARENT": found["parents"][:1], "GRID": found["grids"][:1]}
    wanted |= {name: ids[0] for name, ids in first.items() if ids}
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in wanted.items())


def _wait() -> None:
    """Return on Ctrl-C, or when the process is asked to end."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


def _list_faults() -> int:
    from automask.testing.sandbox import FAULTS

    usual = {"": "", "none": "[=VALUE]"}  # others are written as they are
    rows = [
        (name + usual.get(kind.value, f"={kind.value}"), kind.call, kind.about)
        for name, kind in FAULTS.items()
    ]
    talk.put_table(("fault", "call", "what happens"), rows)
    return DONE
