"""Tries at breaking convspec: what each came to, and documents that are read and analysed."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

_INTERNAL = re.compile("Unresolved|Unknown|<class|object at 0x|SymbolicNumber|Located")
"""What no message has."""


class Outcome(NamedTuple):
    """What a part found. `foreign` are exceptions of others, each with the text that raised it."""

    part: str
    tried: int
    accepted: int
    refused: int
    foreign: list[tuple[str, str]]
    slowest: float

    def row(self) -> str:
        """The part's row of the table."""
        return (
            f"| {self.part} | {self.tried:,} | {self.accepted:,} | {self.refused:,} | {len(self.foreign)} "
            f"| {self.slowest:.2f} s |"
        )


def attempt(source: Any, shown: str, found: Counter[str], foreign: list[tuple[str, str]]) -> float:
    """Load and analyse a document, given as text or mapping; how long it took, in seconds of the processor."""
    from convspec import InputError, analyze
    from convspec.language.diagnostics import Diagnostics
    from convspec.language.extending import extended
    from convspec.language.located import Mark, Text, located
    from convspec.language.spec import check
    from convspec.language.yaml_loader import parse

    start = time.process_time()
    try:
        diagnostics = Diagnostics()
        if isinstance(source, str):
            root = parse(Text("x.yaml", source), diagnostics)
        else:
            root = located(source, Mark(0, 0), "")
        spec = check(extended(root, Path(), diagnostics), diagnostics=diagnostics)
        analyze(spec).to_dict()
        found["accepted"] += 1
    except InputError as error:
        found["refused"] += 1
        if (inner := _INTERNAL.search(str(error))) and inner[0] not in shown:
            foreign.append((f"an internal name in a message: {error}"[:500], shown[:2000]))
    except Exception as error:  # what this is about
        foreign.append((f"{type(error).__name__}: {error}"[:200], shown[:2000]))
    return time.process_time() - start
