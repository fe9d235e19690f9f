"""The outcome of a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from .files import RESULTS, VERDICTS, Row, change, read, results

COLUMNS = ("noticed", "equivalent", "missed")


def outcome(row: Row, verdicts: dict[str, Row]) -> str:
    """Noticed, equivalent or missed; equivalent only if no test notices it."""
    if row["noticed"]:
        return "noticed"
    return "equivalent" if verdicts.get(change(row), {}).get("verdict") == "equivalent" else "missed"


def table(folder: Path) -> Iterator[str]:
    """By package: how many mutants were tried, and noticed; then those that were not, each with its explanation."""
    rows = results(folder / "results.jsonl") or results(RESULTS)
    verdicts = {change(row): row for row in read(VERDICTS)}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows.values():
        for package in (row["package"], "all"):
            counts[package][outcome(row, verdicts)] += 1
    yield "| package | tried | noticed | equivalent | missed | noticed of those that matter |"
    yield "|---|---|---|---|---|---|"
    for package, count in sorted(counts.items(), key=lambda entry: (entry[0] == "all", entry[0])):
        rate = 100 * count["noticed"] / max(1, count.total() - count["equivalent"])
        yield f"| {package} | {count.total()} | {' | '.join(str(count[name]) for name in COLUMNS)} | {rate:.1f} % |"
    for name in ("missed", "equivalent"):
        yield f"\n## {name.capitalize()}\n"
        for one, row in sorted(rows.items()):
            if outcome(row, verdicts) == name:
                reason = verdicts.get(change(row), {}).get("reason") or "not explained"
                yield f"- `{one}`: {reason}"
