"""The record of jobs: an SQLite file that knows, whatever happens, what was or may be paid.

A submit is written down before it is sent (`Ledger.claim`) and its answer after it
(`Ledger.move`), each on the disk before the call returns. A job that was claimed and never
answered is in doubt, and no way leads from there back to `submitting`: only `Ledger.add` with
``again=True`` makes a second row of a job that can be paid once more.

A job that was answered with "too many requests" most likely was not taken, but may have been. It
goes back to `masked` and keeps its intent; only who names the moment of that intent, having looked
for the job in vain since, can claim it again.

Who is alive: a ledger that claims holds a lock of the operating system on a file of its own
beside the database, ``NAME-owner-PID-RANDOM``, and its rows at `submitting` carry that name. The
lock ends with the process however that ends; process numbers used again, a machine that slept and
containers do not mislead it. A row whose owner holds no lock goes to `in_doubt` as soon as anybody
looks. Neither mistake would cost money: an owner taken for dead can still record its answer, one
taken for alive (a child it forked lives on) keeps its row waiting. All processes must be on one
machine and the file on a local disk, as SQLite's write-ahead log wants it.
"""

from automask.ledger.database import MIGRATIONS
from automask.ledger.ledger import Ledger, default_path
from automask.ledger.records import TRANSITIONS, WITH_HANDLE, Entry, JobState, Order

__all__ = [
    "MIGRATIONS",
    "TRANSITIONS",
    "WITH_HANDLE",
    "Entry",
    "JobState",
    "Ledger",
    "Order",
    "default_path",
]
