"""A job looked for in the service's history, which is all that tells of one whose answer was lost.

The pages are read as they are needed and kept, so that all who look for a job in one go read them
once: the service gives one in three seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from automask.imaginepro import answers

CLOCKS_S = 60.0  # how far the service's clock may be from ours
LIFE_S = 24 * 3600.0  # the history has nothing older
PAGES = 40  # that are read, at most


class Found(NamedTuple):
    """What the history says of a job in doubt: see `History.find`."""

    handle: str = ""
    possible: tuple[str, ...] = ()
    complete: bool = True


@dataclass(eq=False)
class History:
    """What was made in the last 24 hours, as it stood when it was first read; for any thread.

    Parameters
    ----------
    page : callable
        The pictures of a page, from 1 on, the newest first.
    ref_of : callable
        The reference that the message of an id carries.
    """

    page: Callable[[int], tuple[answers.Picture, ...]]
    ref_of: Callable[[str], str]
    _pages: list[list[answers.Picture]] = field(default_factory=list, init=False)
    _seen: set[str] = field(default_factory=set, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def find(self, ref: str, prompt: str, since: datetime, button: str = answers.EDIT) -> Found:
        """What became of a job in doubt, as far as the history tells.

        A job that is still running may not be in the history: nothing found is no proof before
        the service's own time limit has passed. `handle` is the message id of the job with
        that reference, "" when there is none, `possible` those of jobs that ask for the same and
        carry no reference; `complete` is whether the history was seen back to `since`, and reaches
        back that far. Jobs with another prompt, or of which no button is told, are looked at last:
        services have been seen to change them.

        Parameters
        ----------
        ref : str
            What the job carried.
        prompt, button : str
            What it asked for.
        since : datetime
            When it was about to be sent, with a time zone.
        """
        start, possible, others = since - timedelta(seconds=CLOCKS_S), [], []
        complete = False
        for page in self._from(start):
            complete = page is None
            for picture in page or ():
                if picture.button not in ("", button):
                    continue
                if not picture.button or picture.prompt.strip() != prompt.strip():
                    others.append(picture.id)
                elif (carried := self.ref_of(picture.id)) == ref:
                    return Found(picture.id)
                elif not carried:
                    possible.append(picture.id)
        found = next((name for name in others if self.ref_of(name) == ref), "")
        kept = start > datetime.now(UTC) - timedelta(seconds=LIFE_S)
        return Found(found, () if found else tuple(possible), complete and kept)

    def _from(self, start: datetime) -> Iterator[list[answers.Picture] | None]:
        """The pages from `start` on, and None where the history was seen to its end."""
        for number in range(1, PAGES + 1):
            new = self._read(number)
            yield [p for p in new if p.created is None or p.created >= start]
            if all(p.created and p.created < start for p in new):
                yield None
                return

    def _read(self, number: int) -> list[answers.Picture]:
        """What page `number` has that no earlier one had."""
        with self._lock:
            while len(self._pages) < number:
                page = self.page(len(self._pages) + 1)
                self._pages.append([p for p in page if p.id not in self._seen])
                self._seen |= {p.id for p in page}
            return self._pages[number - 1]
