"""Every error that automask raises on purpose.

::

    AutomaskError
    +-- RuleError            the text of a rule is wrong                        exit 2
    +-- ArgumentError        a value given to a name, an option or a call       exit 2
    +-- SettingsError        automask.toml, an environment variable             exit 2
    +-- PluginError          a plugin cannot load, fails, or answers wrongly    exit 1
    +-- ImageError           an input cannot be read as an image                exit 1
    +-- OutputError          a result cannot be written                         exit 1
    +-- ModelError           a strategy needs a model that is not here          exit 1
    +-- ProviderError        a provider refused or failed                       exit 1
    |   +-- PreflightError   a job that must not be submitted                   exit 1
    |   +-- UnreachableError nothing was submitted, a later try may succeed      exit 1
    |   +-- InDoubtError     a job that may have been taken, and billed          exit 4
    |   |   +-- BusyError    the same after "too many requests": most likely not    exit 4
    |   +-- UnfinishedError  a paid job that goes on, or waits to be fetched     exit 4
    +-- LedgerError          the record of jobs cannot be used                  exit 1
    |   +-- TransitionError  a job cannot go from its state to that one         exit 1
    +-- NothingSelected      the rule selects no pixel of the image             exit 3
    +-- NeedsReview          a guard of the rule says: a person should look     exit 4

A message is one sentence that gives the value, what was expected and the next step.
"""

from __future__ import annotations

from typing import ClassVar

from automask.display import printable, width

SHOWN_LINE = 120  # characters of a rule that an error quotes around its caret


class AutomaskError(Exception):
    """The base of every error raised on purpose; `exit_code` is what the shell sees."""

    exit_code: ClassVar[int] = 1


class ArgumentError(AutomaskError):
    """A value that does not fit where it was given."""

    exit_code = 2


class SettingsError(AutomaskError):
    """A settings file or environment variable that cannot be used."""

    exit_code = 2


class PluginError(AutomaskError):
    """A plugin that cannot be loaded, fails or answers wrongly; a name that two owners claim."""


class ImageError(AutomaskError):
    """An input that cannot be read as an image."""


class OutputError(AutomaskError):
    """A result that cannot be written where it was asked for."""


class ModelError(AutomaskError):
    """A strategy that needs a model which is not available."""


class ProviderError(AutomaskError):
    """A provider that refused a job or failed at it."""


class PreflightError(ProviderError):
    """A job that was stopped before it was submitted, and why."""


class UnreachableError(ProviderError):
    """A provider that cannot be reached or asks to wait: nothing was submitted; try later."""


class InDoubtError(ProviderError):
    """A job that was sent and not answered: it may have been taken, and billed.

    It must not be submitted again before its outcome is known.

    Parameters
    ----------
    message : str
        One plain sentence.
    ref : str
        What the provider was given to recognise the job by.
    """

    exit_code = 4

    def __init__(self, message: str, ref: str = "") -> None:
        super().__init__(message)
        self.ref = ref


class BusyError(InDoubtError):
    """A job that was answered with "too many requests": most likely it was not taken.

    Some services have taken it all the same. It may be submitted again only after it was looked for
    in vain for as long as the provider works on a job.
    """


class UnfinishedError(ProviderError):
    """A paid job that goes on at the provider, or is done there and could not be fetched yet."""

    exit_code = 4


class LedgerError(AutomaskError):
    """A record of jobs that cannot be read or written, or a job that it does not hold."""


class TransitionError(LedgerError):
    """A job that cannot go from the state it is in to the one asked for."""


class NothingSelected(AutomaskError):  # noqa: N818  (reads as what happened)
    """The rule selects no pixel of the image."""

    exit_code = 3


class NeedsReview(AutomaskError):  # noqa: N818  (a decision, not a failure)
    """A guard of the rule was not met: a person should look at this image."""

    exit_code = 4


class RuleError(AutomaskError):
    """A rule that cannot be understood, with the place and what to write instead.

    Parameters
    ----------
    message : str
        One plain sentence.
    text : str
        The whole rule; empty when the rule was built from Python.
    position : int
        Index into `text` of the character that the caret marks.
    suggestion : str
        What to write instead; empty when there is nothing to offer.
    """

    exit_code = 2

    def __init__(
        self, message: str, text: str = "", position: int = 0, suggestion: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.position = min(max(position, 0), len(text))
        self.suggestion = suggestion

    def __str__(self) -> str:
        lines = [self.message]
        if self.text:
            lines += self._marked_line()
        if self.suggestion:
            lines.append(self.suggestion)
        return "\n".join(lines)

    def _marked_line(self) -> list[str]:
        start = self.text.rfind("\n", 0, self.position) + 1
        line = self.text[start:].split("\n", 1)[0]
        before, after = line[: self.position - start], line[self.position - start :]
        if len(line) > SHOWN_LINE:
            before = "..." + before[-SHOWN_LINE // 2 :] if len(before) > SHOWN_LINE // 2 else before
            after = after[: SHOWN_LINE // 2] + "..." if len(after) > SHOWN_LINE // 2 else after
        before, after = printable(before), printable(after)
        return [f"  {before}{after}", "  " + " " * width(before) + "^"]
