"""Verdicts: which tests notice a mutant that the quick ones missed, or why none can."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from .files import RESULTS, VERDICTS, Row, change, key, read, results, write

TEST = re.compile(r"tests/[\w/]+\.py(?:::\w+)*(?:\[[^\]]*\])?")


def parsed(row: Row, text: str) -> Row:
    """The verdict of a mutant, as its text says it: `equivalent: why`, or `noticed by` tests."""
    equivalent, _, reason = text.partition(":")
    if equivalent.strip() == "equivalent":
        verdict, tests = "equivalent", list[str]()
    else:
        tests, reason = TEST.findall(text), TEST.sub("", text) if "noticed by" not in text else ""
        verdict = "noticed" if tests else "open"
    what = {name: row[name] for name in ("path", "before", "after")}
    return {**what, "verdict": verdict, "tests": tests, "reason": reason.strip()}


def add(folder: Path, files: Iterable[Path]) -> None:
    """Add the verdicts of files, `path:line | before -> after | verdict` a line; the last one of a mutant counts."""
    known = results(folder / "results.jsonl") or results(RESULTS)
    rows = {change(row): row for row in read(VERDICTS)}
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            text = line.strip().removeprefix("- ")
            found = [name for name in known if text.startswith(f"{name} | ")]
            if found:
                row = known[found[0]]
                rows[change(row)] = parsed(row, text.removeprefix(f"{key(row)} | "))
            elif text.startswith("convspec/"):
                print(f"no such mutant: {text}")
    write(VERDICTS, (rows[name] for name in sorted(rows)))
