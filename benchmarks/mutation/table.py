"""The outcome of a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from .files import RESULTS, VERDICTS, Row, change, read, results

COLUMNS = {
    "carried": "noticed when first drawn",
    "quick": "by the quick tests",
    "named": "by the tests of a verdict",
    "equivalent": "equivalent",
    "missed": "missed",
}
NOTICED = ("carried", "quick", "named")


def outcome(row: Row, verdicts: dict[str, Row]) -> str:
    """How a mutant was noticed, or equivalent or missed; equivalent only if no test notices it."""
    if row["noticed"]:
        return "carried" if row.get("carried") else "quick" if row["tried"] == ["quick"] else "named"
    return "equivalent" if verdicts.get(change(row), {}).get("verdict") == "equivalent" else "missed"


def table(folder: Path) -> Iterator[str]:
    """By package: how many mutants were tried, and noticed; then those that were not, each with its explanation."""
    rows = results(folder / "results.jsonl") or results(RESULTS)
    verdicts = {change(row): row for row in read(VERDICTS)}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows.values():
        for package in (row["package"], "all"):
            counts[package][outcome(row, verdicts)] += 1
    yield f"| package | tried | {' | '.join(COLUMNS.values())} | noticed of those that matter |"
    yield "|---" * (len(COLUMNS) + 3) + "|"
    for package, count in sorted(counts.items(), key=lambda entry: (entry[0] == "all", entry[0])):
        rate = 100 * sum(count[name] for name in NOTICED) / max(1, count.total() - count["equivalent"])
        yield f"| {package} | {count.total()} | {' | '.join(str(count[name]) for name in COLUMNS)} | {rate:.1f} % |"
    for name in ("missed", "equivalent"):
        yield f"\n## {name.capitalize()}\n"
        for one, row in sorted(rows.items()):
            if outcome(row, verdicts) == name:
                yield f"- `{one}`: {_reason(row, verdicts.get(change(row), {}))}"


def _reason(row: Row, verdict: Row) -> str:
    """Why nothing notices a mutant."""
    tried = f"not noticed by {', '.join(row['named'])}" if row.get("named") else ""
    return "; ".join(part for part in (verdict.get("reason", ""), tried) if part) or "no test asks for it"
