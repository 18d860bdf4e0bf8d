"""The paid part of a run: parents fetched, upscales made, masks submitted, results delivered.

Only the process that owns the record does this, and only through the ledger of jobs, which pays the
same job once. The masks of a run are made first: what is out of its limits is never submitted, and
what a run will cost is known before anything is paid.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from automask.batch.items import Item, Options
from automask.batch.places import Places
from automask.batch.record import Record
from automask.batch.rows import Row
from automask.batch.states import FAILED, MASKED, OPEN, RUNNING
from automask.errors import AutomaskError, LedgerError, PreflightError
from automask.images import files
from automask.jobs import Desk, Wishes, finish
from automask.jobs.waiting import Tell
from automask.ledger import Entry, JobState, Ledger
from automask.providers.base import Job, Search, provider_of

FETCHERS = 4  # parents that are fetched at once, and as many again that are ready
AT_ONCE = 256  # jobs that are placed and not over


@dataclass
class Cashier:
    """Pays for the pictures of one batch.

    Parameters
    ----------
    record : Record
    out : Path
    options : Options
    budget : float, optional
        The credits that this run may spend.
    stopping : Event
        Set when nothing more is to be sent.
    ledger : str or Path, optional
        The record of jobs; the user's own when left out.
    tell : callable, optional
        Called with each job and what the provider says of it, in several threads.
    since : float
        From when on what is sent counts against the budget, in s since 1970, UTC.
    after : callable, optional
        Called with the state of a picture before and after its job is over or left; may set
        `stopping`.
    """

    record: Record
    out: Path
    options: Options
    budget: float | None = None
    stopping: Event = field(default_factory=Event)
    ledger: str | Path | None = None
    tell: Tell | None = None
    since: float = field(default_factory=time.time)
    after: Callable[[str, str], None] | None = None
    _desks: dict[str, Desk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jobs = Ledger(self.ledger)

    def close(self) -> None:
        """Let go of the ledger of jobs."""
        self.jobs.close()

    def desk(self, name: str) -> Desk:
        """The desk of the provider `name`."""
        if name not in self._desks:
            self._desks[name] = Desk(self.jobs, provider_of(name))
        return self._desks[name]

    # --- before the masks ----------------------------------------------------------------------

    def with_parents(self, rows: Iterator[Row]) -> Iterator[tuple[Row, Item | AutomaskError]]:
        """Each row with its item, whose picture is here now, or with why it cannot be had.

        Pictures that a service keeps are fetched some ahead of their turn.
        """
        pool = ThreadPoolExecutor(FETCHERS, "automask-parents")
        ahead: list[tuple[Row, Future[Item]]] = []
        try:
            for row in rows:
                ahead.append((row, pool.submit(self._local, row.item)))
                while len(ahead) > 2 * FETCHERS or (ahead and ahead[0][1].done()):
                    yield _outcome(*ahead.pop(0))
            while ahead:
                yield _outcome(*ahead.pop(0))
        finally:
            pool.shutdown(cancel_futures=True)

    def _local(self, item: Item) -> Item:
        """`item` with the file of its picture, fetched and upscaled where that is needed."""
        if not item.message_id:
            self._refuse_photo(item)
            return item
        desk = self.desk(item.provider or self.options.provider)
        place = self._parent(item)
        if not place.exists():
            files.write(place, desk.provider.parent(self._parent_id(desk, item)))
        return replace(item, image=str(place))

    def _parent(self, item: Item) -> Path:
        return Places(self.out, item.name).parent(self.options.completed(item))

    def _refuse_photo(self, item: Item) -> None:
        """Raise where `item` is a file and its provider a service, in the provider's own words."""
        name = item.provider or self.options.provider
        if is_paid(name):
            self.desk(name).provider.check(Job(name, b""))
            raise PreflightError(f"{name} is paid and takes no files in a batch; give message ids.")

    def _parent_id(self, desk: Desk, item: Item) -> str:
        """The picture to edit: of a grid, the one that is upscaled, which is paid once."""
        number = item.upscale or self.options.upscale
        job = desk.provider.upscaling(item.message_id, number) if number else None
        if job is None:
            return item.message_id
        entry = desk.place(job, Wishes())
        done = finish(
            desk, [entry], budget=self.budget, since=self.since, tell=self.tell,
            stopping=self.stopping,
        )  # fmt: skip
        if error := done.errors.get(entry.ref):
            raise error
        last = done.entries[entry.ref]
        if last.state is not JobState.DONE:
            raise PreflightError(f"The upscale {last.ref[:12]} is {last.state}: {last.error}")
        return last.handle

    # --- after the masks -----------------------------------------------------------------------

    def pay(self, run: int) -> None:
        """Submit and wait for all jobs of `run` that are open; what became of each is recorded."""
        names = self.record.providers(run) | {self.options.provider}
        for name in sorted(filter(is_paid, names)):
            rows = (
                row
                for row in self.record.rows(*OPEN, run=run)
                if (row.item.provider or self.options.provider) == name
            )
            self._pay(name, rows)

    def _pay(self, name: str, rows: Iterator[Row]) -> None:
        """Bring the jobs of one provider to their end, `AT_ONCE` of them at a time."""
        try:
            desk = self.desk(name)
        except AutomaskError as error:
            for row in rows:
                self._note(row, FAILED, row.job, str(error))
            return
        on: dict[str, list[Row]] = {}  # several pictures may have the very same job

        def over(entry: Entry, error: AutomaskError | None) -> None:
            for row in on.pop(entry.ref):
                self._keep(row, entry, error)

        finish(
            desk, self._entries(desk, rows, on), budget=self.budget, since=self.since,
            tell=self.tell, stopping=self.stopping, again=lambda entry: not _are_there(entry),
            at_once=AT_ONCE, over=over,
        )  # fmt: skip

    def _entries(
        self, desk: Desk, rows: Iterator[Row], on: dict[str, list[Row]]
    ) -> Iterator[Entry]:
        """The jobs of `rows`, each placed when it is asked for and noted among those that are on.

        One that cannot be placed has failed.
        """
        search: Search | None = None  # what it reads of a history serves all rows
        for row in rows:
            if self.stopping.is_set():
                return
            try:
                search = search or desk.provider.search()
                entry = self._placed(desk, row, search)
            except (AutomaskError, OSError) as error:
                self._note(row, FAILED, row.job, _said(error))
                continue
            on.setdefault(entry.ref, []).append(row)
            if len(on[entry.ref]) == 1:
                yield entry

    def _placed(self, desk: Desk, row: Row, search: Search) -> Entry:
        """The job of a picture whose mask was made; written down here as well before it is sent."""
        entry = self._of(row)
        if entry is None:
            entry = self._new(desk, row)
            self.record.note_job(row.id, _state(entry), entry.ref, "")
        if entry.state is JobState.IN_DOUBT:
            with suppress(AutomaskError):
                entry, _ = desk.reconcile(entry, search)
        return entry

    def _of(self, row: Row) -> Entry | None:
        """The job that the picture has already, by the mask that it has now."""
        if not row.job or row.state == MASKED:
            return None
        with suppress(LedgerError):
            return self.jobs.find(row.job)
        return None

    def _new(self, desk: Desk, row: Row) -> Entry:
        places, item = Places(self.out, row.item.name), row.item
        parent_id = self._parent_id(desk, item)
        mask, parent = places.mask().read_bytes(), self._parent(item).read_bytes()
        prompt = item.prompt or self.options.prompt
        job = Job(desk.provider.name, mask, prompt, parent, parent_id)
        desk.provider.check(job)
        folder = str(places.result(1).parent.absolute())
        stem = self._stem(desk, row, job, folder)
        wishes = Wishes(folder, self.options.paste_back, stem=stem)
        rule = self.options.completed(item).rule
        return desk.place(job, wishes, rule=rule, models=(row.facts or {}).get("models", ()))

    def _stem(self, desk: Desk, row: Row, job: Job, folder: str) -> str:
        """What the names of the results begin with: never those of another job that was paid."""
        plain = Places(self.out, row.item.name).result(1).name.removesuffix("-1.png")
        if not row.job:
            return plain
        if row.job.partition(".")[0] != job.key:
            return f"{plain}~{job.key[:8]}"
        wished = desk.kept.wishes(row.job)  # it was placed before, and may have been named then
        return wished.stem if wished.folder == folder and wished.stem else plain

    def _keep(self, row: Row, entry: Entry, error: AutomaskError | None) -> None:
        why, results = str(error or entry.error or ""), self._results(row, entry)
        self._note(row, _state(entry, results), entry.ref, why, results, entry.credits)

    def _note(
        self,
        row: Row,
        state: str,
        job: str,
        why: str,
        results: tuple[tuple[str, int], ...] = (),
        credits: float = 0.0,  # noqa: A002  (the service's word)
    ) -> None:
        self.record.note_job(row.id, state, job, why, results, credits)
        if self.after:
            self.after(row.state, state)

    def _results(self, row: Row, entry: Entry) -> tuple[tuple[str, int], ...]:
        """The results in the batch's own tree; those that another run has are copied."""
        if entry.state is not JobState.DONE or not _are_there(entry):
            return ()
        home, found = self.out.absolute(), []
        for number, place in enumerate(map(Path, entry.results), 1):
            own = Places(home, row.item.name).result(number, place.suffix)
            end = f"-{number}{place.suffix}"
            stem = own.name.removesuffix(end)
            wanted = rf"{re.escape(stem)}(~[0-9a-f]{{8}})?{re.escape(end)}"
            if place.parent == own.parent and re.fullmatch(wanted, place.name):
                own = place
            else:
                files.write(own, place.read_bytes())
            found.append((own.relative_to(home).as_posix(), own.stat().st_size))
        return tuple(found)


