"""The states of a picture of a batch, and which of them belong together.

They are texts, since they stand in the record and in the reports. A picture with a paid job has the
state of that job (`automask.ledger.JobState`).
"""

from __future__ import annotations

PLANNED = "planned"  # listed, not begun
DONE, REVIEW, SKIPPED, FAILED = "done", "review", "skipped", "failed"
MASKED = "masked"  # its mask is made, and its paid job not sent yet
SUBMITTED, RUNNING, IN_DOUBT = "submitted", "running", "in_doubt"

SENT = (SUBMITTED, RUNNING, IN_DOUBT)
OPEN = (MASKED, *SENT)  # with a paid job that can go on
UNFINISHED = (PLANNED, *OPEN)
ENDED = (DONE, SKIPPED, REVIEW, *OPEN)  # nothing is left to compute; one that failed is tried again
LOOKED_AT = (DONE, SKIPPED, *OPEN)  # what is in the picture is known
