"""The share of a sample's mutants that tests notice, with a 95 % confidence interval."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from scipy.stats import binomtest

from .files import SAMPLE, Row, read

NOTICED, EQUIVALENT, MISSED = "noticed", "equivalent", "missed"


def outcome(row: Row) -> str:
    """Whether the tests of the sample's own commit notice a mutant; a test that was written for it does not count."""
    return NOTICED if row["noticed"] else EQUIVALENT if row.get("equivalent") else MISSED


def rate(counts: Counter[str]) -> str:
    """The share of those that matter, and Wilson's interval."""
    tried = counts[NOTICED] + counts[MISSED]
    if not tried:
        return "none tried"
    low, high = binomtest(counts[NOTICED], tried).proportion_ci(method="wilson")
    return f"{counts[NOTICED] / tried:.1%} ({low:.1%} to {high:.1%})".replace("%", " %")


def sample_table() -> Iterator[str]:
    """By package, then new lines and older ones."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in read(SAMPLE):
        for name in (row["package"], "new or changed lines" if row["new"] else "older lines"):
            counts[name][outcome(row)] += 1
    yield "| lines of | tried | noticed | equivalent | missed | noticed of those that matter (95 % interval) |"
    yield "|---" * 6 + "|"
    for name in sorted(counts, key=lambda name: (name.endswith("lines"), name)):
        numbers = " | ".join(str(counts[name][one]) for one in (NOTICED, EQUIVALENT, MISSED))
        yield f"| {name} | {counts[name].total()} | {numbers} | {rate(counts[name])} |"
