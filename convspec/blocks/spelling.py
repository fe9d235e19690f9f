"""The nearest known name for one that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """`; did you mean 'x'?` for the nearest known name, or nothing where none is as alike as `cutoff`, of 1."""
    import difflib  # only a mistake needs it, and it takes longer to import than a small spec to read

    found = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f"; did you mean {found[0]!r}?" if found else ""