def _state(entry: Entry, results: tuple[tuple[str, int], ...] = ()) -> str:
    """The state of a picture that has this job, and these results in the batch's own tree."""
    if entry.state is JobState.DONE and not results:
        return RUNNING  # until they are here, it is not done: the next run fetches them
    if entry.state is JobState.SUBMITTING:
        return MASKED  # another process sends it: the next run sees what came of that
    return str(entry.state)


def _are_there(entry: Entry) -> bool:
    return bool(entry.results) and all(Path(place).is_file() for place in entry.results)


def _outcome(row: Row, future: Future[Item]) -> tuple[Row, Item | AutomaskError]:
    try:
        return row, future.result()
    except AutomaskError as error:
        return row, error
    except OSError as error:
        return row, PreflightError(_said(error))


def _said(error: AutomaskError | OSError) -> str:
    """What went wrong; one file that cannot be read is no reason to leave the others."""
    if isinstance(error, OSError):
        return f"{error.filename} cannot be used: {error.strerror or error}; run it again."
    return str(error)


def is_paid(name: str) -> bool:
    """Whether the provider `name` costs money; "" is none."""
    return bool(name) and provider_of(name).paid


def price(item: Item) -> float:
    """What the job of `item`, provider and all, is expected to cost, in credits, upscale apart."""
    provider = provider_of(item.provider)
    return provider.price(Job(provider.name, b"", parent_id=item.message_id))


def upscale_price(item: Item) -> float:
    """What it is expected to cost to upscale the picture of a grid first, if it is a grid."""
    provider = provider_of(item.provider)
    return provider.price(Job(provider.name, b"", parent_id=item.message_id, action="upscale"))
