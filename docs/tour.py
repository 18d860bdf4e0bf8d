"""Run the examples of a Markdown file in order, as a reader would, and compare what they print.

    python docs/tour.py [FILE]         README.md by default

The folder they run in is new and holds copies of what is in ``samples/``. What is run:

* ````console```: each ``$ command``; the lines under it are what it must print, on stdout and
  stderr together; ``...`` stands for anything; without such lines the output is not compared.
  A command must succeed, or fail as said at its end: ``$ automask ...  # exit 3``. What it exports
  is there for the commands after it, and what it leaves in the background (``&``) goes on until the
  end of the page; its output has to go to a file.
* ````bash```, ````sh```: the whole block as one script, which stops at the first failure.
* ````python```: the whole block, in one namespace with those before it; ``>>>`` examples are
  checked as doctests.
* ````toml```: not run, but saved as ``automask.toml``, the one settings file there is.

A block is left out by the comment ``<!-- tour: skip (why) -->`` on the line above it; the set-up
commands, marked ``<!-- try -->`` and ``<!-- test -->``, are run by ``.ci/run`` in its place.
"""

# ruff: noqa: INP001  (programs, not a package)

from __future__ import annotations

import contextlib
import doctest
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<language>\w*)[^`\n]*$")
SKIP = re.compile(r"<!-- (try|test|tour: skip \(.+\)) -->")
EXIT = re.compile(r"\s+# exit (\d+)$")
LANGUAGES = ("console", "bash", "sh", "python", "toml")
TIMEOUT_S = 300


class Wrong(AssertionError):  # noqa: N818  (what the page is)
    """An example that does not do what the page says."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the line of its first line, and its text."""

    language: str
    line: int
    text: str


@dataclass(frozen=True)
class Command:
    """A command of a console block, its exit code, and what it must print if that is shown."""

    text: str
    line: int
    code: int = 0
    output: list[str] = field(default_factory=list)


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a page that can be run, those that say "skip" left out."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        opening = FENCE.match(lines[number])
        number += 1
        if not opening:
            continue
        start = number
        while number < len(lines) and lines[number].strip() != opening["fence"]:
            number += 1
        above = next((line for line in reversed(lines[: start - 1]) if line.strip()), "")
        if opening["language"] in LANGUAGES and not SKIP.search(above):
            body = textwrap.dedent("\n".join(lines[start:number]))
            yield Block(opening["language"], start + 1, body)
        number += 1


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console block; a line that ends in a backslash goes on."""
    current: list[str] = []
    output: list[str] = []
    line = block.line
    for number, text in enumerate(block.text.splitlines(), block.line):
        if current and current[-1].endswith("\\") and not output:
            current.append(text.removeprefix("> "))
        elif text.startswith("$ "):
            if current:
                yield _command(current, line, output)
            current, output, line = [text.removeprefix("$ ")], [], number
        elif current:
            output.append(text)
        else:
            raise Wrong(f"line {number}: a console block begins with `$ command`")
    if current:
        yield _command(current, line, output)


def _command(lines: list[str], line: int, output: list[str]) -> Command:
    text = "\n".join(lines)
    code = EXIT.search(text)
    return Command(EXIT.sub("", text), line, int(code[1]) if code else 0, output)


class Tour:
    """Runs blocks in `folder`, with commands named automask and python that are this Python's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.namespace: dict[str, Any] = {"__name__": "tour"}
        self.environment = _environment(folder)
        self.groups: list[int] = []

    def run(self, block: Block) -> None:
        """Run one block; raise `Wrong` where it does not do what the page says."""
        if block.language == "toml":
            (self.folder / "work" / "automask.toml").write_text(block.text, "utf-8")
        elif block.language == "python":
            self._run_python(block)
        elif block.language == "console":
            for command in commands(block):
                self._run_command(command)
        else:
            self._run_command(Command(f"set -eu\n{block.text}", block.line))

    def end(self) -> None:
        """End what the page has left in the background."""
        for group in self.groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGTERM)

    def _run_command(self, command: Command) -> None:
        exported = self.folder / "exported"
        keep = f"trap 'env -0 > {shlex.quote(str(exported))}' EXIT\n"
        code, printed = self._shell(keep + command.text)
        if exported.exists():
            pairs = exported.read_text("utf-8").rstrip("\0").split("\0")
            self.environment |= dict(pair.split("=", 1) for pair in pairs)
        where = f"line {command.line}: {command.text}"
        if code != command.code:
            raise Wrong(f"{where}\nexit {code}, not {command.code}:\n{printed}")
        if command.output and not _alike("\n".join(command.output), printed):
            shown = "\n".join(command.output)
            raise Wrong(f"{where}\nprinted\n{printed}\nbut the page shows\n{shown}")

    def _shell(self, script: str) -> tuple[int, str]:
        """The exit code of `script` and what it prints, on stdout and stderr together."""
        process = subprocess.Popen(  # noqa: S603  (the page is ours)
            [shutil.which("bash") or "bash", "-c", script],
            cwd=self.folder / "work",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # its own group, to be ended with all that it has started
        )
        self.groups.append(process.pid)
        try:
            printed, _ = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.end()
            raise
        return process.returncode, printed

    def _run_python(self, block: Block) -> None:
        with contextlib.chdir(self.folder / "work"):
            if ">>> " in block.text:
                self._run_doctest(block)
            else:
                # The line numbers of a traceback are those of the page.
                code = compile("\n" * (block.line - 1) + block.text, "page", "exec")
                exec(code, self.namespace)  # noqa: S102  (the page is ours)

    def _run_doctest(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(
            block.text, self.namespace, "page", "page", block.line - 1
        )
        told: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        if runner.run(test, out=told.append, clear_globs=False).failed:
            raise Wrong(f"line {block.line}:\n{''.join(told)}")
        self.namespace |= test.globs


def _alike(shown: str, printed: str) -> bool:
    want, got = (_trimmed(text) for text in (shown.replace("…", "..."), printed))
    return doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"


def _environment(folder: Path) -> dict[str, str]:
    """A reader's environment: the programs, no settings of whoever runs this, no colours."""
    programs = folder / "bin"
    programs.mkdir()
    for name, start in {"automask": "-m automask ", "python": "", "python3": ""}.items():
        shim = programs / name
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {start}"$@"\n', "utf-8")
        shim.chmod(0o755)
    home = folder / "home"
    home.mkdir()
    shutil.copytree(ROOT / "samples", folder / "work")
    own = ("AUTOMASK_", "IMAGINEPRO_", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return kept | {
        "PATH": f"{programs}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "PYTHONPATH": str(_home_of_automask()),
        "HOME": str(home),
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }


def _home_of_automask() -> Path:
    """The folder that the automask of this process was imported from."""
    import automask

    return Path(automask.__file__).parents[1]


def run(page: Path, folder: Path) -> int:
    """Run every block of `page` in `folder`, which is empty; how many there were."""
    tour = Tour(folder)
    found = list(blocks(page.read_text("utf-8")))
    try:
        for block in found:
            tour.run(block)
    finally:
        tour.end()
    return len(found)


def main(arguments: list[str]) -> int:
    """Run as a program; the exit code."""
    page = Path(arguments[0]) if arguments else ROOT / "README.md"
    with tempfile.TemporaryDirectory() as folder:
        try:
            count = run(page, Path(folder))
        except Wrong as wrong:
            sys.stderr.write(f"{page.name}: {wrong}\n")
            return 1
    sys.stderr.write(f"{page.name}: {count} blocks run\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
