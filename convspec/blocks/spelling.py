"""The nearest known name for one that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

LONGEST = 60
"""Letters of a name that is looked up: comparing takes time that grows with their square."""
MOST_KNOWN = 2000


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """`; did you mean 'x'?` for the nearest known name, or nothing where none is as alike as `cutoff`, of 1."""
    import difflib  # only a mistake needs it, and it takes longer to import than a small spec to read

    if len(name) > LONGEST:
        return ""
    found = difflib.get_close_matches(name, list(islice(known, MOST_KNOWN)), n=1, cutoff=cutoff)
    return f"; did you mean {found[0]!r}?" if found else ""
