"""The rates that the service documents, enforced when asked for."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field

# (requests, seconds): one in three seconds in general, ten a second for messages.
RATES = {"fetch": (10, 1.0), "other": (1, 3.0)}
PATIENCE = 0.95  # clocks and networks jitter: five percent early still passes


@dataclass
class Limits:
    """Counts the requests of each sort; safe for several threads."""

    seen: dict[str, deque[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait_s(self, call: str) -> float:
        """0 where the call may pass, which counts; else the seconds until one may."""
        sort = "fetch" if call == "fetch" else "other"
        most, window_s = RATES[sort]
        with self.lock:
            now, times = time.monotonic(), self.seen.setdefault(sort, deque())
            while times and now - times[0] >= window_s * PATIENCE:
                times.popleft()
            if len(times) >= most:
                return window_s - (now - times[0])
            times.append(now)
        return 0.0
