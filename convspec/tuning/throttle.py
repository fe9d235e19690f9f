"""Keeps what grows with a search to a small share of its time."""

from __future__ import annotations

import time
from collections.abc import Callable

SHARE = 20
"""After work that took a second, the next waits this many seconds."""


class Throttle:
    """Does a piece of work at most every `least` seconds, and less often the longer it takes."""

    def __init__(self, work: Callable[[], None], least: float = 0.0) -> None:
        self.work, self.least = work, least
        self.next = time.monotonic() + least

    def maybe(self) -> None:
        """Do the work, unless it was done a moment ago."""
        if time.monotonic() >= self.next:
            self.now()

    def now(self) -> None:
        """Do the work."""
        start = time.monotonic()
        self.work()
        end = time.monotonic()
        self.next = end + max(self.least, SHARE * (end - start))
