"""What a constructor tells the person at the terminal."""

from __future__ import annotations

import sys


def say(message: str) -> None:
    """A line on standard error."""
    sys.stderr.write(f"convspec: {message}\n")
