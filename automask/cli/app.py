"""The commands and where they live; none is imported before it is used.

`automask --help` answers from the table below, so that it costs no more than click itself.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from automask.cli import boundary
from automask.version import __version__

# name: the module under automask.cli, and the first sentence of the command's own help.
COMMANDS = {
    "mask": ("mask", "Write the mask of what RULE selects in each IMAGE."),
    "regions": ("regions", "List the regions that RULE selects in IMAGE."),
    "explain": ("explain", "Show how RULE comes to its answer on IMAGE, part by part."),
    "check": ("check", "Print RULE in its canonical form, or say what is wrong with it."),
    "run": ("run", "Repaint what RULE selects in IMAGE, or in a picture of the service."),
    "submit": (
        "submit",
        "Have the white part of a mask repainted in a picture that the service keeps.",
    ),
    "jobs": ("jobs", "The record of paid jobs: look, wait, resume, cancel, reconcile."),
    "account": (
        "account",
        "What is left on the account of the service, and what this machine's record says of it.",
    ),
    "sandbox": ("sandbox", "Serve a stand-in of the ImaginePro API on this machine."),
    "batch": ("batch", "Select by RULE in each picture of INPUT, and have it repainted."),
    "plan": (
        "planning",
        "Print what `automask batch` would do, a line a picture, for `automask apply`.",
    ),
    "apply": ("planning", "Do what is left in PLAN, which `automask plan` wrote; - is stdin."),
    "status": ("status", "Say how far the batch in OUT has come, and what failed."),
    "resume": ("status", "Go on with the batch in OUT, with the options it was begun with."),
    "retry": (
        "status",
        "Do again what failed, or is in review, of the batch in OUT.",
    ),
    "report": (
        "status",
        "Write OUT/report.jsonl and OUT/report.html anew from the record, or those of all shares.",
    ),
    "strategies": ("catalog", "The ways to find regions."),
    "filters": ("catalog", "The ways to choose or change regions."),
    "providers": ("catalog", "The services and engines that repaint."),
    "models": ("models", "The files of weights that strategies use: look, fetch, verify, remove."),
    "plugins": ("plugins", "The installed plugins, also those that failed to load."),
}

ABOUT = """\
Select a region of an image by a text RULE, and have it repainted, hands-free.

\b
  automask mask 'color("red"):largest:grow(8px)' photo.jpg
  automask run 'color("red"):largest' photo.jpg --prompt grass -o new.jpg

Put the rule in single quotes; where the shell still takes ! for its history,
write ~, which means the same. `automask strategies` and `automask filters`
list the words of rules.
"""

EPILOG = """\
\b
Exit codes:
  0    done
  1    failed
  2    asked wrongly: the rule, an option, a setting
  3    the rule selected nothing
  4    finished, but images failed or need review
  130  interrupted

Results go to stdout, everything said about them to stderr; - stands for stdin or stdout.

\b
Completion for bash (for zsh and fish write zsh_source, fish_source):
  eval "$(_AUTOMASK_COMPLETE=bash_source automask)"
"""


class App(click.Group):
    """The group of commands: imports one when it is asked for, and ends the process."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of the commands, the most used first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, its module imported now; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"automask.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command and its arguments; an unknown one is answered with the nearest."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(_unknown(name), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has left early ends it quietly."""
        from automask.cli.listening import listen  # logging is not for --help

        listen()
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return boundary.reader_left()

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> NoReturn:
        """Run the application and leave with its exit code."""
        extra |= {"prog_name": "automask", "standalone_mode": False}
        words = sys.argv[1:] if args is None else args
        sys.exit(boundary.guarded(lambda: super(App, self).main(args, **extra), words))


def _unknown(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, 1)
    if near:
        return f"There is no command {name!r}; did you mean {near[0]!r}?"
    return (
        f"There is no command {name!r}; a rule follows a command, as in `automask mask RULE IMAGE`."
    )


@click.group(
    cls=App,
    help=ABOUT,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.option("--offline", is_flag=True, help="Fetch no models; use those that are here.")
@click.version_option(__version__, message="automask %(version)s")
@click.pass_context
def app(context: click.Context, offline: bool) -> None:
    """Hold the commands; what to say of it stands in `ABOUT`."""
    if offline:
        from automask import weights

        context.with_resource(weights.offline())
