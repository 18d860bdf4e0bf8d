"""Jobs that cost money: written down, sent once, waited for, delivered, and found again.

`Desk` puts a ledger and a provider together; nothing else submits to a provider that is paid.
"""

from automask.jobs.desk import Desk
from automask.jobs.kept import Wishes
from automask.jobs.waiting import finish

__all__ = ["Desk", "Wishes", "finish"]
