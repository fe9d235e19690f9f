"""Images that cannot be read, beside the results of the others."""

from __future__ import annotations

import sys

from ..language.diagnostics import Diagnostic
from ..printing import counted
from .sources import say


class ImageErrors:
    """Prints what is wrong with single images on stderr, a remedy only the first time."""

    def __init__(self) -> None:
        self.count = 0
        self._remedies: set[str] = set()

    def add(self, error: Diagnostic) -> None:
        """Print an error."""
        self.count += 1
        say(error._replace(remedy="") if error.remedy in self._remedies else error, sys.stderr)
        self._remedies.add(error.remedy)

    def finish(self, read: int) -> None:
        """Say how many of several images were left out."""
        if self.count and read + self.count > 1:
            say(f"{self.count:,} of {counted(read + self.count, 'image')} could not be read", sys.stderr)
